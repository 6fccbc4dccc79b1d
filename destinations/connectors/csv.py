"""Suppression files (RFC 4180): everyone who is out, one address a line."""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from destinations.contract import (
    Answer,
    By,
    Call,
    Checked,
    Connector,
    Delivery,
    Done,
    Glyph,
    Held,
    Kind,
    Later,
    Listed,
    Probe,
    Reason,
    Refused,
    Setting,
    Settings,
    Steps,
    Stranger,
    Stuck,
    Target,
    Wanted,
    ask,
    by_status,
)

DELTA = "delta"
Claims = Mapping[str, Mapping[str, Held]]


class Csv(Connector):
    """One file for each list: the whole of it, or what is new on it."""

    slug, name, channels = "csv", "Suppression file (CSV)", frozenset({"email", "sms", "phone"})
    glyph = Glyph.FILE
    addresses, stranger, publishes_list = By.ADDRESS, Stranger.PARK, True
    found_by, batch_max, in_flight_max = ("email", "phone"), 2000, 1
    probe_sends = "a file named heed-test.txt, which says that it is a test"
    settings = {
        "base_url": Setting("Directory", "file:///srv/out, named by an operator, or sftp://host/in"),
        "file": Setting("File name", "{list} is the list", default="suppressions-{list}.csv"),
        "mode": Setting("What it holds", "snapshot: everyone; delta: what is new", default="snapshot"),
        "phone_format": Setting("Phone numbers", "e164, digits or national", default="e164"),
        "shrinks_by": Setting("May shrink by", "Per cent, from one time to the next", default="10"),
        "user": Setting("User", "SFTP only", required=False),
        "secret": Setting("Password or private key", "SFTP only", secret=True, required=False),
        "host_key": Setting("Host key", "SFTP only: ssh-ed25519 AAAA…", required=False),
    }
    may_call = ("PUT /*",)
    rows = (
        {"target": "marketing_emails", "source": "answer:marketing_emails:email"},
        {"target": "phone_outreach", "source": "answer:phone_outreach:phone"},
    )
    targets = (
        Target(
            r"[a-z][a-z0-9_-]{0,39}",
            "marketing_emails",
            "a list with a file of its own",
            frozenset({Kind.ANSWER}),
            only=("answer:",),
        ),
    )

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # A file takes the place of the one before it, or has a name of its own: a repeat changes nothing.
        whole, lists = settings.mode != DELTA, batch[0].lists or rehearsed(batch)
        lines = [Line(wanted, lists) for wanted in batch]
        folder = Folder(settings, batch[0].now, {line.wanted.id: line.after for line in lines})
        try:
            short = yield from folder.publish(lists) if whole else folder.add(lines, lists)
        except Refused as refused:
            yield from (line.wanted.is_(refused.outcome) for line in lines)
            return
        left = {name: listed for name, listed in lists.items() if listed.leaves}
        on = {name: frozenset(listed.leaving) for name, listed in left.items()} if whole else None
        for line in lines:
            yield line.wanted.is_(line.outcome(short, on))

    def publish(self, lists: Mapping[str, Listed], settings: Settings, now: datetime) -> Steps[None]:
        folder = Folder(settings, now, {})
        if settings.mode == DELTA:
            yield from folder.nothing_new(lists)
        else:
            yield from folder.publish(lists)

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        return Answer(201)

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        call = Call("PUT", "/heed-test.txt", body=b"This is a test by Heed.\r\n", headers=let_in(settings))
        answer = yield from ask(call)
        if not answer.ok:
            raise Refused(by_status(answer, now))
        return [Checked(True, "A test file was written.")]


