"""The order of a demo: sandboxes, preparation, web and worker; then watching over them."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from config.demo import answers, environment, programs, pulse
from config.demo.groups import end_leftovers
from config.demo.home import Home, write_whole
from config.demo.supervisor import TICK, Running, Supervisor
from config.demo.visit import visit, welcome

SOON = 90.0
FIRST_HEARTBEAT = 10.0
PREPARATION = 3600.0


class Failed(Exception):
    """The demo can't start; the message is for the person who started it."""


class Stopped(Exception):
    """The person changed their mind while it was starting."""


@dataclass
class Demo:
    """One demo, from its start to its stop."""

    home: Home
    port: int
    patients: int
    say: Callable[[str], None]
    ready_file: Path | None = None
    reset: bool = False
    sandboxes: dict[str, str] = field(default_factory=dict)
    supervisor: Supervisor = field(init=False)

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.say, partial(self.home.write, "groups.json"))

    def run(self) -> None:
        """Serve until SIGINT, SIGTERM or SIGHUP. Raises Failed, InUse or NotOurs."""
        self._claim()
        self.supervisor.stop_on(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        try:
            self._start()
            self.supervisor.watch()
        except Stopped:
            pass
        finally:
            self._stop()

    def _claim(self) -> None:
        """Take the directory and the ports, or say why not before anything is started or written."""
        os.umask(0o077)
        if self.home.exists():
            self.home.lock()
            end_leftovers(self.home.read("groups.json") or [], environment.mark_of(self.home))
        if busy := environment.first_busy(self.port):
            raise Failed(
                f"port {busy} is busy: the demo needs {self.port} to {environment.website_port(self.port)}. "
                "Stop what listens there, or choose other ports with --port."
            )
        if not self.reset and environment.is_older(self.home):
            raise Failed(f"what {self.home.path} holds is of an earlier version: --reset starts over.")
        self.home.move_in(anew=self.reset)
        self._forget_ready_file()  # a killed demo leaves it behind, and it would speak too early

    def _start(self) -> None:
        self.say(f"Heed's demo, in {environment.seen_from_here(self.home.path)}")
        if self.home.read("hospital.json") is None:
            self.home.begin_anew()  # a new directory, or a preparation that was cut short
        self._start_sandboxes()
        self.home.write("environment.json", environment.environment_of(self.home, self.port, self.sandboxes))
        self._prepare()
        self._start_heed()
        self.supervisor.add(programs.visitors(self.home, self.port, self.sandboxes, self.patients))
        told = visit(self.home, self.port, self.sandboxes)
        if self.ready_file:
            write_whole(self.ready_file, told)
        self.say(welcome(told, self.home))

    def _start_sandboxes(self) -> None:
        self.say("  Starting the sandbox systems")
        log = self.home.log("sandbox")
        log.unlink(missing_ok=True)
        self.supervisor.add(programs.sandbox(self.home, self.port))
        self._wait(
            lambda: bool(answers.announced(log)), SOON, f"the sandbox systems do not answer: see {log}"
        )
        self.sandboxes = answers.announced(log)

    def _prepare(self) -> None:
        preparing = Running(programs.preparation(self.home, self.port, self.sandboxes, self.patients))
        preparing.start()
        try:
            self._wait(preparing.ended, PREPARATION, "the preparation takes too long")
        finally:
            status = preparing.end()
        if status != 0:
            raise Failed("the preparation failed; what it said stands above.")

    def _start_heed(self) -> None:
        self.say("  Starting the web server and the background work")
        self.supervisor.add(programs.web(self.home, self.port, self.sandboxes))
        self.supervisor.add(programs.website(self.home, self.port, self.sandboxes))
        worker = self.supervisor.add(programs.worker(self.home, self.port, self.sandboxes))
        self._wait(self._everything_answers, SOON, f"Heed does not answer: see {self.home.log('web')}")
        while worker.uptime < FIRST_HEARTBEAT and pulse.silence(self.home.database) > worker.uptime:
            self._go_on()

    def _everything_answers(self) -> bool:
        others = [*self.sandboxes.values(), environment.website_url(self.port)]
        return answers.all_listen(others) and answers.web_answers(self.port)

    def _wait(self, until: Callable[[], bool], patience: float, otherwise: str) -> None:
        for _ in range(int(patience / TICK)):
            if until():
                return
            self._go_on()
        raise Failed(otherwise)

    def _go_on(self) -> None:
        if not self.supervisor.pause(TICK):
            raise Stopped
        self.supervisor.look()

    def _forget_ready_file(self) -> None:
        if self.ready_file:
            self.ready_file.unlink(missing_ok=True)

    def _stop(self) -> None:
        self._forget_ready_file()
        self.supervisor.stop()
        self.say("Heed's demo has stopped.")
