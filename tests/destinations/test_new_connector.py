"""The files that a new connector starts from."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).parents[2]
RUN = """
import sys, pytest, destinations.connectors, destinations.sandbox
into = sys.argv[1]
destinations.connectors.__path__.append(f"{into}/destinations/connectors")
destinations.sandbox.__path__.append(f"{into}/destinations/sandbox")
tests = f"{into}/tests/destinations/connectors"
plugin = "tests.destinations.connectors.conftest"
sys.exit(pytest.main(["-q", "-n0", "-p", plugin, "-p", "no:cacheprovider", tests]))
"""
GUARD = """
import os, sys
from pathlib import Path
import django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
import destinations.connectors, destinations.sandbox
into = Path(sys.argv[1])
destinations.connectors.__path__.append(str(into / "destinations/connectors"))
destinations.sandbox.__path__.append(str(into / "destinations/sandbox"))
from destinations.connectors.mailkite import Mailkite
from tests.destinations.connectors import test_declared as declared
from tests.destinations.connectors import test_every_connector as every
from tests.destinations.connectors import test_published as published
destinations.connectors.CONNECTORS["mailkite"] = connector = Mailkite()
every.DOCS, published.FIXTURES = into / "docs/connectors", into / "tests/destinations/connectors/fixtures"
for module in (every, declared, published):
    for name, test in vars(module).items():
        takes = test.__code__.co_varnames[: test.__code__.co_argcount] if name.startswith("test_") else ()
        if takes == ("connector",) and "documentation_says" not in name:
            test(connector)
"""


def test_what_is_written_passes_its_own_tests_as_it_is(tmp_path):
    call_command("new_connector", "Mail-Kite 2", into=tmp_path, verbosity=0)
    ran = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-2000:]
    assert "passed" in ran.stdout


def test_what_is_written_is_all_that_each_connector_must_have(tmp_path):
    call_command("new_connector", "Mailkite", into=tmp_path, verbosity=0)
    ran = subprocess.run(
        [sys.executable, "-c", GUARD, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-2000:]


def test_what_is_written_is_as_the_house_wants_it(tmp_path):
    call_command("new_connector", "Mailkite", into=tmp_path, verbosity=0)
    ruff = [sys.executable, "-m", "ruff", "--config", str(ROOT / "pyproject.toml")]
    for how in (["check"], ["format", "--check"]):
        checked = subprocess.run(
            [*ruff[:3], *how, *ruff[3:], str(tmp_path / "destinations")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout


def test_nothing_that_stands_is_written_over(tmp_path):
    call_command("new_connector", "Mailkite", into=tmp_path, verbosity=0)
    page = tmp_path / "docs/connectors/mailkite.md"
    page.write_text("ours")
    with pytest.raises(CommandError, match="stand already"):
        call_command("new_connector", "Mailkite", into=tmp_path)
    assert page.read_text() == "ours"


@pytest.mark.parametrize("name", ["", "9lives", "!!", "x" * 60])
def test_a_name_that_cannot_be_one_is_refused(tmp_path, name):
    with pytest.raises(CommandError, match="begins with a letter"):
        call_command("new_connector", name, into=tmp_path)
    assert not any(tmp_path.iterdir())


def test_a_checkout_without_keys_has_all_that_it_needs(tmp_path):
    keys = {"SECRET_KEY", "HEED_KEYS", "DATABASE_URL", "REDIS_URL"}
    without = {name: value for name, value in os.environ.items() if name not in keys}
    command = [sys.executable, "manage.py", "new_connector", "Mailkite", "--into", str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, env=without, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr[-2000:]
    assert (tmp_path / "destinations/connectors/mailkite.py").exists()
