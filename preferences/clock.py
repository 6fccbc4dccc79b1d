"""Instants as the ledger keeps them: whole microseconds since 1970, UTC."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from preferences.terms import State

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Moment = datetime | date  # a date is a day without a time


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def effective(state: State | str, occurred: Moment | None, recorded: datetime) -> datetime | None:
    """R2: when a choice counts from; None for an opt-in that bears no date, which is not applied."""
    if isinstance(occurred, datetime):
        return min(occurred, recorded)
    opt_out = state == State.OUT
    if occurred is None:
        return recorded if opt_out else None
    edge = time.max if opt_out else time.min
    return min(datetime.combine(occurred, edge, timezone.get_default_timezone()), recorded)


def start_of(occurred: Moment | None, recorded: datetime) -> datetime:
    """What a change notes as the time at which it occurred."""
    if isinstance(occurred, datetime):
        return occurred
    if occurred is None:
        return recorded
    return datetime.combine(occurred, time.min, timezone.get_default_timezone())
