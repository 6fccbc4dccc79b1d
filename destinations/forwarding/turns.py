"""One system's turn with events: take those that are due in order, judge them, send what may go, settle.

Concurrency contract: a verdict and its lease are committed together, before anything leaves, and every retry
is judged anew; only the holder of the lease's token settles. Whoever takes or settles has locked the lane, so
that nobody overtakes within a person's events. A killed worker's lease ends by itself: its event is judged
again, and if it goes again it goes under the same id.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from destinations import backoff, lanes, pacing
from destinations.connectors import CONNECTORS
from destinations.contract import Connector, Done, Job, Later, Outcome, Reason, Stuck
from destinations.forwarding import alone, leases
from destinations.forwarding.judging import Passing, judged
from destinations.forwarding.leases import Before, Judged, Row, Settled
from destinations.forwarding.rehearsing import rehearsed
from destinations.governed import place_of
from destinations.models import Destination
from destinations.sending import CallMade, Report, Turn
from destinations.terms import DestinationState, ForwardingState

ALONE_TRIES = 5  # what failed so often by itself, at a system that answers others, is given up
TRIED_OF = 20  # of so many the next try at a system that has failed is chosen
HELD = lanes.REASONS | {Reason.REJECTED_CONFIG, Reason.BLOCKED}
GONE = "what it held was destroyed before it could be sent"
TOO_OLD = "the system takes nothing that happened so long ago"
HANDED_OVER = "the system had taken it before; it was not asked what became of it"
ALONE = "it failed again and again while others went through"
TESTED = "it failed again and again while the system answered a test of the connection"


# --- take ---


@transaction.atomic
def take(destination_id: int, at_most: int) -> Turn[Passing] | None:
    """Judge the next events of one system, lease those that may go; None: none is due, or it is full."""
    destination = lanes.entered(destination_id)
    connector = CONNECTORS.get(destination.connector) if destination else None
    if destination is None or connector is None or not connector.takes_events:
        return None
    now = timezone.now()
    if destination.events_after and destination.events_after > now:
        return None
    room = lanes.room(destination, connector, at_most, now)
    rows = _due(destination, room.rows, now) if room.rows and not room.denials_only else []
    if not rows:
        return None
    token = uuid.uuid4()
    going = _judge(destination, connector, _in_turn(destination, rows), token, now)
    charged = pacing.expected(connector, len(going))
    pacing.charge(destination, charged, now)
    tell = alone.way(destination, connector, len(going))
    return Turn(destination, connector, tell, token, going, now, charged)


def _due(destination: Destination, limit: int, now: datetime) -> list[Row]:
    """Whose turn it is. What has failed is tried with fewer, until it stands alone."""
    failing = destination.failures or destination.event_failures
    rows = leases.due(destination.pk, max(TRIED_OF, limit) if failing else limit, now)
    if failing:
        first = {row.subject: row for row in reversed(rows)}.values()
        return sorted(first, key=lambda row: (row.failures, row.id))[:1]
    worst = max((row.failures for row in rows), default=0)
    return rows[: max(1, limit >> worst)]


def _judge(
    destination: Destination, connector: Connector, rows: Sequence[Row], token: uuid.UUID, now: datetime
) -> list[Passing]:
    """Lease what may go, and settle the rest; whoever waited behind that has their turn."""
    if not rows:
        return []
    passing = judged(destination, rows, now)
    live = destination.state == DestinationState.LIVE
    fates = [_fate(each, connector, now, live=live) for each in passing]
    if not live:
        fates = rehearsed(destination, connector, passing, fates)
    leases.write_verdicts(fates, place_of(destination), token, now)
    if over := {each.row.subject for each in fates if not each.leased}:
        leases.let_next_go(destination.pk, over, now)
    return [each for each, fate in zip(passing, fates, strict=True) if fate.leased]


def _in_turn(destination: Destination, rows: Sequence[Row]) -> list[Row]:
    """Without those before which another event of the same person is open: they are put off."""
    heads = leases.heads(destination.pk, rows)
    waiting = {row.id: heads[row.subject] for row in rows if heads.get(row.subject, (row.id, 0))[0] < row.id}
    if waiting:
        leases.put_off([(pk, until) for pk, (_, until) in waiting.items()])
    return [row for row in rows if row.id not in waiting]


def _fate(each: Passing, connector: Connector, now: datetime, *, live: bool) -> Judged:
    """What becomes of it by its age and the rules."""
    verdict = _kept(each, now)
    if each.body is None:
        return Judged(each.row, ForwardingState.EXPIRED, verdict, "", GONE)
    if now - each.row.occurred_at > connector.event_max_age:
        return Judged(each.row, ForwardingState.EXPIRED, verdict, "", TOO_OLD)
    if each.wanted is None:
        detail = HANDED_OVER if each.row.job else ""
        return Judged(each.row, ForwardingState.BLOCKED, verdict, verdict.because if verdict else "", detail)
    return Judged(each.row, ForwardingState.SENDING if live else ForwardingState.SHADOW, verdict)


def _kept(each: Passing, now: datetime) -> Before | None:
    said = each.verdict
    if said is None:
        return None
    redacted = {path: redaction.how.value for path, redaction in said.redactions.items()}
    return Before(
        said.outcome.value,
        said.because.value,
        said.policy,
        said.event,
        list(said.rules),
        f"{said.hits:x}",
        each.facts,
        redacted,
        now.isoformat(),
    )


# --- settle ---


@transaction.atomic
def settle(report: Report[Passing]) -> None:
    """Write each outcome where the lease is still ours, and let whoever waited behind it go."""
    now, turn = timezone.now(), report.turn
    destination = lanes.entered(turn.destination.pk, wait=True) or turn.destination
    until = _hold(destination, turn.connector, report, now)
    settled = [_settlement(each, report, now, until) for each in turn.batch]
    leases.settle(settled, turn.token, now)
    if over := {each.row.subject for each in settled if each.due_at is None or each.job}:
        leases.let_next_go(destination.pk, over, now)
    pacing.charge(destination, report.calls - turn.charged, now)


def _hold(
    destination: Destination, connector: Connector, report: Report[Passing], now: datetime
) -> datetime | None:
    """Until when the system is left alone, where a whole call failed. One answer lets everybody go."""
    if lanes.fails(report, HELD):
        hold = lanes.hold_events if connector.takes_preferences else lanes.hold
        return hold(destination, report, now)
    if destination.event_failures or destination.failures:
        lanes.opens(destination, now)
    return None


def _settlement(each: Passing, report: Report[Passing], now: datetime, until: datetime | None) -> Settled:
    """What an outcome means for one event."""
    row, (outcome, made) = each.row, report.outcomes[str(each.row.event)]
    left = _left(outcome, made)
    if lanes.waits_its_turn(outcome):
        return Settled(
            row, ForwardingState.WAITING, due_at=now, failures=row.failures, job=row.job, left=left
        )
    failures = _failures(row, report, outcome)
    match outcome:
        case Done():
            return Settled(row, ForwardingState.SENT, left=left)
        case Job():
            later = now + timedelta(seconds=outcome.after)
            return Settled(row, ForwardingState.LATER, due_at=later, job=outcome.token, left=left)
        case Stuck(reason=Reason.WITHHELD):
            return Settled(row, ForwardingState.BLOCKED, outcome.reason, outcome.detail, left=left)
        case Stuck() if outcome.reason not in HELD:
            return Settled(row, ForwardingState.STUCK, outcome.reason, outcome.detail, left=left)
    if len(report.turn.batch) == 1 and failures >= ALONE_TRIES:
        words = TESTED if isinstance(outcome, alone.Answering) else ALONE
        return Settled(row, ForwardingState.STUCK, outcome.reason, words, failures=failures, left=left)
    wait = getattr(outcome, "after", None) or backoff.row_delay(failures)
    due_at = until or now + timedelta(seconds=min(wait, backoff.DAY))
    return Settled(
        row, ForwardingState.LATER, outcome.reason, outcome.detail, due_at, failures, row.job, left
    )


def _failures(row: Row, report: Report[Passing], outcome: Outcome) -> int:
    """A try counts against the event where the system has answered lately: else it says nothing of it."""
    answering = not report.turn.destination.failures and not report.turn.destination.event_failures
    return row.failures + (answering or isinstance(outcome, alone.Answering))


def _left(outcome: Outcome, made: CallMade) -> bool:
    """May the system have it?"""
    if isinstance(outcome, Done | Job):
        return True
    if isinstance(outcome, Later):
        return outcome.unknown or bool(made.status)
    return bool(made.status) and outcome.reason is not Reason.WITHHELD
