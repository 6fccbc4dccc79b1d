"""How much a system would be told: counted chunk by chunk, a second at a time, kept in the session."""

import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest

from destinations import rates
from destinations.backfill import Size, about, measure, takes
from destinations.connectors import CONNECTORS
from destinations.contract import By
from destinations.models import Destination
from destinations.services import rate_of

AT_A_TIME = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class SizePage:
    """All that the page shows."""

    system: Destination
    size: Size
    total: int
    whom: str
    takes: str
    rate: str

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.size.people / self.total)) if self.total else 100


def counted(system: Destination, request: HttpRequest) -> SizePage:
    """Count on from where this visitor left off; what was finished is counted anew."""
    name, ends = f"size {system.pk}", time.monotonic() + AT_A_TIME
    size = measure(system, _kept(request.session.get(name)))
    while not size.done and time.monotonic() < ends:
        size = measure(system, size)
    request.session[name] = {} if size.done else {**asdict(size), "after": str(size.after)}
    connector, rate = CONNECTORS.get(system.connector), rate_of(system)
    by_address = connector is not None and connector.addresses == By.ADDRESS
    return SizePage(
        system,
        size,
        about(connector).count() if connector else 0,
        "addresses" if by_address else "people",
        roughly(takes(size.unsent, connector, rate)) if connector else "",
        rates.in_words(rate) if rate else "",
    )


def _kept(stored: dict[str, object] | None) -> Size:
    if not stored:
        return Size()
    return Size(**{**stored, "after": UUID(str(stored["after"]))})  # type: ignore[arg-type]


def roughly(span: timedelta) -> str:
    """`less than a minute`, `about 3 hours`."""
    seconds = span.total_seconds()
    for name, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = round(seconds / length)
            return f"about {count} {name}{'s'[: count != 1]}"
    return "less than a minute"
