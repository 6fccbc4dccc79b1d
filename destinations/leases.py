"""Who is calling whom right now: taking due rows, and writing down how it went. Hand-written SQL, hot path.

A lease is a token with an end. Only whoever holds the token may settle; a dead worker's lease ends by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection

from destinations.payloads import Row
from destinations.terms import PropagationState
from preferences.sql import for_update, time_in, uuid_in, uuid_out

LEASE = timedelta(seconds=30)  # longer than any delivery (delivery.DELIVERY_SECONDS)
COLUMNS = "id, identifier_id, wanted, digest, unknown_at, targets, job, lease_token, failures, denied_at"


CALLS = (
    "SELECT lease_token, destination_id, lease_until FROM destinations_propagation"
    " WHERE lease_token IS NOT NULL UNION ALL"
    " SELECT lease_token, destination_id, lease_until FROM destinations_forwarding"
    " WHERE lease_token IS NOT NULL"
)


def in_flight(destination_id: int, now: datetime) -> int:
    """How many turns at this system run, of preferences and of events, across all processes."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(DISTINCT lease_token) FROM ({CALLS}) calls"  # noqa: S608
            " WHERE destination_id = %s AND lease_until > %s",
            [destination_id, time_in(now)],
        )
        return int(cursor.fetchone()[0])


def anybody_calls(now: datetime) -> bool:
    """Does any lease run? Where its worker was killed, somebody must be there when it ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM ({CALLS}) calls WHERE lease_until > %s LIMIT 1", [time_in(now)])  # noqa: S608
        return cursor.fetchone() is not None


def due(destination_id: int, limit: int, now: datetime, *, denials_only: bool = False) -> list[Row]:
    """Rows that are due, locked: opt-outs first, the nearest deadline first of those."""
    rows = _due(destination_id, limit, now, "deadline_at IS NOT NULL", "deadline_at")
    if len(rows) < limit and not denials_only:
        rows += _due(destination_id, limit - len(rows), now, "deadline_at IS NULL", "due_at")
    return rows


def _due(destination_id: int, limit: int, now: datetime, which: str, order: str) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM destinations_propagation WHERE destination_id = %s AND due_at <= %s"  # noqa: S608
            f" AND {which} ORDER BY {order} LIMIT {limit}{for_update(skip_locked=True)}",
            [destination_id, time_in(now)],
        )
        return [
            Row(
                uuid_out(pk),
                uuid_out(identifier),
                wanted,
                bytes(digest) if digest else None,
                _aware(unknown_at),
                targets,
                job,
                uuid_out(token) if token else None,
                failures,
                denied_at is not None,
            )
            for pk, identifier, wanted, digest, unknown_at, targets, job, token, failures, denied_at in cursor
        ]


def take(rows: Sequence[Row], token: UUID, now: datetime) -> None:
    """Lease these rows. The digest goes in the same commit: from here on the vendor may hold anything.

    A row whose earlier lease ran out was sent by somebody who never told: one repeat must follow.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE destinations_propagation"  # noqa: S608
            " SET unknown_at = CASE WHEN lease_token IS NULL THEN unknown_at ELSE %s END,"
            " lease_token = %s, lease_until = %s, due_at = %s, leased = wanted, digest = NULL,"
            f" failures = failures + 1, state = %s WHERE id IN ({', '.join(['%s'] * len(rows))})",
            [
                time_in(now),
                uuid_in(token),
                time_in(now + LEASE),
                time_in(now + LEASE),
                PropagationState.SENDING.value,
                *[uuid_in(row.id) for row in rows],
            ],
        )


def _aware(value: datetime | str | None) -> datetime | None:
    """SQLite hands back what was stored: text, or an instant without its zone."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


@dataclass(frozen=True, slots=True)
class Settled:
    """How it went for one row, as it is written. `due_at` None: nothing to do until something changes."""

    row: Row
    state: PropagationState
    reason: str = ""
    detail: str = ""
    due_at: datetime | None = None
    done: bool = False
    failed: bool = True  # counts as a try, where it is not done
    digest: bytes | None = None
    targets: str | None = None
    unknown_at: datetime | None = None
    job: str = ""


SETTLE = (
    "UPDATE destinations_propagation SET lease_token = NULL, lease_until = NULL, reason = %s, detail = %s,"
    " digest = %s, targets = COALESCE(%s, targets), unknown_at = %s, job = %s,"
    " state = CASE WHEN wanted > leased THEN 'pending' ELSE %s END,"
    " due_at = CASE WHEN wanted > leased THEN %s ELSE %s END,"
    " acknowledged = CASE WHEN %s THEN leased ELSE acknowledged END,"
    " acknowledged_at = CASE WHEN %s THEN %s ELSE acknowledged_at END,"
    " denied_at = CASE WHEN %s AND wanted = leased THEN NULL ELSE denied_at END,"
    " deadline_at = CASE WHEN %s AND wanted = leased THEN NULL ELSE deadline_at END,"
    " failures = CASE WHEN %s THEN 0 WHEN %s THEN failures ELSE failures - 1 END"
    " WHERE id = %s AND lease_token = %s"
)


def settle(settled: Sequence[Settled], token: UUID, now: datetime) -> int:
    """Write outcomes where the lease token is still mine; returns for how many it was.

    In key order, as marking goes: neither may hold a row that the other waits for while it waits itself.
    """
    at = time_in(now)
    parameters = [
        (
            each.reason,
            each.detail[:200],
            each.digest,
            each.targets,
            time_in(each.unknown_at) if each.unknown_at else None,
            each.job,
            each.state.value,
            at,
            time_in(each.due_at) if each.due_at else None,
            each.done,
            each.done,
            at,
            each.done,
            each.done,
            each.done,
            each.failed,
            uuid_in(each.row.id),
            uuid_in(token),
        )
        for each in sorted(settled, key=lambda each: each.row.identifier_id)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(SETTLE, parameters)
        return int(cursor.rowcount)


def hasten(destination_id: int, now: datetime) -> None:
    """The system answers again: whoever waits for it waits no longer.

    Waits for nobody's lock, so it may come after other rows were locked: what somebody else is writing now
    falls due by that.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE destinations_propagation SET due_at = %s WHERE id IN"  # noqa: S608
            " (SELECT id FROM destinations_propagation WHERE destination_id = %s"
            " AND state IN ('later', 'stuck') AND (due_at IS NULL OR due_at > %s) AND reason IN"
            " ('unavailable', 'no_answer', 'throttled', 'garbled', 'rejected_auth')"
            f"{for_update(skip_locked=True)})",
            [time_in(now), destination_id, time_in(now)],
        )
