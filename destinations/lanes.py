"""A system's lane: who may call now and how much, and what it means when a whole call fails.

Both kinds of turns go through it: preferences (`delivery`) and events (`forwarding`). What fails for one kind
holds the other; but an event never holds a preference back, which may be somebody's no (`hold_events`).
"""

from datetime import datetime, timedelta
from typing import Any

from destinations import backoff, leases, pacing
from destinations.circuit import ANSWERS
from destinations.contract import Connector, Later, Outcome, Reason, Stuck
from destinations.forwarding import leases as event_leases
from destinations.models import Destination
from destinations.pacing import Room
from destinations.sending import Report
from destinations.terms import DestinationState
from preferences.sql import for_update

REASONS = frozenset(
    {Reason.UNAVAILABLE, Reason.NO_ANSWER, Reason.THROTTLED, Reason.GARBLED, Reason.REJECTED_AUTH}
)


def entered(destination_id: int, *, wait: bool = False) -> Destination | None:
    """The system's row, locked: one worker at a time decides about a lane. None: paused, or another does."""
    query = Destination.objects.filter(pk=destination_id).exclude(state=DestinationState.PAUSED)
    if for_update():
        query = query.select_for_update(skip_locked=not wait)
    return query.first()


def room(destination: Destination, connector: Connector, at_most: int, now: datetime) -> Room:
    """How many rows may be leased: none while the lane is held, or full."""
    cap = destination.in_flight_max or connector.in_flight_max
    if destination.not_before and destination.not_before > now:
        return Room(0)
    if connector.window and (opens := connector.window.next_opening(now)) > now:
        Destination.objects.filter(pk=destination.pk).update(not_before=opens)
        return Room(0)
    if leases.in_flight(destination.pk, now) >= cap:
        return Room(0)
    # A lane that has just failed is tried with one row: it tells as much as a full batch.
    rows = connector.batch_max if connector.publishes_list else min(at_most, connector.batch_max)
    rows = 1 if destination.failures else rows
    return pacing.allowed(destination, connector, rows, now)


def waits_its_turn(outcome: Outcome) -> bool:
    return isinstance(outcome, Later) and outcome.reason is Reason.TURN_OVER


def fails(report: Report[Any], reasons: frozenset[Reason] = REASONS) -> bool:
    """Does it fail for all that it was asked about?"""
    outcomes = [outcome for outcome, _ in report.outcomes.values() if not waits_its_turn(outcome)]
    failing = [isinstance(each, Later | Stuck) and each.reason in reasons for each in outcomes]
    return bool(failing) and all(failing)


def opens(destination: Destination, now: datetime) -> None:
    """It is back: everyone's turn comes."""
    Destination.objects.filter(pk=destination.pk).update(**ANSWERS)
    hasten(destination.pk, now)


def hasten(destination_id: int, now: datetime) -> None:
    """Whoever waits for the system waits no longer."""
    leases.hasten(destination_id, now)
    event_leases.hasten(destination_id, now)


def hold(destination: Destination, report: Report[Any], now: datetime) -> datetime:
    """Leave a system that does not answer alone for a while; returns until when."""
    until = _until(destination.failures, report, now)
    lane = Destination.objects.filter(pk=destination.pk)
    since = destination.failing_since or report.turn.started_at
    why = next((each.reason for each in _failed(report)), "")
    lane.update(failures=destination.failures + 1, not_before=until, failing_since=since, failing_reason=why)
    return until


def hold_events(destination: Destination, report: Report[Any], now: datetime) -> datetime:
    """The same for its events alone, where it is told of preferences, too."""
    until = _until(destination.event_failures, report, now)
    lane = Destination.objects.filter(pk=destination.pk)
    lane.update(event_failures=destination.event_failures + 1, events_after=until)
    return until


def _until(failures: int, report: Report[Any], now: datetime) -> datetime:
    asked = [each.after for each in _failed(report) if isinstance(each, Later) and each.after]
    wait = max([*asked, backoff.lane_delay(failures)])
    return now + timedelta(seconds=min(wait, backoff.DAY))


def _failed(report: Report[Any]) -> list[Later | Stuck]:
    outcomes = [outcome for outcome, _ in report.outcomes.values() if not waits_its_turn(outcome)]
    return [each for each in outcomes if isinstance(each, Later | Stuck)]
