"""`demo --run`: another command, on a demo's data, with what it is told by its environment."""

import os

import pytest

from config.demo import programs
from config.demo.home import Home
from config.demo.programs import NoPassword, become

MAKE = ["createsuperuser", "--noinput"]


@pytest.fixture
def home(tmp_path):
    lived_in = Home(tmp_path / "demo")
    lived_in.path.mkdir()
    lived_in.write("environment.json", {"SECRET_KEY": "kept"})
    return lived_in


@pytest.fixture
def became(monkeypatch):
    """What the process would go on with."""
    environments = []
    monkeypatch.setattr(programs.os, "execve", lambda _, __, environment: environments.append(environment))
    return environments


def test_who_is_made_without_a_question_has_the_password_that_was_set(home, became, monkeypatch):
    monkeypatch.setattr(os, "environ", {"DJANGO_SUPERUSER_PASSWORD": "ruth-1234", "SECRET_KEY": "another"})
    become(home, MAKE)

    assert became[0]["DJANGO_SUPERUSER_PASSWORD"] == "ruth-1234"
    assert became[0]["SECRET_KEY"] == "kept"


def test_nobody_is_made_who_could_not_sign_in(home, became, monkeypatch):
    monkeypatch.setattr(os, "environ", {"DJANGO_SUPERUSER_USERNAME": "ruth"})
    with pytest.raises(NoPassword, match="DJANGO_SUPERUSER_PASSWORD"):
        become(home, MAKE)

    assert not became