class Folder:
    """Where the files go."""

    def __init__(self, settings: Settings, now: datetime, claims: Claims) -> None:
        self.settings, self.now, self.claims = settings, now, claims

    def publish(self, lists: Mapping[str, Listed]) -> Steps[dict[str, Stuck]]:
        """Every list; from those that have lost too many nobody is taken off, with the words for it."""
        short: dict[str, Stuck] = {}
        for name, listed in lists.items():
            if listed.lost_too_many:
                words = f"{name}: of {listed.published:,} who stood on it, {listed.gone:,} are missing now"
                short[name] = Stuck(Reason.SHRANK, words)
            if listed.leaves:
                rows = [[written(address, self.settings)] for address in listed.leaving]
                yield from self._save(self.settings.file.replace("{list}", name), ["address"], rows)
        return short

    def add(self, lines: Sequence["Line"], lists: Iterable[str]) -> Steps[dict[str, Stuck]]:
        """What is new, in files of their own."""
        mark = hashlib.sha256("".join(line.wanted.digest for line in lines).encode()).hexdigest()[:8]
        for name in lists:
            rows = [[written(line.wanted.address, self.settings), line.action(name)] for line in lines]
            rows = [row for row in rows if row[1]]
            if rows:
                yield from self._save(self._stamped(name, mark), ["address", "action"], rows)
        return {}

    def nothing_new(self, lists: Iterable[str]) -> Steps[None]:
        for name in lists:
            yield from self._save(self._stamped(name, "none"), ["address", "action"], [])

    def _stamped(self, name: str, mark: str) -> str:
        stem, dot, ending = self.settings.file.replace("{list}", name).rpartition(".")
        return f"{stem or ending}-{self.now:%Y%m%dT%H%M%S}-{mark}{dot}{ending if stem else ''}"

    def _save(self, name: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Steps[None]:
        """The checksum first: between the two the old file does not fit it, so no one mixes them up."""
        body = sheet(head, rows)
        sums = f"# {len(rows)} rows\n{hashlib.sha256(body).hexdigest()}  {name}\n".encode()
        for path, content in ((f"/{name}.sha256", sums), (f"/{name}", body)):
            call = Call("PUT", path, body=content, headers=let_in(self.settings), claims=self.claims)
            answer = yield from ask(call)
            if not answer.ok:
                raise Refused(by_status(answer, self.now))


class Line:
    """One address: what must be true of it in each file."""

    def __init__(self, wanted: Wanted, lists: Mapping[str, Listed]) -> None:
        self.wanted, now = wanted, wanted.now.isoformat()
        own = {name: field for name, field in wanted.fields.items() if name in lists}
        own = {name: field for name, field in own.items() if lists[name].takes(wanted.address)}
        self.denied = {name: field for name, field in own.items() if field.denies}
        alone = {name for name, field in own.items() if field.denies is None}
        kept = {name: held for name, held in wanted.held.items() if name in alone}
        new = {name: Held(True, False, field.because, now) for name, field in self.denied.items()}
        self.after = {**kept, **new}

    def action(self, name: str) -> str:
        """A: is out. D: is not any more, by Heed's own word."""
        if name in self.denied:
            return "A"
        return "D" if name in self.wanted.held and name not in self.after else ""

    def outcome(
        self, short: Mapping[str, Stuck], on: Mapping[str, frozenset[str]] | None
    ) -> Done | Later | Stuck:
        for name, stuck in short.items():
            if self._waits(name, on or {}):
                return Stuck(stuck.reason, stuck.detail)
        missing = [
            name for name in self.denied if on is not None and self.wanted.address not in on.get(name, ())
        ]
        if missing:  # an address that only an order names is on no list
            return Later(Reason.PARTIAL, detail=f"{', '.join(missing)}: the list does not hold it")
        return Done(self.after)

    def _waits(self, name: str, on: Mapping[str, frozenset[str]]) -> bool:
        """Of a list that lost too many: is it off, and stays on, or new, and the list did not leave?"""
        return name not in on if name in self.denied else name in self.wanted.held


def rehearsed(batch: Sequence[Wanted]) -> dict[str, Listed]:
    """The lists as if they held these alone."""
    denied = [(name, each.address) for each in batch for name, field in each.fields.items() if field.denies]
    held = {name for each in batch for name in each.held}
    names = sorted(held | {name for name, _ in denied})
    return {name: Listed([address for target, address in denied if target == name]) for name in names}


def sheet(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """RFC 4180, UTF-8 without a mark of its byte order."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([head, *rows])
    return text.getvalue().encode()


def written(address: str, settings: Settings) -> str:
    """A number as the reader's machine wants it; an email address as it is."""
    if not address.startswith("+") or settings.phone_format == "e164":
        return address
    digits = address[1:]
    national = settings.phone_format == "national" and len(digits) == 11 and digits.startswith("1")
    return digits[1:] if national else digits


def let_in(settings: Settings) -> dict[str, str]:
    """Credentials, for an SFTP server."""
    if not settings.base_url.startswith("sftp:"):
        return {}
    return {name: settings.values.get(name) or "" for name in ("user", "secret", "host_key")}
