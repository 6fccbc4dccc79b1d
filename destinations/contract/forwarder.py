"""A system that is told of events and of nobody's preferences."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from destinations.contract.calls import Answer, Call
from destinations.contract.connector import Connector, Delivery
from destinations.contract.facts import By, Settings, Target
from destinations.contract.outcomes import Done, Wanted


class Forwarder(Connector):
    """One that only takes events: `forward` says how, and no row about a preference is ever made for it."""

    takes_preferences, takes_events = False, True
    channels, addresses = frozenset[str](), By.PERSON
    rows: ClassVar[tuple[Mapping[str, str], ...]] = ()
    targets: ClassVar[tuple[Target, ...]] = ()

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # Rows may be left from a system that was of another kind: there is nothing to be told about them.
        yield from (each.is_(Done(absent=True)) for each in batch)

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        return Answer(200, b"{}")
