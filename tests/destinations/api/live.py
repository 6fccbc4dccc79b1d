"""A real server: gunicorn on a SQLite file of its own, as one machine runs it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MAKE_KEY = """
from preferences import services
from preferences.models import Source
from preferences.terms import Scope, SourceKind
source = Source.objects.create(slug="live", name="Live", kind=SourceKind.PARTNER, speaks_for_person=True)
print(services.issue_key(source=source, name="tests", scopes=list(Scope)).secret)
"""


ALLOW_EVENTS = """
from tests.governance.listing import allow
allow()
allow("page_viewed", {"name": "plain"}, categories=[])
"""


@dataclass(frozen=True)
class Server:
    """Where it answers, a key with all scopes, its shell, its log, and how to kill -9 and start it."""

    url: str
    key: str
    shell: Callable[[str], str]
    restart: Callable[[], None]
    log: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own loopback
                return
        except OSError:  # not yet, or the machine is busy
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    port = free_port()
    data = tmp_path_factory.mktemp("live")
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{data}/heed.sqlite3",
        "SQLITE_SYNCHRONOUS": "OFF",
        "REDIS_URL": "",
        "WEB_BIND": f"127.0.0.1:{port}",
        "LOG_LEVEL": "INFO",
    }
    log = data / "log"

    def manage(*words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def shell(code: str) -> str:
        """The last line that it prints."""
        return ([*manage("shell", "--no-imports", "-c", code).splitlines()] or [""])[-1]

    manage("migrate", "--verbosity", "0")
    key = shell(MAKE_KEY)
    shell(ALLOW_EVENTS)
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn"]
    running: list[subprocess.Popen[bytes]] = []

    def restart() -> None:
        if running:
            os.killpg(running[-1].pid, signal.SIGKILL)
            running.pop().wait()
        with log.open("ab") as end:
            running.append(
                subprocess.Popen(command, cwd=ROOT, env=environment, stderr=end, start_new_session=True)
            )
        wait_for(f"http://127.0.0.1:{port}/healthz", running[-1])

    try:
        restart()
        yield Server(f"http://127.0.0.1:{port}", key, shell, restart, log)
    finally:
        for process in running:
            process.terminate()
            process.wait(timeout=20)
