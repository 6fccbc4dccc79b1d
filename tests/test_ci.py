"""What CI runs is what the README says."""

import os
import re
import subprocess

import pytest
from django.conf import settings

README = (settings.BASE_DIR / "README.md").read_text()
CI = settings.BASE_DIR / ".ci" / "run"


def commands() -> list[str]:
    """The commands that the README asks for."""
    return re.findall(r"```sh\n(.+?)\n```", README, re.DOTALL)


def test_the_readme_has_two_commands_for_a_clean_clone():
    demo, test = commands()

    assert demo.startswith("python3.11 -m venv .venv && .venv/bin/pip install -q -r requirements.txt")
    assert demo.endswith(".venv/bin/python manage.py demo")
    assert test.startswith("python3.11 -m venv .venv && .venv/bin/pip install -q -r requirements-dev.txt")
    assert test.endswith(".venv/bin/python -m pytest -n auto")


def test_ci_runs_the_readmes_test_command_word_for_word():
    told = subprocess.run([CI, "--readme-command"], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == commands()[1]


def test_ci_can_be_started():
    assert os.access(CI, os.X_OK)
    subprocess.run(["bash", "-n", CI], check=True)


@pytest.mark.parametrize(
    "step", ["ruff check", "ruff format --check", "mypy", "lint-imports", "--deploy", "-m browser"]
)
def test_ci_holds_everything_that_a_commit_must(step):
    assert step in CI.read_text()
