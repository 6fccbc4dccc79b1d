"""Days that pass in a moment, for Heed and for the sandbox systems alike."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch


class Days:
    """How far the calendar has moved on."""

    def __init__(self) -> None:
        self.passed = timedelta()

    def go_by(self, days: int) -> None:
        self.passed += timedelta(days=days)

    def now(self, zone: tzinfo | None = UTC) -> datetime:
        return datetime.now(zone) + self.passed

    def seconds(self) -> float:
        return time.time() + self.passed.total_seconds()


@contextmanager
def days_that_pass() -> Iterator[Days]:
    """Inside, it is as late as these days say: here, and at every vendor."""
    days = Days()

    class Dated(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return days.now(tz)

    with ExitStack() as stack:
        stack.enter_context(patch("django.utils.timezone.now", days.now))
        for vendor in ("fhir", "salesforce"):
            stack.enter_context(patch(f"destinations.sandbox.{vendor}.datetime", Dated))
        for vendor in ("salesforce", "server", "webhook"):
            clock = SimpleNamespace(time=days.seconds)
            stack.enter_context(patch(f"destinations.sandbox.{vendor}.time", clock))
        yield days
