"""From an event that came in to one row for each system that takes events. Nothing is judged yet."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from destinations.connectors import CONNECTORS
from destinations.models import Destination, Event, WakeUp
from destinations.terms import ForwardingState
from preferences.models import Holding
from preferences.sql import for_update, insert_many, placeholders, time_in, uuid_in, uuid_out

CHUNK = 500
ROUTER = "route"


class Came(NamedTuple):
    """An event, as it is read. `person` and `browser` are identifiers."""

    id: UUID
    person: UUID | None
    browser: UUID | None


@transaction.atomic
def route(now: datetime) -> int:
    """Hand over a chunk of events in the order in which they came; returns how many, 0 when there are none.

    One at a time, whoever runs: the ids of the rows are the order in which events go.
    """
    if not Event.objects.filter(routed=False).exists() or not _alone():
        return 0
    events = _take()
    systems = systems_for_events()
    if events and systems:
        _insert(events, systems, now)
    _mark([each.id for each in events])
    return len(events)


def systems_for_events() -> list[int]:
    """Those that take events and whose kind is still supported, paused ones too."""
    kinds = [slug for slug, each in CONNECTORS.items() if each.takes_events]
    return list(Destination.objects.filter(connector__in=kinds).order_by("id").values_list("id", flat=True))


def _alone() -> bool:
    """Is nobody else at it? SQLite has one writer anyway."""
    WakeUp.objects.bulk_create([WakeUp(name=ROUTER)], ignore_conflicts=True)
    if not for_update():
        return True
    return WakeUp.objects.select_for_update(skip_locked=True).filter(name=ROUTER).exists()


def _take() -> list[Came]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, person_id, browser_id FROM destinations_event WHERE NOT routed"  # noqa: S608
            f" ORDER BY received_at, id LIMIT {CHUNK}{for_update(skip_locked=True)}"
        )
        return [
            Came(uuid_out(pk), uuid_out(person) if person else None, uuid_out(browser) if browser else None)
            for pk, person, browser in cursor.fetchall()
        ]


def _insert(events: Collection[Came], systems: Collection[int], now: datetime) -> None:
    holders = _holders({each for event in events for each in (event.person, event.browser) if each})
    at = time_in(now)
    rows = [
        (uuid_in(event.id), system, uuid_in(_subject(event, holders)), ForwardingState.WAITING.value, at, at)
        for event in events
        for system in systems
    ]
    insert_many(
        "INSERT INTO destinations_forwarding (event_id, destination_id, subject, state, due_at, routed_at,"
        " reason, detail, failures, job, outcome, because, rules, hits, purpose, has_agreement, redacted,"
        " earlier)",
        ("uuid", "bigint", "uuid", "varchar", "timestamptz", "timestamptz", *(each for each, _ in EMPTY)),
        [(*row, *(value for _, value in EMPTY)) for row in rows],
        "ON CONFLICT DO NOTHING",
    )


EMPTY = (
    *(("varchar", ""), ("varchar", ""), ("integer", 0), ("varchar", ""), ("varchar", ""), ("varchar", "")),
    *(("jsonb", "[]"), ("text", ""), ("varchar", ""), ("boolean", False), ("jsonb", "{}"), ("jsonb", "[]")),
)


def _holders(identifiers: Collection[UUID]) -> Mapping[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = {}
    rows = Holding.objects.filter(identifier__in=identifiers).values_list("identifier_id", "profile_id")
    for identifier, profile in rows if identifiers else ():
        found.setdefault(identifier, set()).add(profile)
    return found


def _subject(event: Came, holders: Mapping[UUID, set[UUID]]) -> UUID:
    """Whose order it keeps to: a person's; where it is not known whose it is, the identifier's."""
    for identifier in (event.person, event.browser):
        if identifier:
            people = holders.get(identifier, set())
            return next(iter(people)) if len(people) == 1 else identifier
    return event.id


def _mark(ids: Collection[UUID]) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE destinations_event SET routed = %s WHERE id IN ({placeholders(len(ids))})",  # noqa: S608
                [True, *map(uuid_in, ids)],
            )
