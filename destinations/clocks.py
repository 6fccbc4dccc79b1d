"""A clock per opt-out and system (R18): started when a change is marked, stopped once the system confirms.

A mark without denials costs nothing here; one with denials seven queries, however many they are.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import connection
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from destinations import deadlines, obligations
from destinations.connectors import CONNECTORS
from destinations.models import Clock, DeadlineRule, Destination, Propagation
from destinations.obligations import Cell, Due, Request
from preferences.catalogue import Catalogue, catalogue
from preferences.models import Change, Holding, Identifier, Profile
from preferences.rules import rules_at
from preferences.sql import placeholders, time_in, uuid_in
from preferences.terms import CHANNELS_OF, SubjectKind

Row = tuple[UUID, int]  # identifier and destination: a propagation, made already or not
CHUNK = 1000
UNDATED = timedelta(days=30)  # a denial without a deadline goes after those that have one


@dataclass(frozen=True, slots=True)
class Owed:
    """What one change obliges to."""

    change: Change
    dated: Sequence[tuple[Cell, Due]]

    @property
    def received_at(self) -> datetime:
        return min(self.change.occurred_at, self.change.recorded_at)

    def only_named(self) -> "Owed":
        return replace(self, dated=[(cell, due) for cell, due in self.dated if cell.category])

    def by(self, served: Collection[str]) -> "Running | None":
        """By when a system with these channels must have been told; None where it does not concern it."""
        due = obligations.first(self.dated, served)
        return Running(self, due, self._written(due)) if due else None

    def _written(self, due: Due) -> list[Any]:
        near_at = deadlines.near(self.received_at, due.at, settings.HEED_DEADLINE_NEAR)
        times = [time_in(at) for at in (self.received_at, near_at, due.at)]
        return [self.change.pk, due.rule.pk, *times]


class Running(NamedTuple):
    """A clock to be started. `written`: what is the same for every row that it is started for."""

    owed: Owed
    due: Due
    written: list[Any]


def owed(changes: Collection[int]) -> Sequence[Owed]:
    """What these changes oblige to, by the rules in force when each was received."""
    if not changes:
        return []
    rows = Change.objects.filter(pk__in=changes).defer("evidence", "commitment", "hash")
    found = [each for each in rows if obligations.somebody_asked(json.loads(each.entries))]
    about, known, rules = _About(found), catalogue(), list(DeadlineRule.objects.all())
    return [_owed(each, about, known, rules) for each in found]


def _owed(change: Change, about: "_About", known: Catalogue, rules: Collection[DeadlineRule]) -> Owed:
    cells = obligations.refused(json.loads(change.entries), known, about.reached(change))
    return Owed(change, obligations.dated(cells, rules, about.request(change)))


class _About:
    """Who stands behind these changes, and where they are: three queries."""

    def __init__(self, changes: Sequence[Change]) -> None:
        addresses = {each.subject_id for each in changes if each.subject_kind == SubjectKind.IDENTIFIER}
        persons = {each.subject_id for each in changes} - addresses
        self.kinds = dict(Identifier.objects.filter(pk__in=addresses).values_list("id", "kind"))
        self.standing: dict[UUID, set[tuple[str, str]]] = {}
        people = Profile.objects.filter(pk__in=persons)
        held = Holding.objects.filter(identifier__in=addresses)
        for subject, place, zone in [
            *people.values_list("id", "jurisdiction", "time_zone"),
            *held.values_list("identifier_id", "profile__jurisdiction", "profile__time_zone"),
        ]:
            self.standing.setdefault(subject, set()).add((place, zone))

    def reached(self, change: Change) -> frozenset[str] | None:
        kind = self.kinds.get(change.subject_id)
        return CHANNELS_OF.get(kind, frozenset()) if kind else None

    def request(self, change: Change) -> Request:
        standing = self.standing.get(change.subject_id, set())
        zones = {zone_of(name) for _, name in standing if name} | {timezone.get_default_timezone()}
        received = min(change.occurred_at, change.recorded_at)
        return Request(
            received,
            tuple(sorted((each for each in zones if isinstance(each, ZoneInfo)), key=str)),
            frozenset(place for place, _ in standing if place),
            rules_at(received).jurisdiction,
        )


def zone_of(name: str) -> ZoneInfo | None:
    """A time zone by its name; None for what a source calls one and is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


