"""`manage.py demo`: Heed with everything around it, on this machine alone."""

from argparse import REMAINDER, SUPPRESS
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo.home import Home, InUse, NobodyLives, NotOurs
from config.demo.prepare import prepare
from config.demo.programs import NoPassword, become
from config.demo.run import Demo, Failed
from destinations.sandbox.__main__ import COUNT as SANDBOXES


class Command(BaseCommand):
    """Supervise a whole Heed until Ctrl-C."""

    help = (
        "Run everything, with a synthetic hospital and sandbox systems to watch. Nothing leaves this machine."
    )
    requires_system_checks = []  # its processes have keys and a database of their own

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be chosen."""
        parser.add_argument(
            "--port",
            type=int,
            default=8000,
            help=f"Heed's port; its systems and website take the next {SANDBOXES + 1}",
        )
        parser.add_argument(
            "--data", type=Path, default=Path(".demo"), help="where everything is kept (.demo)"
        )
        parser.add_argument(
            "--patients", type=int, default=2000, help="how many, when the hospital is founded"
        )
        parser.add_argument("--reset", action="store_true", help="start over: delete what this demo kept")
        parser.add_argument(
            "--ready-file", type=Path, help="written once everything answers: addresses and keys"
        )
        parser.add_argument(
            "--run",
            nargs=REMAINDER,
            metavar="COMMAND",
            help="another command, with its options, on the demo's data; --data stands before it",
        )
        parser.add_argument("--prepare", action="store_true", help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it, or say in one line why not."""
        if options["prepare"]:
            prepare()
            return
        if options["run"]:
            self._become(Home(options["data"].resolve()), options["run"])
        if not 1024 <= options["port"] <= 65_000:
            raise CommandError("choose a --port from 1024 to 65000: the demo takes it and the next few")
        if options["patients"] < 3:
            raise CommandError("choose at least 3 --patients: the one who is shown has a family")
        demo = Demo(
            home=Home(options["data"].resolve()),
            port=options["port"],
            patients=options["patients"],
            say=self._say,
            ready_file=options["ready_file"],
            reset=options["reset"],
        )
        try:
            demo.run()
        except (Failed, InUse, NotOurs) as reason:
            raise CommandError(str(reason)) from None

    def _become(self, home: Home, arguments: list[str]) -> NoReturn:
        try:
            become(home, arguments)
        except (NobodyLives, NoPassword) as reason:
            raise CommandError(str(reason)) from None

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
