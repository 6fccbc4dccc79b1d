"""Which events are due at a system, and writing down how they fared. Hand-written SQL, hot path.

A lease is a token with an end, as that of preferences (`destinations.leases`): only whoever holds the token
settles, and a dead worker's lease ends by itself. Of one person's events at a system only the first that is
open may go, or several of them in their order in one batch.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from destinations.terms import ForwardingState
from governance.verdicts import Place
from preferences.sql import for_update, placeholders, time_in, uuid_in, uuid_out

LEASE = timedelta(seconds=30)  # longer than any turn (sending.DELIVERY_SECONDS)
COLUMNS = (
    "f.id, f.subject, f.due_at, f.lease_token, f.failures, f.job, f.left_at, f.earlier,"
    " e.id, e.kind, e.name, e.occurred_at, e.body,"
    " f.outcome, f.because, f.policy, f.allowed, f.rules, f.hits, f.facts_id, f.redacted, f.judged_at"
)
# Handed over and only asked about: what comes after it need not wait.
OPEN = "due_at IS NOT NULL AND job = ''"


@dataclass(frozen=True, slots=True)
class Row:
    """A forwarding that is due, with its event, as the lease read it."""

    id: int
    subject: UUID
    due_at: datetime
    previous_token: UUID | None
    failures: int
    job: str
    left_at: datetime | None
    earlier: list[Any]
    event: UUID
    kind: str
    name: str
    occurred_at: datetime
    body: bytes | None = field(repr=False)
    before: "Before | None" = None

    @property
    def may_have_left(self) -> bool:
        return bool(self.left_at or self.previous_token)


class Before(NamedTuple):
    """The verdict that was made when its turn came last."""

    outcome: str
    because: str
    policy: int
    allowed: int
    rules: Sequence[str]
    hits: str
    facts: int | None
    redacted: Mapping[str, str]
    at: str

    def agrees_with(self, other: "Before") -> bool:
        return self._replace(at="") == other._replace(at="")


def due(destination_id: int, limit: int, now: datetime) -> list[Row]:
    """Those that are due, locked, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM destinations_forwarding f JOIN destinations_event e ON e.id = f.event_id"  # noqa: S608
            " WHERE f.destination_id = %s AND f.due_at <= %s"
            f" ORDER BY f.due_at, f.id LIMIT {limit}{for_update('f', skip_locked=True)}",
            [destination_id, time_in(now)],
        )
        rows = [_row(each) for each in cursor.fetchall()]
    return sorted(rows, key=lambda row: row.id)


def read(pk: int) -> Row | None:
    """One of them, whether it is due or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM destinations_forwarding f JOIN destinations_event e ON e.id = f.event_id"  # noqa: S608
            " WHERE f.id = %s",
            [pk],
        )
        found = cursor.fetchone()
    return _row(found) if found else None


def _row(read: Sequence[Any]) -> Row:
    pk, subject, due_at, token, failures, job, left_at, earlier, *event = read
    event_id, kind, name, occurred_at, body, *verdict = event
    return Row(
        pk,
        uuid_out(subject),
        aware(due_at) or datetime.min.replace(tzinfo=UTC),
        uuid_out(token) if token else None,
        failures,
        job,
        aware(left_at),
        json.loads(earlier),
        uuid_out(event_id),
        kind,
        name,
        aware(occurred_at) or datetime.min.replace(tzinfo=UTC),
        bytes(body) if body is not None else None,
        _before(*verdict) if verdict[0] else None,
    )


def _before(*columns: Any) -> Before:
    outcome, because, policy, allowed, rules, hits, facts, redacted, at = columns
    moment = aware(at)
    said = moment.isoformat() if moment else ""
    return Before(
        outcome, because, policy, allowed, json.loads(rules), hits, facts, json.loads(redacted), said
    )


def aware(value: datetime | str | None) -> datetime | None:
    """SQLite hands back what was stored: text, or an instant without its zone."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


def heads(destination_id: int, rows: Sequence[Row]) -> dict[UUID, tuple[int, datetime]]:
    """For each of their subjects the first open event that is not among these, and when it is due."""
    subjects = {row.subject for row in rows}
    ids = [row.id for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT subject, id, due_at FROM destinations_forwarding WHERE destination_id = %s AND {OPEN}"  # noqa: S608
            f" AND subject IN ({placeholders(len(subjects))}) AND id < %s"
            f" AND id NOT IN ({placeholders(len(ids))}) ORDER BY id DESC",
            [destination_id, *map(uuid_in, subjects), max(ids), *ids],
        )
        return {
            uuid_out(subject): (pk, aware(due_at) or datetime.max.replace(tzinfo=UTC))
            for subject, pk, due_at in cursor.fetchall()
        }


