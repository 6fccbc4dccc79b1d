"""`manage.py verify_ledger`: prove that nobody has altered what was recorded."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from preferences.verify import verify

PAUSE = 5.0  # seconds between two lines of progress


class Command(BaseCommand):
    """Read the whole ledger and say what is wrong, and with whom."""

    help = "Prove the ledger: recompute every chain, rebuild what is kept of it, and compare. It only reads."

    def handle(self, *args: Any, **options: Any) -> None:
        """Findings to standard output as they come, progress to standard error; 1 where anything is wrong."""
        subjects = changes = wrong = 0
        told = time.monotonic()
        for checked in verify():
            subjects, changes = subjects + checked.subjects, changes + checked.changes
            for finding in checked.findings:
                self.stdout.write(f"{finding.subject}: {finding.what}")
                wrong += 1
            if options["verbosity"] and time.monotonic() - told >= PAUSE:
                told = time.monotonic()
                self.stderr.write(f"so far {changes:,} entries about {subjects:,} people and identifiers")
        so_much = f"{changes:,} entries about {subjects:,} people and identifiers"
        if wrong:
            raise CommandError(f"{wrong:,} findings in {so_much}")
        self.stdout.write(f"The ledger is whole: {so_much}.")
