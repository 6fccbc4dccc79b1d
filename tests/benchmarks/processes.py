"""Starting real servers in a temporary directory, and leaving nothing behind."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from config.demo.groups import dying_with_us, end_group

CODE = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
PATIENCE = 30.0


class DidNotStart(Exception):
    """A server did not come up; its log is in the message."""


@contextmanager
def process(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[int]:
    """`python <arguments>` in a group of its own, ended politely and then surely."""
    with log.open("ab") as output:
        started = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=CODE,
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=dying_with_us(),  # noqa: PLW1509 - one thread starts them all
        )
    try:
        yield started.pid
    finally:
        started.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            started.wait(15)
        end_group(started.pid)
        started.wait()


def announced(log: Path) -> dict[str, str]:
    """The line of JSON that a server prints once it listens."""
    for _ in _until():
        for line in log.read_text().splitlines() if log.exists() else ():
            with suppress(ValueError):
                found: dict[str, str] = json.loads(line)
                return found
    raise DidNotStart(log.read_text()[-2000:])


def wait_for_port(port: int, log: Path) -> None:
    """Until somebody listens."""
    for _ in _until():
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
    raise DidNotStart(log.read_text()[-2000:])


def _until() -> Iterator[None]:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        yield
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def gunicorn(
    app: Sequence[str], environment: Mapping[str, str], directory: Path, name: str = "web"
) -> Iterator[int]:
    """Heed's own gunicorn settings (2 workers × 4 threads) around some application; its port."""
    port, log = free_port(), directory / f"{name}.log"
    bound = {**environment, "WEB_BIND": f"{HOST}:{port}"}
    with process(["-m", "gunicorn", "-c", "python:config.gunicorn", *app], bound, log):
        wait_for_port(port, log)
        yield port
