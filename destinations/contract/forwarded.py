"""An event on its way to one system, as the rules let it pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from destinations.contract.outcomes import Identified, Outcome, Result

GRANTED, DENIED, UNASKED = "granted", "denied", "unasked"
SHARING = "sale_or_sharing"


@dataclass(frozen=True, slots=True)
class Forwarded:
    """One event, stripped of what the system may not see.

    `id` is the same on every try: what a system takes twice it knows by it. `properties` by dotted path, the
    event's own and those of its context (`context.ip`); `plain`: the paths of those that tell neither who
    somebody is nor of their health. `identifiers`: those that may be told there.
    `consents`: what somebody said about uses of their data. `jurisdiction`: empty where it is not known.
    `job`: what the system said to an earlier try that it still works on.
    """

    id: str
    name: str
    occurred_at: datetime
    now: datetime
    kind: str = "track"  # or page, or screen
    properties: Mapping[str, Any] = field(default_factory=dict)
    plain: frozenset[str] = frozenset()
    identifiers: Sequence[Identified] = ()
    consents: Mapping[str, str] = field(default_factory=dict)
    jurisdiction: str = ""
    job: str = ""

    def is_(self, outcome: Outcome) -> Result:
        return Result(self, outcome)

    @property
    def shares(self) -> str:
        """What they said about sale and sharing of their data."""
        return self.consents.get(SHARING, UNASKED)

    @property
    def details(self) -> dict[str, Any]:
        """What is plain of the event itself, without what surrounded it."""
        return {
            path: value
            for path, value in self.properties.items()
            if path in self.plain and not path.startswith("context.")
        }

    def values(self, kind: str) -> list[str]:
        """Their identifiers of one kind."""
        return sorted({each.value for each in self.identifiers if each.kind == kind})
