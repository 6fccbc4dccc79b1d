"""An event that fails where nothing else is sent: whether it is to blame can be told by no other's success.

So the system is asked: once it has failed for a while, each further try of an event alone is followed by
the harmless test of the connection (`Connector.probe`). A system that answers that is well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from destinations.contract import Connector, Delivery, Later, Reason, Refused, Result, Settings
from destinations.models import Destination

ASKED_AFTER = 10  # tries in a row that failed: a minute or two (backoff.lane_delay)
OUR_FAULT = frozenset({Reason.UNAVAILABLE, Reason.GARBLED})  # it may be the event's: anything else is not


@dataclass(frozen=True, slots=True)
class Answering(Later):
    """It failed, and right after it the system answered a test."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A connector's way to forward one event, with the test behind it."""

    connector: Connector

    def forward(self, batch: Sequence[Any], settings: Settings) -> Delivery:
        failed: list[Result] = []
        steps, answer = self.connector.forward(batch, settings), None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration:
                break
            answer = None
            if not isinstance(step, Result):
                answer = yield step
            elif isinstance(step.outcome, Later) and step.outcome.reason in OUR_FAULT:
                failed.append(step)
            else:
                yield step
        for each in failed:
            try:
                yield from self.connector.probe(settings, [], batch[0].now)
            except Refused:
                yield each
            else:
                yield Result(each.wanted, Answering(**_fields(each.outcome)))


def way(destination: Destination, connector: Connector, rows: int) -> Any:
    """How this turn tells: with the test behind it where one event fails for long."""
    long = max(destination.failures, destination.event_failures) >= ASKED_AFTER
    return Asking(connector).forward if long and rows == 1 else connector.forward


def _fields(outcome: Any) -> dict[str, Any]:
    names = ("reason", "after", "detail", "unknown")
    return {name: getattr(outcome, name) for name in names}
