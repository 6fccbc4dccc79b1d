"""The organisation's settings that answers depend on, as they are in force at a moment.

An entry may bear the day from which it holds: `sms, 2027-01-31:phone`. So what a STOP covers can change with
the law while past answers stay as they were.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone

from preferences.answers import Rules
from preferences.clock import micros


def rules_at(moment: datetime) -> Rules:
    """What holds at that moment. A day begins in the organisation's time zone."""
    day = timezone.localdate(moment, timezone.get_default_timezone())
    jurisdictions = list(in_force(settings.HEED_JURISDICTION, day))
    stop_channels = frozenset(in_force(settings.HEED_STOP_CHANNELS, day))
    return Rules(micros(moment), jurisdictions[-1] if jurisdictions else "", stop_channels)


def in_force(entries: Sequence[str], day: date) -> Iterator[str]:
    """The values that hold on that day. Raises ValueError for a day that is none."""
    for entry in filter(None, map(str.strip, entries)):
        since, colon, value = entry.rpartition(":")
        if not colon or date.fromisoformat(since) <= day:
            yield value
