"""Real processes, small ones, that never outlive their test."""

import os
import signal
import sys
import time
from contextlib import suppress

import pytest

from config.demo.supervisor import Program, Supervisor


def wait_until(condition, seconds=5.0):
    """What `condition` answers, as soon as that is true."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return answer


def runs(pid):
    """Whether the process does anything yet (a zombie does not)."""
    with suppress(OSError), open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture
def program(tmp_path):
    """A program in Python, by its source."""

    def make(source, **more):
        environment = {**os.environ, "HEED_DEMO": str(tmp_path)}
        command = [sys.executable, "-c", source]
        more = {"log": tmp_path / "log", **more}
        return Program("small", command, environment, tmp_path, **more)

    return make


@pytest.fixture
def supervisor():
    """A supervisor, whose programs end with the test."""
    made = Supervisor(say=lambda words: None, keep_groups=lambda groups: None)
    yield made
    for running in made.watched:
        running.end()


@pytest.fixture
def kill():
    """Kill a process as nobody expects it."""
    return lambda pid: os.kill(pid, signal.SIGKILL)
