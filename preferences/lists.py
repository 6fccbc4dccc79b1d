"""Reading the lists: who is out, or what has changed since, in bounded memory however long they are.

A row is read in the order of its version. While somebody reads, rows change and move to the end, where they
are read again: so the last line about an identifier, a category and a channel counts, and nothing is missed.
"""

import base64
import binascii
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from preferences import clock, selectors
from preferences.catalogue import catalogue
from preferences.clock import instant
from preferences.errors import Malformed, UnknownChannel
from preferences.models import Holding, ListEnd, Outbox, Profile, Standing
from preferences.terms import ANY, Channel, IdentifierKind, SubjectKind

CHUNK = 2000
NO_CURSOR = "since must be the cursor that an earlier list ended with"
COLUMNS = (
    "subject_id",
    "subject__kind",
    "category",
    "channel",
    "denied",
    "reason",
    "since",
    "version",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which list: of one category or all, on one channel or all; whole, or what changed after `since`."""

    category: str = ANY
    channel: str = ANY
    since: int | None = None

    @property
    def rows(self) -> QuerySet[Standing]:
        """All rows of that list, in their order."""
        rows = Standing.objects.filter(version__gt=self.since or 0).order_by("version")
        if self.category != ANY:
            rows = rows.filter(category=self.category)
        return rows if self.channel == ANY else rows.filter(channel=self.channel)

    def cursor(self, version: int) -> str:
        """Where somebody who has read so far goes on; it is of use for the same list only."""
        return base64.urlsafe_b64encode(f"1:{version}:{self.category}:{self.channel}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it leaves. `value` is None where only a fingerprint is left, or where it is confidential."""

    id: UUID
    kind: str
    value: str | None = field(repr=False)
    category: str
    channel: str
    denied: bool
    because: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Complete:
    """The end of a list that was read whole, with where to go on.

    Whatever Heed had answered for before `as_of` is in it.
    """

    cursor: str
    rows: int
    as_of: datetime


def wanted(category: str = ANY, channel: str = ANY, since: str = "") -> Wanted:
    """As somebody asks for it. Raises UnknownCategory, UnknownChannel, Malformed."""
    if category != ANY:
        known = catalogue()
        known.check_channel(known.category(category), channel)
    elif channel not in (ANY, *Channel.values):
        known_channels = ", ".join(Channel.values)
        raise UnknownChannel(f"there is no channel {channel!r}; there are {known_channels}", channel=channel)
    return Wanted(category, channel, _version(since, category, channel) if since else None)


def _version(cursor: str, category: str, channel: str) -> int:
    try:
        edition, version, *of = base64.urlsafe_b64decode(cursor.encode()).decode().split(":")
        at = int(version)
    except (binascii.Error, ValueError):
        raise Malformed(NO_CURSOR, key="since") from None
    if edition != "1" or at < 0:
        raise Malformed(NO_CURSOR, key="since")
    if of != [category, channel]:
        raise Malformed(
            "since is the cursor of another list: ask with the category and channel it came from", key="since"
        )
    if at > end():
        raise Malformed("since is newer than this list: leave it out, and read the whole list", key="since")
    return at


def end() -> int:
    """The largest version that is committed: whoever sees it sees all below."""
    return ListEnd.objects.values_list("version", flat=True).first() or 0


def count(wanted: Wanted) -> int:
    """How many rows the list has now."""
    return (wanted.rows if wanted.since is not None else wanted.rows.filter(denied=True)).count()


def read(wanted: Wanted, size: int = CHUNK) -> Iterator[Line | Complete]:
    """Every line, and at last that it was complete. Not inside a transaction: a reader may take its time."""
    # A row that ended is news to whoever had it, or may have read it a moment ago.
    news = Q(denied=True) | Q(version__gt=end()) if wanted.since is None else Q()
    rows = wanted.rows.filter(news)
    after, told = wanted.since or 0, 0
    while True:
        # In this order: what had been answered for then is marked, what was marked is below that end, and
        # what is below it is in the last chunk.
        as_of, now_at = _settled(clock.now()), end()
        chunk = list(rows.filter(version__gt=after).values_list(*COLUMNS)[:size])
        yield from _lines(chunk)
        told += len(chunk)
        after = chunk[-1][-1] if chunk else after
        if len(chunk) < size:
            yield Complete(wanted.cursor(max(after, now_at)), told, as_of)
            return


def _settled(now: datetime) -> datetime:
    """The moment before which every change, and every end by the clock, is in the lists."""
    alters = [SubjectKind.PROFILE, SubjectKind.IDENTIFIER, SubjectKind.CATEGORY]
    waiting = Outbox.objects.filter(subject_kind__in=alters).aggregate(at=Min("created_at"))["at"]
    due = Profile.objects.filter(next_change_at__lte=now).aggregate(at=Min("next_change_at"))["at"]
    return min(each for each in (now, waiting, due) if each is not None)


def _lines(chunk: Collection[tuple[Any, ...]]) -> Iterator[Line]:
    values = _values({pk for pk, kind, *_ in chunk if kind != IdentifierKind.HEED})
    for pk, kind, category, channel, denied, reason, since, _ in chunk:
        value = str(pk) if kind == IdentifierKind.HEED else values.get(pk)
        yield Line(pk, kind, value, category, channel, denied, reason, instant(since) if since else None)


def _values(addresses: Collection[UUID]) -> dict[UUID, str]:
    """Addresses in the clear, but for those known by an order alone (45 CFR 164.522(b))."""
    openly: dict[UUID, bool] = {}
    held = Holding.ever.filter(identifier__in=addresses).values_list("identifier_id", "confidential")
    for pk, confidential in held:
        openly[pk] = openly.get(pk, False) or not confidential
    return selectors.plaintexts([pk for pk in addresses if openly.get(pk, True)])
