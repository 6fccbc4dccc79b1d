"""Events in: kept durably before anybody is answered, each once, stripped of what is not allowed."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from destinations.models import Event
from destinations.services.waking import wake
from destinations.terms import Taken
from destinations.tracked import About, Body, Tracked, about
from governance import allowed
from governance.allowed import AllowedEvent
from governance.services import note_seen
from preferences import keys
from preferences.clock import MICROSECOND
from preferences.models import Source
from preferences.sql import any_of, insert_many, uuid_in, uuid_out

COLUMNS = {
    "id": "uuid",
    "source_id": "bigint",
    "kind": "varchar",
    "name": "varchar",
    "number": "integer",
    "received_at": "timestamptz",
    "occurred_at": "timestamptz",
    "content_hash": "bytea",
    "body": "bytea",
    "person_id": "uuid",
    "browser_id": "uuid",
    "routed": "boolean",
    "conflicts": "integer",
}
_DIGEST = list(COLUMNS).index("content_hash")
Row = tuple[Any, ...]  # in the order of COLUMNS
OTHER_CONTENT = "this messageId came before with other content, which stands"
TWO_PEOPLE = "it names two people: it goes only where both allow it"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one event. `dropped`: what of it the allow list does not name."""

    status: Taken
    event: uuid.UUID | None = None
    dropped: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def track(*, source: Source, events: Sequence[Tracked], now: datetime) -> list[Result]:
    """Take in what is allowed and new, all in one transaction; the results are in order.

    Nobody is waited for: whoever may have an event hears of it later.
    """
    turn = _Turn(source, now, allowed.events())
    turn.read(events)
    turn.store()
    return [turn.results[place] for place in range(len(events))]


class _Turn:
    """Some events of one source."""

    def __init__(self, source: Source, now: datetime, listed: Mapping[str, AllowedEvent]) -> None:
        self.source, self.now, self.listed = source, now, listed
        self.results: dict[int, Result] = {}
        self.rows: dict[uuid.UUID, Row] = {}
        self.seen: Counter[tuple[str, str]] = Counter()
        self.conflicts: list[uuid.UUID] = []

    def read(self, events: Sequence[Tracked]) -> None:
        """Decide of each what becomes of it: a handful of queries, however many they are."""
        welcome = []
        for place, event in enumerate(events):
            if event.name in self.listed:
                welcome.append((place, event))
            else:
                self.seen[event.name, ""] += 1
                self.results[place] = Result(Taken.NOT_ALLOWED, warnings=event.warnings)
        ids = [_ids(self.source, event) for _, event in welcome]
        known = _known([each for generations in ids for each in generations])
        people = about([event.identifiers for _, event in welcome])
        for (place, event), generations, who in zip(welcome, ids, people, strict=True):
            stored = next((each for each in generations if each in known or each in self.rows), None)
            if stored:
                self.results[place] = self._repeat(event, stored, known)
            else:
                self.results[place] = self._new(event, generations[-1], who)

    def store(self) -> None:
        """Durable when it returns, and somebody is asked once to send it on."""
        if not self.rows:
            note_seen(seen=self.seen, now=self.now)
            self._count_conflicts()
            return
        with transaction.atomic():
            _insert(list(self.rows.values()))
            self._count_conflicts()
            note_seen(seen=self.seen, now=self.now)
            transaction.on_commit(wake, robust=True)

    def _count_conflicts(self) -> None:
        if self.conflicts:
            Event.objects.filter(id__in=self.conflicts).update(conflicts=F("conflicts") + 1)

    def _new(self, event: Tracked, pk: uuid.UUID, who: About) -> Result:
        listed = self.listed[event.name]
        kept = allowed.kept(listed, event.properties)
        dropped = tuple(path for path in event.properties if path not in kept)
        self.seen.update((event.name, path) for path in dropped)
        self.rows[pk] = (
            pk,
            self.source.pk,
            event.kind,
            event.name,
            listed.number,
            self.now + len(self.rows) * MICROSECOND,
            event.occurred_at,
            _digests(event)[-1],
            Body(kept, event.identifiers).sealed(),
            who.person,
            who.browser,
            False,
            0,
        )
        warnings = (*event.warnings, TWO_PEOPLE) if who.disagree else event.warnings
        return Result(Taken.ACCEPTED, pk, dropped, warnings)

    def _repeat(self, event: Tracked, pk: uuid.UUID, known: Mapping[uuid.UUID, bytes]) -> Result:
        before = known[pk] if pk in known else self.rows[pk][_DIGEST]
        if before in _digests(event):
            return Result(Taken.DUPLICATE, pk)
        self.conflicts.append(pk)
        return Result(Taken.DUPLICATE, pk, warnings=(OTHER_CONTENT,))


def _ids(source: Source, event: Tracked) -> list[uuid.UUID]:
    """Drawn from source and messageId at every generation of keys, the current one last (RFC 9562, 5.8)."""
    if not event.message_id:
        return [uuid.uuid4()]
    prints = keys.fingerprints("tracked", source.slug, event.message_id)
    return [_uuid8(each) for each in prints]


def _uuid8(digest: bytes) -> uuid.UUID:
    bits = int.from_bytes(digest[:16]) & ~(0xF << 76) & ~(0x3 << 62)
    return uuid.UUID(int=bits | 0x8 << 76 | 0x2 << 62)


def _known(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, bytes]:
    if not ids:
        return {}
    one_of, values = any_of([uuid_in(each) for each in ids])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, content_hash FROM destinations_event WHERE id {one_of}",  # noqa: S608
            values,
        )
        return {uuid_out(pk): bytes(digest) for pk, digest in cursor.fetchall()}


def _digests(event: Tracked) -> list[bytes]:
    """Keyed, at every generation of keys: what somebody did may tell who it was."""
    return keys.fingerprints("tracked-content", "", event.content.hex())


def _insert(rows: Sequence[Row]) -> None:
    # In one order everywhere, else two that send the same events could wait for each other.
    ordered = sorted(rows, key=lambda row: row[0].int)
    insert_many(
        f"INSERT INTO destinations_event ({', '.join(COLUMNS)})",
        list(COLUMNS.values()),
        ordered,
        "ON CONFLICT DO NOTHING",
    )
