"""`demo --run`: another command, on a demo's data, with what it is told by its environment."""

import os

import pytest

from config.demo.home import Home
from config.demo.programs import NoPassword, become

MAKE = ["createsuperuser", "--noinput"]


@pytest.fixture
def home(tmp_path):
    lived_in = Home(tmp_path / "demo")
    lived_in.path.mkdir()
    lived_in.write("environment.json", {"SECRET_KEY": "kept"})
    return lived_in


class Became(Exception):
    """The process went on as another program, with this environment."""


@pytest.fixture(autouse=True)
def nothing_is_run(monkeypatch):
    def execve(program, arguments, environment):
        raise Became(environment)

    monkeypatch.setattr(os, "execve", execve)


def test_who_is_made_without_a_question_has_the_password_that_was_set(home, monkeypatch):
    monkeypatch.setattr(os, "environ", {"DJANGO_SUPERUSER_PASSWORD": "ruth-1234", "SECRET_KEY": "another"})
    with pytest.raises(Became) as became:
        become(home, MAKE)

    [environment] = became.value.args
    assert environment["DJANGO_SUPERUSER_PASSWORD"] == "ruth-1234"
    assert environment["SECRET_KEY"] == "kept"


def test_nobody_is_made_who_could_not_sign_in(home, monkeypatch):
    monkeypatch.setattr(os, "environ", {"DJANGO_SUPERUSER_USERNAME": "ruth"})
    with pytest.raises(NoPassword, match="DJANGO_SUPERUSER_PASSWORD"):
        become(home, MAKE)
