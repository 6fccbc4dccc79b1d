"""`manage.py doctor`: everything that an operator would look at, each with what to do."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from config.doctor import Finding, Level, examine

MARKS = {Level.OK: "ok", Level.WARN: "look", Level.WRONG: "WRONG"}


class Command(BaseCommand):
    """It only reads, names nobody, and may run at any time."""

    help = (
        "Look at everything an operator would: what is wrong, and what to do. Exit status 1 if anything is."
    )
    requires_system_checks: list[str] = []  # they are part of what is looked at

    def add_arguments(self, parser: ArgumentParser) -> None:
        """For people, or for machines."""
        parser.add_argument("--json", action="store_true", help="a list of findings, for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        """1 where something is wrong; what only wants looking at is no failure."""
        found = examine()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(each) for each in found], indent=2))
        else:
            for each in found:
                self._say(each)
        if any(each.level == Level.WRONG for each in found):
            sys.exit(1)

    def _say(self, each: Finding) -> None:
        self.stdout.write(f"{MARKS[each.level]:<6}{each.check}: {each.words}")
        if each.remedy:
            self.stdout.write(f"      → {each.remedy}")
