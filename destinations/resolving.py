"""What a vendor's event leaves out (whose record it is, say), asked of the system itself."""

import time

from destinations import credentials, http, ways
from destinations.connectors import CONNECTORS
from destinations.contract import Call, Refused, Steps
from destinations.models import Destination, Inbound
from destinations.sending import settings_for, way_to
from destinations.vendors import VENDORS

RESOLVE_SECONDS = 10.0
RESOLVING = frozenset(slug for slug, vendor in VENDORS.items() if vendor.resolves)


class Unresolved(Exception):
    """The system did not say: it is asked again later. Says why, for staff."""


def resolved(inbound: Inbound, content: bytes) -> bytes:
    """The event with what it leaves out; as it came, where no system is connected. Raises Unresolved."""
    system = Destination.objects.filter(source=inbound.source_id).first()
    connector = CONNECTORS.get(system.connector) if system else None
    if system is None or connector is None:
        return content
    try:
        way = way_to(system, connector)
        steps = VENDORS[inbound.vendor].resolve(content, settings_for(system, connector))
        return _run(steps, way)
    except Refused as refused:
        raise Unresolved(f"{system.name} was asked and did not say: {refused.outcome.reason}") from None
    except http.NoAnswer:
        raise Unresolved(f"{system.name} was asked and did not answer") from None
    except (http.Blocked, credentials.Unreadable):
        raise Unresolved(f"{system.name} cannot be asked: test its connection") from None


def _run(steps: Steps[bytes], way: http.Way) -> bytes:
    deadline, answer = time.monotonic() + RESOLVE_SECONDS, None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as done:
            return bytes(done.value)
        if isinstance(step, Call):
            answer = ways.send(step, way, deadline)