class Clocks:
    """Those that one mark starts."""

    def __init__(self, changes: Collection[int], now: datetime) -> None:
        self.owed = {each.change.pk: each for each in owed([each for each in changes if each])}
        self.now = now
        self.running: dict[Row, list[Running]] = {}
        self.known: dict[tuple[int, frozenset[str]], Running | None] = {}

    def deadline(self, row: Row, changes: Collection[int], served: frozenset[str]) -> datetime | None:
        """By when a row must be told of these changes: that is its place in the line. None: no denial."""
        if not changes:
            return None
        found = [each for change in changes if (each := self._by(change, served))]
        if found:
            self.running[row] = found
        return min((each.due.at for each in found), default=self.now + UNDATED)

    def _by(self, change: int, served: frozenset[str]) -> Running | None:
        if (change, served) not in self.known:
            owed = self.owed.get(change)
            self.known[change, served] = owed.by(served) if owed else None
        return self.known[change, served]

    def start(self) -> None:
        """Write them, once the rows are there. The same change marked again starts nothing."""
        if self.running:
            rows = list(self._rows())
            for start in range(0, len(rows), CHUNK):
                _insert(rows[start : start + CHUNK])

    def _rows(self) -> Iterator[list[Any]]:
        about = {identifier for identifier, _ in self.running}
        connected = dict(Destination.objects.values_list("id", "created_at"))
        made = Propagation.objects.filter(identifier__in=about)
        for pk, identifier, system, wanted in made.values_list(
            "id", "identifier_id", "destination_id", "wanted"
        ):
            for each in self.running.get((identifier, system), ()):
                late = each.due.at < max(each.owed.change.recorded_at, connected[system])
                yield [uuid_in(pk), wanted, *each.written, late]


def _insert(rows: Sequence[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO destinations_clock (propagation_id, wanted, change_id, rule_id, received_at,"  # noqa: S608
            f" near_at, due_at, late_from_start) VALUES {', '.join([f'({placeholders(8)})'] * len(rows))}"
            " ON CONFLICT (propagation_id, change_id) DO NOTHING",
            [value for row in rows for value in row],
        )


# --- reading and stopping ---


def open_clocks() -> QuerySet[Clock]:
    """Those that run: not confirmed, whether or not the sweep has come by since."""
    return Clock.objects.filter(met_at__isnull=True, propagation__acknowledged__lt=F("wanted"))


def near(now: datetime) -> Q:
    """Little time is left."""
    return Q(late_from_start=False, near_at__lte=now, due_at__gte=now)


def missed(now: datetime) -> Q:
    """The time is over, and it was not when Heed heard of it."""
    return Q(late_from_start=False, due_at__lt=now)


def stop_met() -> int:
    """Stop the clocks of what was confirmed; returns how many. `met_at` is right to the minute of a sweep."""
    confirmed = Propagation.objects.filter(pk=OuterRef("propagation")).values("acknowledged_at")
    met = Clock.objects.filter(met_at__isnull=True, propagation__acknowledged__gte=F("wanted"))
    return met.update(met_at=Subquery(confirmed))


def told_by(change: int) -> datetime | None:
    """By when every system must have been told of a change; None where it obliges to nothing.

    Known as soon as it is recorded, before any clock has started, but for kinds of denial that no rule names.
    """
    started: datetime | None = Clock.objects.filter(change=change).aggregate(last=Max("due_at"))["last"]
    if started:
        return started
    served = [
        CONNECTORS[each].channels
        for each in Destination.objects.values_list("connector", flat=True)
        if each in CONNECTORS
    ]
    named = [each.only_named() for each in owed([change])]
    due = [by.due.at for each in named for channels in served if (by := each.by(channels))]
    return max(due, default=None)
