"""The engine: one system's turn: take a batch under a lease, send it (`sending`), settle what came of it.

Concurrency contract: a row is called about only under a lease that was committed before; only the holder of
the lease's token writes the outcome; `wanted` may rise at any moment and is never lowered. So retries,
reordering, two workers and kill -9 are harmless: the next turn sends the latest state again.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from destinations import backoff, lanes, leases, pacing, publishing, shadow, trials
from destinations.connectors import CONNECTORS
from destinations.contract import STILL_NEEDED, Confirms, Done, Job, Later, Outcome, Reason, Stuck
from destinations.leases import Settled
from destinations.models import Attempt, Destination
from destinations.pacing import Room
from destinations.payloads import Prepared, Row, held_to, prepare
from destinations.sending import Report, Turn
from destinations.services.handing import hand_over
from destinations.terms import DestinationState, PropagationState

LOST = "an earlier call ended unknown, and nothing is to be told now: see what stands there, then try again"
PARTIAL_TRIES = 5  # after so many that were taken in part only, somebody must look
TRIED_OF = 20  # of so many the next try at a system that has failed is chosen


# --- take ---


def take(destination_id: int, at_most: int) -> Turn[Prepared] | None:
    """Lease the next rows of one destination; None when nothing is due or its lane is full."""
    turn = _take(destination_id, at_most)
    return publishing.with_lists(turn) if turn and turn.batch and turn.connector.publishes_list else turn


@transaction.atomic
def _take(destination_id: int, at_most: int) -> Turn[Prepared] | None:
    destination = lanes.entered(destination_id)
    connector = CONNECTORS.get(destination.connector) if destination else None
    if destination is None or connector is None:
        return None
    now = timezone.now()  # once the lane is read: what is learnt is dated by it (Destination.moved_at)
    room = lanes.room(destination, connector, at_most, now)
    rows = _due(destination, room, now) if room.rows else []
    if not rows:
        return None
    prepared = prepare(destination, connector, rows, now)
    calls = [each for each in prepared if _needs_call(each)]
    quiet = [each for each in prepared if not _needs_call(each)]
    _note_lost_attempts(prepared)
    if destination.state == DestinationState.SHADOW:
        shadow.rehearse(destination, connector, calls, now)
        calls = []
    charged = pacing.expected(connector, len(calls))
    turn = Turn(destination, connector, connector.deliver, uuid.uuid4(), calls, now, charged)
    if calls or quiet:
        leases.take([each.row for each in (*calls, *quiet)], turn.token, now)
    if quiet:
        leases.settle([_without_call(each) for each in quiet], turn.token, now)
    pacing.charge(destination, charged, now)
    return turn


def _due(destination: Destination, room: Room, now: datetime) -> list[Row]:
    """Whose turn it is; at a system that has just failed whoever was tried least of those that come first.

    It may be one row that it hangs on: tried again and again, that would keep everyone else waiting.
    """
    limit = TRIED_OF if destination.failures else room.rows
    rows = leases.due(destination.pk, limit, now, denials_only=room.denials_only)
    return sorted(rows, key=lambda row: row.failures)[: room.rows] if destination.failures else rows


def _needs_call(each: Prepared) -> bool:
    if each.row.unknown_at or each.row.job or each.row.previous_token:
        return not each.idle
    return not each.idle and each.row.digest != each.digest


def _without_call(each: Prepared) -> Settled:
    """Nothing to tell; but where the end of an earlier call is lost, what it wrote may stand there still."""
    if each.idle and (each.row.previous_token or each.row.unknown_at):
        return Settled(each.row, PropagationState.STUCK, Reason.NEEDS_PERSON, LOST)
    return Settled(each.row, PropagationState.ACKNOWLEDGED, Reason.UNCHANGED, done=True, digest=each.digest)


def _note_lost_attempts(prepared: Sequence[Prepared]) -> None:
    """A lease that ran out was a call of which nobody knows the end."""
    lost = [each.row for each in prepared if each.row.previous_token]
    Attempt.objects.bulk_create(
        Attempt(
            propagation_id=row.id,
            token=row.previous_token or row.id,
            leased=row.wanted,
            started_at=timezone.now() - leases.LEASE,
            outcome=PropagationState.LATER,
            reason=Reason.NO_ANSWER,
            detail="the worker ended before the answer came",
        )
        for row in lost
    )


# --- settle ---


@transaction.atomic
def settle(report: Report[Prepared]) -> None:
    """Write each outcome where the lease is still ours, and one attempt a row whoever holds it now."""
    # The lane's row first and the account's last, as `take` goes: nobody waits in a ring.
    now, turn = timezone.now(), report.turn
    lane_fails = lanes.fails(report)
    hold = lanes.hold(turn.destination, report, now) if lane_fails else None
    if turn.destination.failures and not lane_fails:
        lanes.opens(turn.destination, now)
    settled = [settlement(each, report.outcomes[each.wanted.id][0], now, hold) for each in turn.batch]
    rows = [each.row for each in turn.batch]
    lane = trials.lane_of(turn.destination, rows, settled)
    leases.settle(settled, turn.token, now)
    if lane:
        trials.note(lane, settled, now)
    Attempt.objects.bulk_create(
        _attempt(report, each, how) for each, how in zip(turn.batch, settled, strict=True)
    )
    if turn.connector.publishes_list:
        publishing.note(report, now)
    if turn.connector.confirms is Confirms.BY_HAND:
        _ask_somebody(turn.destination, settled, now)
    pacing.charge(turn.destination, report.calls - turn.charged, now)


def _ask_somebody(destination: Destination, settled: Sequence[Settled], now: datetime) -> None:
    """Where there is nothing to call: a task for each, at once; who has one already keeps it."""
    mailbox = destination.settings.get("base_url", "").removeprefix("mailto:")
    hand_over(
        propagation_ids=[each.row.id for each in settled if each.reason == Reason.IN_HANDS],
        asked_of=destination.settings.get("asked_of") or mailbox,
        words=destination.settings["words"],
        by="Heed",
        remind_at=now if mailbox else None,
    )


def settlement(each: Prepared, outcome: Outcome, now: datetime, hold: datetime | None) -> Settled:
    """What an outcome means for one row."""
    row = each.row
    unknown_at = each.wanted.now if row.previous_token else row.unknown_at
    outcome = _worn_out(row, outcome)
    match outcome:
        case Done():
            return _confirmed(each, outcome, unknown_at)
        case Job():
            later = now + timedelta(seconds=outcome.after)
            return Settled(
                row, PropagationState.LATER, due_at=later, job=outcome.token, unknown_at=unknown_at
            )
        case Later():
            wait = backoff.row_delay(row.failures) if outcome.after is None else outcome.after
            held = hold if outcome.reason in lanes.REASONS else None
            return Settled(
                row,
                PropagationState.LATER,
                outcome.reason,
                outcome.detail,
                due_at=held or now + timedelta(seconds=min(wait, backoff.DAY)),
                failed=not lanes.waits_its_turn(outcome),
                targets=_targets(each, outcome),
                unknown_at=now if outcome.unknown else unknown_at,
            )
        case Stuck():
            # Never give up on an opt-out: it is tried again daily, and at any change of configuration. What
            # the person was to do there is looked for daily.
            again = _denies(each) or outcome.reason in STILL_NEEDED.values()
            return Settled(
                row,
                PropagationState.STUCK,
                outcome.reason,
                outcome.detail,
                due_at=now + timedelta(seconds=backoff.DAY) if again else None,
                targets=_targets(each, outcome),
                unknown_at=unknown_at,
            )


def _worn_out(row: Row, outcome: Outcome) -> Outcome:
    """What a system keeps taking in part only, or does not show when it is read back, is for a person."""
    if isinstance(outcome, Later) and outcome.reason is Reason.PARTIAL and row.failures >= PARTIAL_TRIES:
        return Stuck(outcome.reason, outcome.detail, outcome.held)
    return outcome


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


def _denies(each: Prepared) -> bool:
    """Is somebody's no among what is to be told? A snapshot may hold one."""
    said = (*each.wanted.fields.values(), *(f for at in each.wanted.fields_at.values() for f in at.values()))
    return each.row.denied or bool(each.wanted.snapshot) or any(each.denies for each in said)


def _targets(each: Prepared, outcome: Done | Later | Stuck) -> str | None:
    return None if outcome.held is None else held_to(outcome.held, each.shared)


def _attempt(report: Report[Prepared], each: Prepared, how: Settled) -> Attempt:
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
        calls=report.calls if made.what else 0,
        status=made.status,
        request_digest=made.request_digest,
        excerpt=made.excerpt,
    )
