"""Testing a connection: a harmless call through `http`, about nobody, and in words what came of it."""

import time
from collections.abc import Sequence

from django.utils import timezone

from destinations import credentials, http, ways
from destinations.connectors import CONNECTORS
from destinations.contract import Call, Checked, Connector, Later, Refused, Stuck
from destinations.mapping.published import mapper_of
from destinations.models import Destination
from destinations.sending import settings_for, way_to
from destinations.terms import REASONS, REMEDIES

PROBE_SECONDS = 10.0
ADDRESS = "Check the address. If it is right, ask whether a firewall lets this server out to it."
PRIVATE = "Correct the address, or have an operator name it in HEED_PRIVATE_HOSTS (see the runbook)."


def probe(destination: Destination) -> list[Checked]:
    """What a test of the connection finds; the first thing is about the connection as a whole."""
    connector = CONNECTORS.get(destination.connector)
    if connector is None:
        return [Checked(False, "This kind of system is no longer supported.")]
    try:
        return list(_run(destination, connector))
    except Refused as refused:
        return [_refusal(refused.outcome)]
    except http.NoAnswer as lost:
        return [Checked(False, f"No answer came: {lost}.", ADDRESS)]
    except http.Blocked as blocked:
        return [Checked(False, f"The call is not allowed from here: {blocked}.", PRIVATE)]
    except credentials.Unreadable:
        return [Checked(False, "The credentials can't be read any more.", "Enter them again.")]


def _run(destination: Destination, connector: Connector) -> Sequence[Checked]:
    settings, way = settings_for(destination, connector), way_to(destination, connector)
    settings.memory.clear()  # the sign-in is part of what is tested
    deadline = time.monotonic() + PROBE_SECONDS
    steps = connector.probe(settings, [row.target for row in mapper_of(destination).rows], timezone.now())
    answer = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]
        if isinstance(step, Call):
            answer = ways.send(step, way, deadline)


def _refusal(outcome: Later | Stuck) -> Checked:
    detail = f" ({outcome.detail})" if outcome.detail else ""
    return Checked(False, f"{REASONS[outcome.reason]}{detail}", REMEDIES.get(outcome.reason, ""))
