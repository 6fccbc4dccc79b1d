"""What one system would be sent of an event now: judged by the rules in force, run through its connector."""

from datetime import datetime
from typing import NamedTuple

from destinations.connectors import CONNECTORS
from destinations.contract import Call, Stuck
from destinations.forwarding import leases
from destinations.forwarding.judging import judged
from destinations.forwarding.rehearsing import steps
from destinations.models import Forwarding
from destinations.preview import Shown, shown, stand_in_settings
from destinations.terms import REASONS

GONE = "What the event held was destroyed: there is nothing left that could be sent."
BLOCKED = "Nothing would be sent now: the rules in force block it."


class Preview(NamedTuple):
    """The calls, or why there is none."""

    calls: tuple[Shown, ...]
    stopped: str = ""


def preview(forwarding: Forwarding, now: datetime) -> Preview:
    """Without anybody being told; credentials are never read."""
    row, destination = leases.read(forwarding.pk), forwarding.destination
    connector = CONNECTORS.get(destination.connector)
    if row is None or connector is None:
        return Preview((), "This kind of system is no longer supported.")
    [passing] = judged(destination, [row], now)
    if passing.body is None:
        return Preview((), GONE)
    if passing.wanted is None:
        return Preview((), BLOCKED)
    settings, calls, stopped = stand_in_settings(destination), [], ""
    for step in steps(connector, passing.wanted, settings):
        if isinstance(step, Stuck):
            stopped = " ".join(filter(None, [REASONS[step.reason], step.detail]))
        elif isinstance(step, Call) and "grant_type" not in (step.form or {}):  # signing in is left out
            calls.append(shown(step, settings))
    return Preview(tuple(calls), stopped)
