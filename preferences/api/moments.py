"""When something was said: ISO 8601 as partners write it, corrected for their clock (R2)."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime

from preferences.clock import Moment
from preferences.errors import Malformed

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
AHEAD = timedelta(seconds=60)  # what clocks may differ by without a word
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def occurred(body: Mapping[str, Any], sent_at: object, now: datetime) -> tuple[Moment, tuple[str, ...]]:
    """When it was, and a warning where that is yet to come. Raises Malformed, naming what cannot be read.

    As Segment does: the time on the sender's clock plus (our clock - `sentAt`). A forwarded call bears both
    that time (`originalTimestamp`) and a corrected one (`timestamp`), which must not be corrected again.
    """
    sent = _instant("sentAt", sent_at)
    names = ("originalTimestamp", "timestamp") if sent else ("timestamp", "originalTimestamp")
    name = next((each for each in names if body.get(each) is not None), None)
    if name is None:
        return now, ()
    return _moment(name, body[name], now, late=now - sent if sent else timedelta())


def named(body: Mapping[str, Any], name: str, now: datetime) -> tuple[Moment, tuple[str, ...]]:
    """The same for a moment under one name, on a clock that is right."""
    value = body.get(name)
    return (now, ()) if value is None else _moment(name, value, now, late=timedelta())


def past(body: Mapping[str, Any], name: str, now: datetime) -> datetime | None:
    """A time that has been; None where there is none. Raises Malformed, for one yet to come too."""
    moment = _instant(name, body.get(name))
    if moment is not None and moment > now:
        raise Malformed(f"{name} is yet to come: nobody knows what will hold then", key=name)
    return moment


def _moment(name: str, value: object, now: datetime, late: timedelta) -> tuple[Moment, tuple[str, ...]]:
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        return _day(name, value.strip()), ()
    moment = _instant(name, value)
    assert moment is not None  # noqa: S101 - it is there, or was refused
    moment = _plausible(name, moment + late)
    warning = (f"{name} is in the future: what was said counts from now",) if moment > now + AHEAD else ()
    return moment, warning


def _day(name: str, text: str) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not EARLIEST.year <= day.year < LATEST.year:
        raise _bad(name)
    return day


def _instant(name: str, value: object) -> datetime | None:
    if value is None:
        return None
    try:
        moment = parse_datetime(value.strip()) if isinstance(value, str) else None
        if moment is None:
            raise _bad(name)
        # Without an offset it is UTC, as for Segment.
        return _plausible(name, moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise _bad(name) from None


def _plausible(name: str, moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise _bad(name)
    return moment


def _bad(name: str) -> Malformed:
    return Malformed(f"{name} must be a time in ISO 8601, like 2026-05-01T09:30:00Z", key=name)
