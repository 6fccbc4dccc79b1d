"""What would be called for an event, were the system live: the connector answers itself, nothing leaves."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from destinations import credentials
from destinations.contract import Call, Connector, Forwarded, Outcome, Reason, Settings, Stuck
from destinations.forwarding.judging import Passing
from destinations.forwarding.leases import Judged
from destinations.models import Destination
from destinations.sending import call_made, settings_for
from destinations.shadow import UNREADABLE, played
from destinations.terms import ForwardingState

CALLS_MAX = 10


def rehearsed(
    destination: Destination, connector: Connector, passing: Sequence[Passing], fates: Sequence[Judged]
) -> list[Judged]:
    """Each that would go, with what would be called for it; what the connector withholds is not sent."""
    try:
        settings = Settings(settings_for(destination, connector).values)
    except credentials.Unreadable:
        return [replace(fate, detail=UNREADABLE) if _would_go(fate) else fate for fate in fates]
    return [
        _rehearsed(connector, each.wanted, settings, fate) if each.wanted and _would_go(fate) else fate
        for each, fate in zip(passing, fates, strict=True)
    ]


def _would_go(fate: Judged) -> bool:
    return fate.state == ForwardingState.SHADOW


def _rehearsed(connector: Connector, event: Forwarded, settings: Settings, fate: Judged) -> Judged:
    calls, outcome = [], None
    try:
        for step in steps(connector, event, settings):
            if isinstance(step, Call):
                calls.append(call_made(step).what)
            else:
                outcome = step
    except Exception as error:  # a connector's own fault, as in destinations.sending
        return replace(fate, reason=Reason.BROKEN, detail=type(error).__name__)
    if isinstance(outcome, Stuck):
        withheld = outcome.reason is Reason.WITHHELD
        state = ForwardingState.BLOCKED if withheld else ForwardingState.SHADOW
        return replace(fate, state=state, reason=outcome.reason, detail=outcome.detail)
    return replace(fate, detail=", ".join(calls))


def steps(connector: Connector, event: Forwarded, settings: Settings) -> Iterator[Call | Outcome]:
    """What a connector would do about one event, answered by itself."""
    delivery = connector.forward([event], settings)
    return played(delivery, lambda call: connector.rehearse_event(call, settings), CALLS_MAX)
