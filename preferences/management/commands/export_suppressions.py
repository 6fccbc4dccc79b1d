"""`manage.py export_suppressions`: write a list to a file, whole or not at all."""

import getpass
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from preferences import lists
from preferences.errors import Refused
from preferences.list_forms import FORMS, in_pieces
from preferences.lists import Complete, Line, Wanted
from preferences.services import log_view
from preferences.terms import ANY

PAUSE = 5.0  # seconds between two lines of progress


class Command(BaseCommand):
    """Write who is out to a file that appears when it is complete, with its checksum beside it."""

    help = "Write who is out, per category and channel, to a file: everybody, or what has changed since."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--category", default=ANY, help="a slug; without it, every category")
        parser.add_argument("--channel", default=ANY, help="one channel; without it, every channel")
        parser.add_argument("--since", default="", help="the cursor that an earlier list ended with")
        parser.add_argument("--format", choices=list(FORMS), default="ndjson")
        parser.add_argument("--output", type=Path, help="a file; without it, standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Progress goes to standard error. The view log notes who ran it, and how many rows left."""
        try:
            wanted = lists.wanted(options["category"], options["channel"], options["since"])
        except Refused as refused:
            raise CommandError(f"{refused.message}.") from None
        found = lists.count(wanted)
        log_view(actor=f"{_who()} at the command line", page="export_suppressions", found=found)
        pieces = in_pieces(FORMS[options["format"]].write(self._watched(wanted, options["verbosity"])))
        if options["output"] is None:
            for piece in pieces:
                self.stdout.write(piece.decode(), ending="")
            return
        try:
            _save(pieces, options["output"])
        except OSError as error:
            raise CommandError(f"{options['output']} can't be written: {error.strerror}.") from None

    def _watched(self, wanted: Wanted, verbosity: int) -> Iterator[Line | Complete]:
        told, rows = time.monotonic(), 0
        for rows, entry in enumerate(lists.read(wanted), start=1):
            yield entry
            if verbosity and time.monotonic() - told >= PAUSE:
                told = time.monotonic()
                self.stderr.write(f"so far {rows:,} rows")
        if verbosity:
            self.stderr.write(f"{rows - 1:,} rows, complete")


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return f"user {os.getuid()}"


def _save(pieces: Iterator[bytes], path: Path) -> None:
    """The checksum first: between the two the old file does not fit it, so nobody takes one for the other."""
    digest = hashlib.sha256()
    with _replacing(path) as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
        with _replacing(path.with_name(f"{path.name}.sha256")) as sums:
            sums.write(f"{digest.hexdigest()}  {path.name}\n".encode())


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file for its owner only, that takes its place once it is on the disk."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    _sync(path.parent)


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
