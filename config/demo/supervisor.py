"""Keeps a handful of programs running, each in a process group of its own. It knows nothing of Django.

What ends is started again after a short, growing pause. What is unwell, or lost its first process, is first
ended as a whole group: killing only the head of qcluster would leave workers that nobody watches.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.demo.groups import dying_with_us, end_group

TICK = 0.1
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
STEADY_AFTER = 60.0  # whoever ran this long starts again with the shortest pause
PATIENCE = 4.0  # seconds between asking to stop and killing


def never_unwell(uptime: float) -> str:
    """For programs whose life is proof enough."""
    return ""


@dataclass(frozen=True)
class Program:
    """What to run. `unwell` gets the seconds since its start and says what is wrong, or nothing."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    log: Path | None = None  # none: it speaks where we speak
    unwell: Callable[[float], str] = never_unwell


@dataclass
class Running:
    """One program as it runs now; between two lives it has no process."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    starts: int = 0
    failures: int = 0
    due: float = 0.0

    @property
    def uptime(self) -> float:
        """Seconds since its latest start."""
        return time.monotonic() - self.started

    def start(self) -> None:
        """Run it in a session of its own: a Ctrl-C in the terminal reaches us only."""
        with self._output() as output:
            self.process = subprocess.Popen(
                self.program.command,
                cwd=self.program.directory,
                env=dict(self.program.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=dying_with_us(),  # noqa: PLW1509 - we start no threads
            )
        self.started, self.starts = time.monotonic(), self.starts + 1

    def _output(self) -> AbstractContextManager[IO[bytes] | None]:
        return self.program.log.open("ab") if self.program.log else nullcontext()

    def ended(self) -> bool:
        """Whether its first process is gone. It stays unreaped, so that its group's number stays ours."""
        if self.process is None:
            return True
        seen = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return seen is not None

    def ask_to_stop(self) -> None:
        """Ask its first process only: it stops its own children in order."""
        if self.process:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)

    def end(self) -> int | None:
        """End all of its group; the exit status of its first process."""
        if self.process is None:
            return None
        end_group(self.process.pid)
        status = self.process.wait()
        self.process = None
        return status


@dataclass
class Supervisor:
    """Starts programs, keeps them running, stops them all."""

    say: Callable[[str], None]
    keep_groups: Callable[[list[int]], None]  # so that a next run can end what we leave behind
    watched: list[Running] = field(default_factory=list)
    stopping: bool = False

    def add(self, program: Program) -> Running:
        """Start a program and keep it running from now on."""
        running = Running(program)
        self.watched.append(running)
        self._start(running)
        return running

    def stop_on(self, *signals: signal.Signals) -> None:
        """Leave `watch` and `pause` soon after one of these arrives."""
        for number in signals:
            signal.signal(number, self._stop)

    def _stop(self, number: int, frame: object) -> None:
        self.stopping = True

    def watch(self) -> None:
        """Keep everything running until told to stop."""
        while self.pause(TICK):
            self.look()

    def pause(self, seconds: float) -> bool:
        """Sleep; False when it is time to stop."""
        deadline = time.monotonic() + seconds
        while not self.stopping and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, TICK))
        return not self.stopping

    def look(self) -> None:
        """Once over all programs: end what is unwell, start what is due."""
        for running in self.watched:
            if running.process is None:
                if time.monotonic() >= running.due:
                    self._start(running)
            elif running.ended():
                self._end(running, "ended")
            elif reason := running.program.unwell(running.uptime):
                self._end(running, reason)

    def _start(self, running: Running) -> None:
        running.start()
        self._keep_groups()

    def _end(self, running: Running, reason: str) -> None:
        steady = running.uptime >= STEADY_AFTER
        status = running.end()
        running.failures = 1 if steady else running.failures + 1
        pause = pause_after(running.failures)
        running.due = time.monotonic() + pause
        self.say(f"{running.program.name} {reason} (exit status {status}); starting it again in {pause:g} s")
        self._keep_groups()

    def _keep_groups(self) -> None:
        self.keep_groups([running.process.pid for running in self.watched if running.process])

    def stop(self) -> None:
        """Ask all to stop, wait a little, end whoever is left."""
        for running in self.watched:
            running.ask_to_stop()
        deadline = time.monotonic() + PATIENCE
        while not all(running.ended() for running in self.watched) and time.monotonic() < deadline:
            time.sleep(TICK / 2)
        for running in self.watched:
            running.end()
        self._keep_groups()


def pause_after(failures: int) -> float:
    """0.5 s, 1 s, 2 s, … up to 15 s."""
    return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1)))
