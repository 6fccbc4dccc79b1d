"""`manage.py verify_lists`: do the lists of who is out say what decisions say?"""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from preferences.services import rebuild_standing
from preferences.verify_lists import verify_lists

PAUSE = 5.0  # seconds between two lines of progress


class Command(BaseCommand):
    """Compare the lists with decisions for everybody, and have them made again where they differ."""

    help = "Compare the lists of who is out with what decisions say, about everybody. It only reads."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--mend", action="store_true", help="have everybody looked at again where anything is wrong"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Findings to standard output as they come, progress to standard error; 1 where anything is wrong."""
        looked = waiting = wrong = 0
        told = time.monotonic()
        for compared in verify_lists():
            looked, waiting = looked + compared.identifiers, waiting + compared.waiting
            wrong += len(compared.wrong)
            for pk in compared.wrong:
                self.stdout.write(f"{pk}: the lists say otherwise than a decision")
            if options["verbosity"] and time.monotonic() - told >= PAUSE:
                told = time.monotonic()
                self.stderr.write(f"so far {looked:,} people and addresses")
        so_much = f"{looked:,} people and addresses"
        if waiting:
            self.stderr.write(
                f"{waiting:,} wait to be marked: the background work will bring them up to date"
            )
        if not wrong:
            self.stdout.write(f"The lists say what decisions say: {so_much}.")
        elif options["mend"]:
            rebuild_standing()
            self.stdout.write(
                f"{wrong:,} of {so_much} are listed wrongly: everybody is being looked at again."
            )
        else:
            raise CommandError(f"{wrong:,} of {so_much} are listed wrongly: --mend has them listed anew")
