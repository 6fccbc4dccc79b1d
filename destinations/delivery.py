"""The engine: one destination's turn in four short steps, take, send, read, settle.

Concurrency contract: a row is called about only under a lease that was committed before; only the holder of the
lease's token writes the outcome; `wanted` may rise at any moment and is never lowered. So retries, reordering,
two workers and kill -9 are harmless: the next turn sends the latest state again.
"""

import hashlib
import json
import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone

from destinations import backoff, credentials, http, leases
from destinations.connectors import CONNECTORS
from destinations.contract import (
    Answer,
    Call,
    Connector,
    Done,
    Job,
    Later,
    Outcome,
    Reason,
    Result,
    Settings,
    Stuck,
)
from destinations.leases import Settled
from destinations.models import Attempt, Destination
from destinations.payloads import Prepared, held_to, prepare
from destinations.scrubbing import excerpt, pattern
from destinations.terms import DestinationState, PropagationState
from preferences.sql import for_update

log = logging.getLogger(__name__)

CALL_SECONDS = 10.0
DELIVERY_SECONDS = 22.0  # all calls of a turn; well before leases.LEASE ends
LANE_REASONS = frozenset(
    {Reason.UNAVAILABLE, Reason.NO_ANSWER, Reason.THROTTLED, Reason.GARBLED, Reason.REJECTED_AUTH}
)
_memory: dict[int, dict[str, object]] = {}  # per destination: tokens and the like, for this process


@dataclass(frozen=True, slots=True)
class Turn:
    """A batch under one lease, ready to be sent."""

    destination: Destination
    connector: Connector
    token: UUID
    batch: Sequence[Prepared]
    started_at: datetime


@dataclass(slots=True)
class CallMade:
    """The last call of a turn, so far as it may be kept."""

    what: str = ""
    status: int | None = None
    request_digest: str = ""
    excerpt: str = ""


@dataclass(slots=True)
class Report:
    """What came of a turn: an outcome for each row, and the call it rests on."""

    turn: Turn
    outcomes: dict[str, tuple[Outcome, CallMade]] = field(default_factory=dict)
    calls: int = 0
    took_ms: int = 0


# --- take ---


@transaction.atomic
def take(destination_id: int) -> Turn | None:
    """Lease the next batch of one destination; None when nothing is due or its lane is full."""
    now = timezone.now()
    query = Destination.objects.filter(pk=destination_id)
    if for_update():
        query = query.select_for_update(skip_locked=True)  # one worker at a time decides about a lane
    destination = query.first()
    if destination is None or destination.state != DestinationState.LIVE:
        return None
    connector = CONNECTORS.get(destination.connector)
    if connector is None:
        return None
    cap = destination.in_flight_max or connector.in_flight_max
    if (destination.not_before and destination.not_before > now) or leases.in_flight(destination.pk, now) >= cap:
        return None
    # A lane that has just failed is tried with one row: it tells as much as a full batch.
    limit = 1 if destination.failures else connector.batch_max
    rows = leases.due(destination.pk, limit, now)
    if not rows:
        return None
    prepared = prepare(destination, connector, rows, now)
    calls = [each for each in prepared if _needs_call(each)]
    quiet = [each for each in prepared if not _needs_call(each)]
    turn = Turn(destination, connector, uuid.uuid4(), calls, now)
    _note_lost_attempts(prepared)
    leases.take(rows, turn.token, now)
    if quiet:
        leases.settle([_unchanged(each) for each in quiet], turn.token, now)
    return turn


def _needs_call(each: Prepared) -> bool:
    if each.row.unknown_at or each.row.job or each.row.previous_token:
        return not each.idle
    return not each.idle and each.row.digest != each.digest


def _unchanged(each: Prepared) -> Settled:
    return Settled(
        each.row, PropagationState.ACKNOWLEDGED, Reason.UNCHANGED, done=True, digest=each.digest
    )


