"""Instants as the ledger keeps them: whole microseconds since 1970, UTC."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from preferences.terms import State

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FIRST_DAY = EPOCH + timedelta(
    days=1
)  # 0001-01-01, 1900-01-01 and Unix 0 are how systems say that they know none

Moment = datetime | date  # a date is a day without a time


_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)


def now() -> datetime:
    """The moment at which something is recorded or asked."""
    return _pretended.get() or timezone.now()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Inside, it is then: for made-up histories (the demo's hospital, tests), never for real ones."""
    token = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(token)


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def known(occurred: Moment | None) -> Moment | None:
    """The moment, unless it only stands for one that nobody knows."""
    if occurred is None:
        return None
    real = occurred >= FIRST_DAY if isinstance(occurred, datetime) else occurred >= FIRST_DAY.date()
    return occurred if real else None


def effective(state: State | str, occurred: Moment | None, recorded: datetime) -> datetime | None:
    """R2: when a choice counts from; None for an opt-in that bears no date, which is not applied."""
    occurred = known(occurred)
    if isinstance(occurred, datetime):
        return min(occurred, recorded)
    opt_out = state == State.OUT
    if occurred is None:
        return recorded if opt_out else None
    edge = time.max if opt_out else time.min
    return min(datetime.combine(occurred, edge, timezone.get_default_timezone()), recorded)


def start_of(occurred: Moment | None, recorded: datetime) -> datetime:
    """What a change notes as the time at which it occurred: never later than it was recorded."""
    occurred = known(occurred)
    if occurred is None:
        return recorded
    if not isinstance(occurred, datetime):
        occurred = datetime.combine(occurred, time.min, timezone.get_default_timezone())
    return min(occurred, recorded)
