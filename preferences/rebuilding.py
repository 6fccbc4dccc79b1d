"""What the entries of one subject come to, worked out from nothing but the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from preferences.projection import Choices, Restrictions, place_choice, place_restriction


@dataclass(slots=True)
class Rebuilt:
    """The projections of one subject, and with whom its entries say that it is one."""

    choices: Choices = field(default_factory=dict)
    restrictions: Restrictions = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    parts: list[UUID] = field(default_factory=list)  # people who turned out to be this one
    into: UUID | None = None  # the person whom this one turned out to be

    def add(self, entry: Mapping[str, Any], change: int) -> None:
        """Let one entry take effect, in the order of the chain."""
        match entry["do"]:
            case "choice" if entry.get("counted", True):
                place_choice(self.choices, entry, change)
            case "restriction":
                place_restriction(self.restrictions, entry, change)
            case "attribute":
                self.attributes[entry["name"]] = entry["value"]
            case "fold":
                self.parts.append(UUID(entry["from"]))
            case "folded":
                self.into = UUID(entry["into"])
