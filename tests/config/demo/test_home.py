"""A demo's directory: for its owner only, one demo at a time, and nothing of others is ever touched."""

import stat
import subprocess
import sys

import pytest

from config.demo.environment import environment_of, secrets_of
from config.demo.home import Home, InUse, NotOurs, write_whole


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "demo")


def test_nobody_else_may_look_inside(home):
    home.move_in()
    secrets_of(home)

    assert mode(home.path) == 0o700
    assert mode(home.path / "secrets.json") == 0o600


def test_keys_are_made_once(home, tmp_path):
    home.move_in()

    assert secrets_of(home) == secrets_of(home)
    other = Home(tmp_path / "other")
    other.move_in()
    assert secrets_of(other)["heed_keys"] != secrets_of(home)["heed_keys"]


def test_only_one_demo_lives_in_it(home):
    home.move_in()

    with pytest.raises(InUse, match="stop it first"):
        Home(home.path).lock()


def test_a_killed_demo_leaves_it_free(home, settings):
    move_in = (
        "import sys, pathlib; from config.demo.home import Home; Home(pathlib.Path(sys.argv[1])).move_in()"
    )
    subprocess.run([sys.executable, "-c", move_in, str(home.path)], cwd=settings.BASE_DIR, check=True)

    assert home.exists()
    home.lock()


def test_a_directory_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(NotOurs, match="--data"):
        Home(tmp_path).exists()


def test_starting_over_deletes_what_a_demo_wrote_and_nothing_else(home):
    home.move_in()
    secrets_of(home)
    for name in ("heed.sqlite3", "heed.sqlite3-wal", "hospital.json", "notes of mine.txt"):
        (home.path / name).write_text("x")

    home.move_in(anew=True)

    assert sorted(path.name for path in home.path.iterdir()) == [
        "lock",
        "logs",
        "mail",
        "notes of mine.txt",
        "sandbox",
        "static",
    ]


def test_a_preparation_that_was_cut_short_begins_anew_with_the_same_keys(home):
    home.move_in()
    kept = secrets_of(home)
    home.database.write_text("half of it")
    (home.sandbox / "sendgrid.sqlite3").write_text("half of it")

    home.begin_anew()

    assert not home.database.exists()
    assert not list(home.sandbox.iterdir())
    assert secrets_of(home) == kept


def test_a_file_is_replaced_whole_and_for_its_owner_only(tmp_path):
    file = tmp_path / "ready.json"
    file.write_text("old")
    file.chmod(0o644)

    write_whole(file, {"new": True})

    assert mode(file) == 0o600
    assert file.read_text() == '{\n  "new": true\n}\n'
    assert [path.name for path in tmp_path.iterdir()] == ["ready.json"]


def test_the_environment_is_complete_whatever_the_caller_has_set(home, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://production")
    monkeypatch.setenv("DATABASE_URL", "postgres://production")
    monkeypatch.setenv("HEED_KEYS", "production")
    home.move_in()

    environment = environment_of(
        home, 8000, {"fhir": "http://127.0.0.1:8003", "systems": "http://127.0.0.1:8005"}
    )

    assert "production" not in "".join(environment.values())
    assert environment["HEED_PRIVATE_HOSTS"] == '{"fhir": ["127.0.0.1:8003"]}'
    assert environment["HEED_SYSTEMS_URL"] == "http://127.0.0.1:8005/systems"
