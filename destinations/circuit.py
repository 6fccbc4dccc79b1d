"""Whether a system answers, as a circuit breaker in words (closed, open, trying). Pure.

Calls that fail as a whole open it: the system is left alone, then tried with one row. One answer closes it.
"""

from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.formats import date_format

from destinations.models import Destination
from destinations.terms import REASONS, DestinationState


class Circuit(TextChoices):
    """What an electrician would say."""

    CLOSED = "closed", "Answers"
    OPEN = "open", "Not answering: left alone"
    TRYING = "trying", "Not answering: being tried"


# What stands in a system's row while it answers.
ANSWERS: dict[str, Any] = {
    "failures": 0,
    "not_before": None,
    "facts_after": None,
    "event_failures": 0,
    "events_after": None,
    "failing_since": None,
    "failing_reason": "",
    "trials": 0,
}


def circuit(system: Destination, now: datetime) -> Circuit:
    """Where one system stands."""
    if not system.failures:
        return Circuit.CLOSED
    return Circuit.OPEN if system.not_before and system.not_before > now else Circuit.TRYING


def in_words(system: Destination, now: datetime) -> str:
    """Since when, why, and when it is tried next; of one that answers only whether it is held back."""
    state = circuit(system, now)
    if state == Circuit.CLOSED:
        return _held_back(system, now)
    since = f"Since {_at(system.failing_since)} " if system.failing_since else ""
    failed = f"{since}{system.failures} call{'s'[: system.failures != 1]} failed in a row."
    return " ".join(filter(None, [failed, REASONS.get(system.failing_reason, ""), _next_try(system, state)]))


def _held_back(system: Destination, now: datetime) -> str:
    if system.not_before and system.not_before > now:
        return f"It keeps to its rate limit. Next call: {_at(system.not_before)}"
    if system.facts_after and system.facts_after > now:
        return f"It keeps to its rate limit. Opt-outs go on, all else from {_at(system.facts_after)}"
    if system.events_after and system.events_after > now:
        return f"It takes preferences, but no events. Next try: {_at(system.events_after)}"
    return ""


def _next_try(system: Destination, state: Circuit) -> str:
    if system.state != DestinationState.LIVE:
        return "It is tried once it goes live."
    return "It is being tried now." if state == Circuit.TRYING else f"Next try: {_at(system.not_before)}"


def _at(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "M j, g:i:s a") if moment else ""
