"""Heed refuses to start rather than start without its keys, and says what to do."""

import base64
import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

from config import checks

A_KEY = base64.b64encode(b"k" * 32).decode()


def ids(messages):
    return [message.id for message in messages]


def test_it_refuses_to_start_without_a_secret_key(settings):
    settings.SECRET_KEY = ""

    [problem] = checks.secret_key()

    assert problem.id == "heed.E001"
    assert "Set SECRET_KEY" in str(problem.hint)


@pytest.mark.parametrize(
    "keys",
    [
        [],
        ["k1"],
        [A_KEY],
        [f":{A_KEY}"],
        ["k1:not base64"],
        ["k1:" + base64.b64encode(b"short").decode()],
        [f"k1:{A_KEY}", f"k1:{A_KEY}"],
    ],
)
def test_it_refuses_to_start_without_proper_keys(settings, keys):
    settings.HEED_KEYS = keys

    [problem] = checks.heed_keys()

    assert problem.id == "heed.E002"
    assert "Set HEED_KEYS" in str(problem.hint)
    with pytest.raises(ImproperlyConfigured, match="E002"):
        checks.refuse_to_start_without_keys()


def test_proper_keys_are_fine(settings):
    settings.HEED_KEYS = [f"k2:{A_KEY}", f"k1:{A_KEY}"]

    assert checks.heed_keys() == []
    checks.refuse_to_start_without_keys()


@pytest.mark.parametrize(
    "door", [["manage.py", "check"], ["manage.py", "qcluster"], ["-c", "import config.wsgi"]]
)
def test_every_door_stays_shut_without_keys(door):
    environment = {**os.environ, "SECRET_KEY": "", "HEED_KEYS": ""}

    ended = subprocess.run(
        [sys.executable, *door],
        env=environment,
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode != 0
    assert "heed.E001" in ended.stderr
    assert "heed.E002" in ended.stderr


def test_the_worker_refuses_a_connection_pool(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES, "default", {"OPTIONS": {"pool": True}})

    monkeypatch.setattr(sys, "argv", ["manage.py", "qcluster"])
    assert ids(checks.pool_in_worker()) == ["heed.E003"]
    monkeypatch.setattr(sys, "argv", ["manage.py", "check"])
    assert checks.pool_in_worker() == []


def test_debug_is_reported_before_going_live(settings):
    settings.DEBUG = True

    assert ids(checks.debug()) == ["heed.W001"]


@pytest.mark.parametrize(
    "url", ["http://heed.example.org", "https://localhost", "https://127.0.0.1:8000", ""]
)
def test_links_must_lead_somewhere_safe(settings, url):
    settings.PUBLIC_URL = url

    assert ids(checks.public_url()) == ["heed.W002"]


def test_answered_changes_must_survive_a_power_cut(settings, monkeypatch):
    careless = {"ENGINE": "sqlite", "OPTIONS": {"init_command": "PRAGMA synchronous=NORMAL;"}}
    monkeypatch.setitem(settings.DATABASES, "default", careless)

    assert ids(checks.durable()) == ["heed.W003"]
