"""The supervisor keeps its programs running, and leaves nobody behind. With real processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.demo.groups import end_leftovers, members
from config.demo.supervisor import pause_after
from tests.config.demo.conftest import runs, wait_until

SLEEPS = "import time; time.sleep(60)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True);" + SLEEPS
# A head with a child that it would have to look after: qcluster in small.
HEAD = (
    "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
)
HEAD += "; print(child.pid, flush=True); child.wait()"


def keep_looking(supervisor, condition, seconds=8.0):
    """Let the supervisor work until something is true."""

    def look():
        supervisor.look()
        return condition()

    return wait_until(look, seconds)


def first_number(log):
    """The first number that a program printed, once it did."""
    return wait_until(lambda: log.exists() and log.read_text().split() and int(log.read_text().split()[0]))


def test_what_is_killed_is_started_again(supervisor, program, kill):
    running = supervisor.add(program(SLEEPS))
    first = running.process.pid

    kill(first)

    keep_looking(supervisor, lambda: running.starts == 2)
    assert running.process.pid != first
    assert runs(running.process.pid)


def test_what_ends_by_itself_is_started_again_too(supervisor, program):
    running = supervisor.add(program("pass"))

    keep_looking(supervisor, lambda: running.starts == 3)

    assert running.failures >= 2


def test_the_pause_before_another_start_grows_but_not_for_ever():
    assert [pause_after(failures) for failures in (1, 2, 3, 4)] == [0.5, 1, 2, 4]
    assert pause_after(50) == 15


def test_nothing_is_started_again_before_its_pause_is_over(supervisor, program, kill):
    running = supervisor.add(program(SLEEPS))
    kill(running.process.pid)

    keep_looking(supervisor, lambda: running.process is None)
    supervisor.look()

    assert running.starts == 1


def test_when_its_head_is_killed_the_whole_group_ends(supervisor, program, kill, tmp_path):
    running = supervisor.add(program(HEAD))
    child = first_number(tmp_path / "log")

    kill(running.process.pid)
    keep_looking(supervisor, lambda: running.process is None)

    wait_until(lambda: not runs(child))


def test_what_is_unwell_is_ended_as_a_group_and_started_anew(supervisor, program, tmp_path):
    said: list[str] = []
    supervisor.say = said.append
    sick = program(HEAD, unwell=lambda uptime: "is silent" if uptime > 0.5 and len(said) == 0 else "")
    running = supervisor.add(sick)
    child = first_number(tmp_path / "log")

    keep_looking(supervisor, lambda: running.starts == 2)

    assert not runs(child)
    assert "small is silent" in said[0]


def test_stopping_ends_even_the_deaf_within_five_seconds(supervisor, program, tmp_path):
    obedient, deaf = supervisor.add(program(SLEEPS, log=tmp_path / "other")), supervisor.add(program(DEAF))
    pids = [obedient.process.pid, deaf.process.pid]
    wait_until(lambda: "deaf" in (tmp_path / "log").read_text())
    started = time.monotonic()

    supervisor.stop()

    assert time.monotonic() - started < 5
    assert not any(map(runs, pids))


def test_a_signal_ends_the_watch(supervisor, program):
    before = signal.getsignal(signal.SIGUSR1)
    supervisor.add(program(SLEEPS))
    supervisor.stop_on(signal.SIGUSR1)
    try:
        signal.raise_signal(signal.SIGUSR1)
        supervisor.watch()
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert supervisor.stopping


SUPERVISES = """
import os, sys
from pathlib import Path
from config.demo.supervisor import Program, Supervisor
here = Path(sys.argv[1])
groups = lambda found: (here / "groups").write_text(" ".join(map(str, found)))
supervisor = Supervisor(print, groups)
supervisor.add(Program("small", [sys.executable, "-c", sys.argv[2]], os.environ, here, here / "log"))
supervisor.watch()
"""


@pytest.fixture
def killed_supervisor(tmp_path, settings):
    """Runs a program under a supervisor that is then killed; answers with the program's group."""

    def kill(source):
        environment = {**os.environ, "PYTHONPATH": str(settings.BASE_DIR), "HEED_DEMO": str(tmp_path)}
        command = [sys.executable, "-c", SUPERVISES, str(tmp_path), source]
        with subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR) as supervisor:
            groups = tmp_path / "groups"
            wait_until(lambda: groups.exists() and groups.read_text(), 10)
            wait_until((tmp_path / "log").exists)
            ready = "deaf" if source == DEAF else ""
            wait_until(lambda: ready in (tmp_path / "log").read_text())
            supervisor.kill()
        return int(groups.read_text())

    return kill


def test_when_the_supervisor_itself_is_killed_nothing_lingers(killed_supervisor):
    group = killed_supervisor(SLEEPS)

    wait_until(lambda: not runs(group))


def test_what_lingers_all_the_same_is_ended_by_the_next_run(killed_supervisor, tmp_path):
    group = killed_supervisor(DEAF)
    assert runs(group)

    ended = end_leftovers([group], f"HEED_DEMO={tmp_path}")

    assert ended == 1
    assert not runs(group)


def test_a_process_of_somebody_else_with_the_same_number_is_left_alone(supervisor, program):
    running = supervisor.add(program(SLEEPS))
    group = running.process.pid
    mark = wait_until(lambda: members(group, f"HEED_DEMO={Path(running.program.directory)}"))

    assert mark == [group]
    assert end_leftovers([group], "HEED_DEMO=/elsewhere") == 0
    assert runs(group)