def _note_lost_attempts(prepared: Sequence[Prepared]) -> None:
    """A lease that ran out was a call of which nobody knows the end."""
    lost = [each.row for each in prepared if each.row.previous_token]
    Attempt.objects.bulk_create(
        Attempt(
            propagation_id=row.id,
            token=row.previous_token,
            leased=row.wanted,
            started_at=timezone.now() - leases.LEASE,
            outcome=PropagationState.LATER,
            reason=Reason.NO_ANSWER,
            detail="the worker ended before the answer came",
        )
        for row in lost
    )


# --- send (in a thread: HTTP only, no database) ---


def send(turn: Turn) -> Report:
    """Run the connector's generator over HTTP until every row has an outcome, or time is up."""
    started = time.monotonic()
    report = Report(turn)
    made = CallMade()
    fallback: Outcome = Stuck(Reason.BROKEN, "the connector gave no result")
    delivery = turn.connector.deliver([each.wanted for each in turn.batch], _settings(turn))
    way = way_to(turn.destination, turn.connector)
    answer: Answer | None = None
    try:
        while True:
            step = delivery.send(answer)
            answer = None
            if isinstance(step, Result):
                report.outcomes[step.wanted.id] = (step.outcome, made)
            else:
                made = _call_made(step)
                answer = _call(step, way, started, report, made)
    except StopIteration:
        pass
    except http.NoAnswer as lost:
        fallback = Later(Reason.NO_ANSWER if lost.sent else Reason.UNAVAILABLE, None, str(lost), unknown=lost.sent)
    except http.Blocked as blocked:
        fallback = Stuck(Reason.BLOCKED, str(blocked))
    except Exception as error:
        # A connector's own fault must not take the lane down; staff see it, the log names the type only.
        log.error("connector failed", extra={"connector": turn.connector.slug, "error": type(error).__name__})
        fallback = Stuck(Reason.BROKEN, type(error).__name__)
    finally:
        delivery.close()
    for each in turn.batch:
        report.outcomes.setdefault(each.wanted.id, (fallback, made))
    report.took_ms = int((time.monotonic() - started) * 1000)
    return report


def _call(call: Call, way: http.Way, started: float, report: Report, made: CallMade) -> Answer:
    deadline = min(time.monotonic() + CALL_SECONDS, started + DELIVERY_SECONDS)
    if deadline <= time.monotonic():
        raise http.NoAnswer("the time for this turn is over", sent=False)
    report.calls += 1
    answer = http.send(call, way, deadline)
    made.status = answer.status
    made.excerpt = excerpt(answer)
    return answer


def _call_made(call: Call) -> CallMade:
    content = json.dumps([call.json, dict(call.form or {}), (call.body or b"").decode("latin-1")], default=str)
    return CallMade(f"{call.method} {pattern(call.path)}", None, hashlib.sha256(content.encode()).hexdigest())


def _settings(turn: Turn) -> Settings:
    declared = turn.connector.settings
    values = {name: setting.default for name, setting in declared.items()}
    values |= turn.destination.settings | credentials.unlock(turn.destination.secrets)
    return Settings(values, _memory.setdefault(turn.destination.pk, {}))


def way_to(destination: Destination, connector: Connector) -> http.Way:
    """Where this destination's calls may go."""
    default = connector.settings["base_url"].default if "base_url" in connector.settings else ""
    base_url = destination.settings.get("base_url") or default
    allowed = frozenset(django_settings.HEED_PRIVATE_HOSTS.get(destination.slug, ()))
    return http.Way(base_url.rstrip("/"), connector.may_call, allowed)


def host_of(destination: Destination) -> str:
    """The host that staff see: never a path, which may hold a secret."""
    return urlsplit(way_to(destination, CONNECTORS[destination.connector]).base_url).netloc


# --- settle ---