def put_off(ids: Sequence[tuple[int, datetime]]) -> None:
    """They wait for the one before them: looked at again when that is due, or once it is settled."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE destinations_forwarding SET due_at = %s WHERE id = %s",
            [(time_in(until), pk) for pk, until in ids],
        )


def let_next_go(destination_id: int, subjects: Collection[UUID], now: datetime) -> None:
    """Whoever waited behind an event that is settled waits no longer. The caller has locked the lane."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE destinations_forwarding SET due_at = %s WHERE destination_id = %s AND state = %s"  # noqa: S608
            f" AND due_at > %s AND subject IN ({placeholders(len(subjects))})",
            [
                time_in(now),
                destination_id,
                ForwardingState.WAITING.value,
                time_in(now),
                *map(uuid_in, subjects),
            ],
        )


def hasten(destination_id: int, now: datetime) -> None:
    """The system answers again: whoever waits for it waits no longer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE destinations_forwarding SET due_at = %s WHERE id IN"  # noqa: S608
            " (SELECT id FROM destinations_forwarding WHERE destination_id = %s AND due_at > %s"
            f" AND lease_token IS NULL AND job = ''{for_update(skip_locked=True)})",
            [time_in(now), destination_id, time_in(now)],
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of one row by its verdict, as it is written. `leased`: it may go; else it is settled."""

    row: Row
    state: ForwardingState
    verdict: Before | None
    reason: str = ""
    detail: str = ""

    @property
    def leased(self) -> bool:
        return self.state == ForwardingState.SENDING

    @property
    def earlier(self) -> list[Any]:
        """By what it may have left before, where it is judged otherwise now."""
        before = self.row.before
        if not self.row.may_have_left or before is None:
            return self.row.earlier
        same = self.verdict is not None and before.agrees_with(self.verdict)
        return self.row.earlier if same else [*self.row.earlier, before._asdict()]


JUDGE = (
    "UPDATE destinations_forwarding SET state = %s, reason = %s, detail = %s, due_at = %s, settled_at = %s,"
    " lease_token = %s, lease_until = %s, left_at = COALESCE(left_at, %s), earlier = %s,"
    " outcome = %s, because = %s, policy = %s, allowed = %s, rules = %s, hits = %s, facts_id = %s,"
    " redacted = %s, judged_at = %s, purpose = %s, has_agreement = %s WHERE id = %s"
)


def write_verdicts(judged: Sequence[Judged], place: Place, token: UUID, now: datetime) -> None:
    """Lease those that may go, settle the others; each with its verdict.

    A lease that ran out was a call of which nobody knows the end: the event may have left by it.
    """
    ends, at = time_in(now + LEASE), time_in(now)
    with connection.cursor() as cursor:
        cursor.executemany(
            JUDGE,
            [
                (
                    each.state.value,
                    each.reason,
                    each.detail[:200],
                    *([ends, None, uuid_in(token), ends] if each.leased else [None, at, None, None]),
                    time_in(now - LEASE) if each.row.previous_token else None,
                    json.dumps(each.earlier),
                    *_columns(each.verdict),
                    at,
                    place.purpose,
                    place.has_agreement,
                    each.row.id,
                )
                for each in judged
            ],
        )


def _columns(verdict: Before | None) -> tuple[Any, ...]:
    if verdict is None:
        return ("", "", None, None, "[]", "", None, "{}")
    rules, redacted = json.dumps(verdict.rules), json.dumps(verdict.redacted)
    return (*verdict[:4], rules, verdict.hits, verdict.facts, redacted)


@dataclass(frozen=True, slots=True)
class Settled:
    """How it went for one row. `due_at` None: it is over."""

    row: Row
    state: ForwardingState
    reason: str = ""
    detail: str = ""
    due_at: datetime | None = None
    failures: int = 0
    job: str = ""
    left: bool = True


SETTLE = (
    "UPDATE destinations_forwarding SET lease_token = NULL, lease_until = NULL, state = %s, reason = %s,"
    " detail = %s, due_at = %s, settled_at = %s, failures = %s, job = %s,"
    " left_at = CASE WHEN %s THEN COALESCE(left_at, %s) ELSE left_at END WHERE id = %s AND lease_token = %s"
)


def settle(settled: Sequence[Settled], token: UUID, now: datetime) -> None:
    """Write outcomes where the lease token is still mine."""
    at = time_in(now)
    with connection.cursor() as cursor:
        cursor.executemany(
            SETTLE,
            [
                (
                    each.state.value,
                    each.reason,
                    each.detail[:200],
                    time_in(each.due_at) if each.due_at else None,
                    None if each.due_at else at,
                    each.failures,
                    each.job,
                    each.left,
                    at,
                    each.row.id,
                    uuid_in(token),
                )
                for each in settled
            ],
        )
