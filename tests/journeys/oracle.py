"""What must hold at the end of any history, worked out the slow and obvious way from what was said and done.

It knows nothing of ledger, projections, outbox or leases: only lists of what happened, in order.
"""

from dataclasses import dataclass, field
from datetime import datetime

OFFERS = {
    "marketing_emails": ("email",),
    "appointment_reminders": ("sms", "email", "phone"),
    "patient_surveys": ("email", "sms"),
    "care_follow_ups": ("sms", "email", "phone", "mail"),
    "phone_outreach": ("phone", "sms"),
}


@dataclass(frozen=True)
class Heard:
    """One choice that counts: what it covered when it was said, and from when it counts."""

    person: str
    category: str
    channel: str
    opts_in: bool
    at: datetime

    def covers(self, category: str, channel: str) -> bool:
        return self.category in ("*", category) and self.channel in ("*", channel)

    def narrower_than(self, other: "Heard") -> bool:
        return other.covers(self.category, self.channel) and (self.category, self.channel) != (
            other.category,
            other.channel,
        )

    @property
    def by_wildcard(self) -> bool:
        return "*" in (self.category, self.channel)


@dataclass
class Life:
    """Everything that happened, as somebody with a notebook would have kept it."""

    heard: list[Heard] = field(default_factory=list)
    has: dict[str, set[str]] = field(default_factory=dict)  # person -> addresses now
    had: dict[str, dict[str, datetime]] = field(default_factory=dict)  # person -> former address -> until
    verified: dict[tuple[str, str], datetime] = field(default_factory=dict)  # (person, address) -> when
    stopped: set[str] = field(default_factory=set)  # phones
    kept: list[tuple[str, str]] = field(
        default_factory=list
    )  # (address, category) nobody could be asked about
    planted: dict[tuple[str, str], datetime] = field(
        default_factory=dict
    )  # (address or record, target) -> when

    # --- answers ---

    def winner(self, person: str, category: str, channel: str) -> Heard | None:
        """The choice that counts (R1, R3)."""
        mine = [each for each in self.heard if each.person == person and each.covers(category, channel)]
        counting = [
            each for each in mine if not (each.opts_in and each.by_wildcard and self._outdone(each, mine))
        ]
        return max(counting, key=lambda each: (each.at, not each.opts_in), default=None)

    @staticmethod
    def _outdone(wildcard: Heard, mine: list[Heard]) -> bool:
        """An opt-in by `*` never beats an opt-out narrower than the wildcard."""
        closer = [
            each for each in mine if each.narrower_than(wildcard) and not (each.opts_in and each.by_wildcard)
        ]
        last = max(closer, key=lambda each: (each.at, not each.opts_in), default=None)
        return last is not None and not last.opts_in

    def refuses(self, person: str, category: str, channel: str) -> bool:
        """Has the person said no?"""
        choice = self.winner(person, category, channel)
        return choice is not None and not choice.opts_in

    def agreed_at(self, person: str, category: str, channel: str) -> datetime | None:
        """Since when the person has said yes."""
        choice = self.winner(person, category, channel)
        return choice.at if choice and choice.opts_in else None

    def holders(self, address: str) -> set[str]:
        return {person for person, addresses in self.has.items() if address in addresses}

    def remembered(self, address: str) -> set[str]:
        """Those who hold it, or held it until somebody else was verified there."""
        former = set()
        for person, left in self.had.items():
            if address in left and address not in self.has.get(person, ()):
                others = self.holders(address) - {person}
                moments = [self.verified.get((other, address)) for other in others]
                if not any(moment and moment > left[address] for moment in moments):
                    former.add(person)
        return self.holders(address) | former

    def denied_at(self, address: str, category: str, channel: str) -> bool:
        """Must this address be silent for that category?"""
        if (address, category) in self.kept or (channel == "sms" and address in self.stopped):
            return True
        return any(self.refuses(person, category, channel) for person in self.remembered(address))

    def denied(self, person: str, category: str, channel: str) -> bool:
        """Must this person not be reached so?"""
        kind = "@" if channel == "email" else "+"
        mine = [address for address in self.has.get(person, ()) if kind in address and channel != "mail"]
        held = any((address, category) in self.kept for address in mine)
        stopped = channel == "sms" and any(address in self.stopped for address in mine)
        return held or stopped or self.refuses(person, category, channel)
