"""When an opt-out must have been heeded: arithmetic with days, zones and holidays (R18). Pure.

The day of receipt is day 0, and the last day counts to its end. Where the organisation and the person are in
different time zones the earlier day holds at both ends: never later than either of them would say.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

from destinations.terms import Unit

DAY = timedelta(days=1)
SATURDAY = 5
EXACT = {Unit.HOURS: timedelta(hours=1), Unit.MINUTES: timedelta(minutes=1)}


@lru_cache(maxsize=64)
def federal_holidays(year: int) -> frozenset[date]:
    """The holidays of 5 USC 6103 that fall into a year, with the days on which they are observed.

    A New Year's Day on a Saturday is observed on the last day of the year before, and stands in that year.
    """
    return frozenset(country_holidays("US", years=year))


def is_federal_holiday(day: date) -> bool:
    return day in federal_holidays(day.year)


def day_zero(received: datetime, zones: tuple[ZoneInfo, ...]) -> date:
    """The day on which a request was received."""
    return min(received.astimezone(zone).date() for zone in zones)


def due(
    received: datetime,
    amount: int,
    unit: str,
    zones: tuple[ZoneInfo, ...],
    is_holiday: Callable[[date], bool] = is_federal_holiday,
) -> datetime:
    """The last moment at which it is in time."""
    if exact := EXACT.get(Unit(unit)):
        return received.astimezone(UTC) + amount * exact
    return _last_moment(day_zero(received, zones), amount, unit, zones, is_holiday)


@lru_cache(maxsize=4096)
def _last_moment(
    first: date, amount: int, unit: str, zones: tuple[ZoneInfo, ...], is_holiday: Callable[[date], bool]
) -> datetime:
    last = first + amount * DAY if unit == Unit.DAYS else _business_day(first, amount, is_holiday)
    return min(datetime.combine(last, time.max, zone).astimezone(UTC) for zone in zones)


def _business_day(day: date, count: int, is_holiday: Callable[[date], bool]) -> date:
    """So many business days later."""
    while count:
        day += DAY
        count -= day.weekday() < SATURDAY and not is_holiday(day)
    return day


def near(received: datetime, due_at: datetime, share: float) -> datetime:
    """From when on little time is left: the last share of it."""
    return due_at - max(due_at - received, timedelta()) * share