@transaction.atomic
def settle(report: Report) -> None:
    """Write each outcome where the lease is still ours, and one attempt a row, whoever holds the lease now."""
    now, turn = timezone.now(), report.turn
    lane_fails = _lane_fails(report)
    hold = _tend_lane(turn.destination, report, now, fails=lane_fails)
    settled = [
        settlement(each, report.outcomes[each.wanted.id][0], now, hold if lane_fails else None)
        for each in turn.batch
    ]
    leases.settle(settled, turn.token, now)
    Attempt.objects.bulk_create(_attempt(report, each, how) for each, how in zip(turn.batch, settled, strict=True))


def _lane_fails(report: Report) -> bool:
    outcomes = [outcome for outcome, _ in report.outcomes.values()]
    return all(isinstance(each, Later | Stuck) and each.reason in LANE_REASONS for each in outcomes)


def _tend_lane(destination: Destination, report: Report, now: datetime, *, fails: bool) -> datetime:
    """Leave a system that does not answer alone for a while; when it is back, everyone's turn comes at once."""
    lane = Destination.objects.filter(pk=destination.pk)
    if not fails:
        if destination.failures:
            lane.update(failures=0, not_before=None)
            leases.hasten(destination.pk, now)
        return now
    asked = [each.after for each, _ in report.outcomes.values() if isinstance(each, Later) and each.after]
    wait = max([*asked, backoff.lane_delay(destination.failures)])
    until = now + timedelta(seconds=min(wait, backoff.DAY))
    lane.update(failures=destination.failures + 1, not_before=until)
    return until


def settlement(each: Prepared, outcome: Outcome, now: datetime, hold: datetime | None) -> Settled:
    """What an outcome means for one row."""
    row = each.row
    unknown_at = each.wanted.now if row.previous_token else row.unknown_at
    match outcome:
        case Done():
            return _confirmed(each, outcome, unknown_at)
        case Job():
            later = now + timedelta(seconds=outcome.after)
            return Settled(row, PropagationState.LATER, due_at=later, job=outcome.token, unknown_at=unknown_at)
        case Later():
            wait = backoff.row_delay(row.failures) if outcome.after is None else outcome.after
            return Settled(
                row,
                PropagationState.LATER,
                outcome.reason,
                outcome.detail,
                due_at=hold or now + timedelta(seconds=min(wait, backoff.DAY)),
                unknown_at=now if outcome.unknown else unknown_at,
            )
        case Stuck():
            # Never give up on an opt-out: it is tried again daily, and at any change of configuration.
            return Settled(
                row,
                PropagationState.STUCK,
                outcome.reason,
                outcome.detail,
                due_at=now + timedelta(seconds=backoff.DAY) if row.denied else None,
                targets=_targets(each, outcome),
                unknown_at=unknown_at,
            )


def _confirmed(each: Prepared, outcome: Done, unknown_at: datetime | None) -> Settled:
    """Held there. If an earlier attempt may still land, it is sent once more when that can no longer be."""
    state = PropagationState.VERIFIED if outcome.verified else PropagationState.ACKNOWLEDGED
    over = unknown_at + leases.LEASE if unknown_at else None
    repeat = over is not None and each.wanted.now < over
    return Settled(
        each.row,
        PropagationState.ABSENT if outcome.absent else state,
        done=True,
        digest=each.digest,
        targets=_targets(each, outcome),
        due_at=over if repeat else None,
        unknown_at=unknown_at if repeat else None,
    )


def _targets(each: Prepared, outcome: Done | Stuck) -> str | None:
    return None if outcome.held is None else held_to(outcome.held, each.shared)


def _attempt(report: Report, each: Prepared, how: Settled) -> Attempt:
    made = report.outcomes[each.wanted.id][1]
    return Attempt(
        propagation_id=each.row.id,
        token=report.turn.token,
        leased=each.row.wanted,
        started_at=report.turn.started_at,
        took_ms=report.took_ms,
        outcome=how.state,
        reason=how.reason,
        detail=how.detail[:200],
        call=made.what[:200],
        calls=report.calls,
        status=made.status,
        request_digest=made.request_digest,
        excerpt=made.excerpt,
    )
