"""A partner who is given suppression files in a directory (RFC 4180), and takes in each one that is new."""

import csv
import hashlib
from contextlib import suppress
from pathlib import Path

from destinations.sandbox.addresses import filed_as
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox

FILE = "file"


class FilesSandbox(Sandbox):
    """Heed writes files, nobody calls; over HTTP it is watched, and its files are read. It has no seeds."""

    slug, name, kind = "csv", "Suppression files", "File"
    found_by, unknown = ("email", "phone"), "in no file"

    def __init__(self, path: str | Path = ":memory:", directory: Path = Path("files")) -> None:
        super().__init__(path)
        self.directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def refused(self, request: Request) -> Answer | None:
        """Whoever is on this machine may read."""
        return None

    def error(self, status: int, message: str = "") -> Answer:
        """In plain words."""
        return Answer(status, {"error": message or f"refused with {status}"})

    @route("GET", "/files")
    def listed(self, request: Request) -> Answer:
        """What has been taken in, and how many lines it had."""
        self._take_in()
        return Answer(body={each["file"]: len(each["addresses"]) for each in self.store.all(FILE)})

    def found(self, under: list[str]) -> Found:
        """The files in which one of these addresses stands."""
        self._take_in()
        files = self.store.filed(FILE, under)
        listed = [{"file": each["file"], "lines": len(each["addresses"])} for each in files]
        return Found({"listed": listed} if listed else {}, under)

    def believes(self, record: Document) -> list[Belief]:
        """File by file."""
        if not record:
            return [Belief("Suppression files", "in none of them", True)]
        return [Belief(each["file"], "listed", False) for each in record["listed"]]

    def plant(self, kind: str, document: Document) -> str:
        """Only files count."""
        raise Unreadable("there are no seeds: put a file into the directory")

    def _take_in(self) -> None:
        """A file that does not fit its checksum is half of two: it waits."""
        for path in sorted(self.directory.glob("*.csv")):
            with suppress(FileNotFoundError):
                body, sums = path.read_bytes(), path.with_name(f"{path.name}.sha256").read_text()
                if hashlib.sha256(body).hexdigest() in sums:
                    self._taken_in(path.name, body)

    def _taken_in(self, name: str, body: bytes) -> None:
        mark = hashlib.sha256(body).hexdigest()
        known = self.store.get(FILE, name) or {"mark": "", "addresses": []}
        if known["mark"] == mark:
            return
        rows = list(csv.reader(body.decode().splitlines()))[1:]
        words = [filed_as("email" if "@" in row[0] else "phone", row[0]) for row in rows if row]
        for word in set(words) ^ set(known["addresses"]):
            self.store.wrote(word)
        self.store.put(FILE, name, {"file": name, "mark": mark, "addresses": words}, words)
