"""What a demo runs: the sandbox systems, the preparation, the web server, the background work."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from config.demo import pulse
from config.demo.environment import environment_of, secrets_of, webhook_secrets_of, website_port, website_url
from config.demo.home import Home, NobodyLives
from config.demo.supervisor import Program

MAKES, UNASKED = "DJANGO_SUPERUSER_", {"--noinput", "--no-input"}
CODE = Path(__file__).resolve().parents[2]


class NoPassword(Exception):
    """Django would make an account that nobody can sign in to."""


def sandbox(home: Home, port: int) -> Program:
    """Every sandbox system, in one process."""
    arguments = ["--data", str(home.sandbox), "--port-base", str(port + 1)]
    return Program(
        name="sandbox",
        command=[sys.executable, "-m", "destinations.sandbox", *arguments],
        environment=environment_of(home, port, {}),
        directory=CODE,
        log=home.log("sandbox"),
    )


def preparation(home: Home, port: int, sandboxes: Mapping[str, str], patients: int) -> Program:
    """What must be done inside Django first; it talks to whoever started the demo."""
    told = {
        "LOG_LEVEL": "WARNING",  # it speaks to people
        "HEED_DEMO_PATIENTS": str(patients),
        "HEED_DEMO_SANDBOXES": json.dumps(dict(sandboxes)),
        "HEED_DEMO_WEBHOOK_SECRETS": json.dumps(webhook_secrets_of(home)),
        "HEED_DEMO_ADMIN_PASSWORD": secrets_of(home)["admin_password"],
        "HEED_DEMO_SITE": website_url(port),
    }
    return Program(
        name="preparation",
        command=[sys.executable, "manage.py", "demo", "--prepare"],
        environment=environment_of(home, port, sandboxes) | told,
        directory=CODE,
    )


def become(home: Home, arguments: Sequence[str]) -> NoReturn:
    """Go on as another command of `manage.py`, on this demo's data.

    Django's own `createsuperuser --noinput` is told whom to make by its environment. Raises NobodyLives
    before its first start, and NoPassword.
    """
    environment = home.read("environment.json")
    if environment is None:
        raise NobodyLives(f"no demo was started in {home.path} yet: start it first, or name another --data.")
    told = {name: value for name, value in os.environ.items() if name.startswith(MAKES)}
    if arguments[0] == "createsuperuser" and UNASKED & {*arguments} and not told.get(f"{MAKES}PASSWORD"):
        raise NoPassword(f"set {MAKES}PASSWORD as well: nobody can sign in without a password.")
    speaks_to_people = {"LOG_LEVEL": "WARNING"}
    command = [sys.executable, str(CODE / "manage.py"), *arguments]
    os.execve(sys.executable, command, environment | told | speaks_to_people)  # noqa: S606  # no shell is wanted


def web(home: Home, port: int, sandboxes: Mapping[str, str]) -> Program:
    """The web server."""
    return Program(
        name="web",
        command=[sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn"],
        environment=environment_of(home, port, sandboxes),
        directory=CODE,
        log=home.log("web"),
    )


def visitors(home: Home, port: int, sandboxes: Mapping[str, str], patients: int) -> Program:
    """People who book, click and look around: their events come in over HTTP."""
    told = {
        "HEED_DEMO_PATIENTS": str(patients),
        "HEED_DEMO_EVENTS_KEY": home.read("hospital.json")["events_key"],
    }
    return Program(
        name="visitors",
        command=[sys.executable, "-m", "config.demo.visitors"],
        environment=environment_of(home, port, sandboxes) | told,
        directory=CODE,
        log=home.log("visitors"),
    )


def website(home: Home, port: int, sandboxes: Mapping[str, str]) -> Program:
    """The clinic's website, which wears the banner."""
    hospital = home.read("hospital.json")
    told = {
        "HEED_DEMO_SITE_PORT": str(website_port(port)),
        "HEED_DEMO_BANNER_KEY": hospital["banner_key"],
        "HEED_DEMO_PORTAL_KEY": hospital["api_key"],
    }
    return Program(
        name="website",
        command=[sys.executable, "-m", "config.demo.website"],
        environment=environment_of(home, port, sandboxes) | told,
        directory=CODE,
        log=home.log("website"),
    )


def worker(home: Home, port: int, sandboxes: Mapping[str, str]) -> Program:
    """The background work."""
    return Program(
        name="worker",
        command=[sys.executable, "manage.py", "qcluster"],
        environment=environment_of(home, port, sandboxes),
        directory=CODE,
        log=home.log("worker"),
        unwell=partial(pulse.unwell, home.database),
    )
