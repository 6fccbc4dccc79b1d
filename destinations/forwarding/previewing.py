"""What one system would be sent of an event now: judged by the rules in force, run through its connector."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from destinations.connectors import CONNECTORS
from destinations.contract import Call, Connector, Forwarded, Identified, Stuck
from destinations.forwarding import leases
from destinations.forwarding.judging import code_for, consents_of, judged
from destinations.forwarding.rehearsing import steps
from destinations.models import Destination, Forwarding
from destinations.preview import SAMPLE_ID, Shown, shown, stand_in_settings
from destinations.terms import REASONS
from governance.facts import Facts
from governance.redacting import redacted
from governance.terms import PropertyClass
from governance.verdicts import EventSeen, Verdict
from preferences.catalogue import Catalogue

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
    return _previewed(destination, connector, passing.wanted)


def tried(
    destination: Destination,
    *,
    seen: EventSeen,
    facts: Facts,
    verdict: Verdict,
    who: Sequence[Identified],
    known: Catalogue,
) -> Preview:
    """The same of an event that never was, about these ids; of one that is blocked nothing."""
    connector = CONNECTORS.get(destination.connector)
    if seen.allowed is None or connector is None or not verdict.released:
        return Preview(())
    now = timezone.now()
    wanted = Forwarded(
        id=SAMPLE_ID,
        name=seen.name,
        occurred_at=now,
        now=now,
        properties=redacted(seen.properties, seen.allowed, verdict.redactions, code_for(destination)),
        plain=seen.allowed.of(PropertyClass.PLAIN),
        identifiers=tuple(who),
        consents=consents_of(facts, known),
        jurisdiction=facts.jurisdictions[0] if len(facts.jurisdictions) == 1 else "",
    )
    return _previewed(destination, connector, wanted)


def _previewed(destination: Destination, connector: Connector, wanted: Forwarded) -> Preview:
    settings, calls, stopped = stand_in_settings(destination), [], ""
    for step in steps(connector, wanted, settings):
        if isinstance(step, Stuck):
            stopped = " ".join(filter(None, [REASONS[step.reason], step.detail]))
        elif isinstance(step, Call) and "grant_type" not in (step.form or {}):  # signing in is left out
            calls.append(shown(step, settings))
    return Preview(tuple(calls), stopped)
