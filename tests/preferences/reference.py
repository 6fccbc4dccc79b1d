"""The rules of DESIGN section 4, as slow and obvious as they can be written: lists, and nothing remembered.

It knows nothing of ledger, projections or queries. Where the two differ, one of them is wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

# Section 7: category -> channel -> (default, what an opt-in needs).
MESSAGES: dict[str, dict[str, tuple[bool, str]]] = {
    "marketing_emails": {"email": (True, "person")},
    "appointment_reminders": {"sms": (True, "any"), "email": (True, "any"), "phone": (True, "any")},
    "patient_surveys": {"email": (True, "any"), "sms": (True, "any")},
    "care_follow_ups": {
        "sms": (True, "any"),
        "email": (True, "any"),
        "phone": (True, "any"),
        "mail": (True, "any"),
    },
    "phone_outreach": {"phone": (False, "notice"), "sms": (False, "notice")},
}
USES_OF_DATA = ("sale_or_sharing", "sensitive_data")
UNKNOWN_MAY_GET = {"appointment_reminders"}
SERVES = {"email": {"email"}, "phone": {"sms", "phone"}}
CELLS = [(category, channel) for category in MESSAGES for channel in MESSAGES[category]]
CELLS += [(category, "") for category in USES_OF_DATA]


@dataclass(frozen=True)
class Heard:
    """One thing said in one change. `how`: by the person, with a notice, in a second step."""

    change: int
    category: str
    channel: str
    opts_in: bool
    at: datetime
    how: frozenset[str] = frozenset()

    @property
    def by_wildcard(self) -> bool:
        return "*" in (self.category, self.channel)

    def covers(self, category: str, channel: str) -> bool:
        """`*` as category is all messages and no use of data; a use of data has no channel."""
        if category in USES_OF_DATA:
            return self.category == category
        return self.category in ("*", category) and self.channel in ("*", channel)

    def counts_for(self, category: str, channel: str) -> bool:
        """R6."""
        if not self.opts_in:
            return True
        needs = "second_step" if category in USES_OF_DATA else MESSAGES[category][channel][1]
        asked = {"any": set(), "person": {"person"}}.get(needs, {"person", needs})
        return asked <= self.how

    def narrower_than(self, other: "Heard") -> bool:
        mine, theirs = (self.category, self.channel), (other.category, other.channel)
        inside = theirs[0] in ("*", mine[0]) and theirs[1] in ("*", mine[1])
        return inside and mine != theirs


def winner(heard: list[Heard], category: str, channel: str) -> Heard | None:
    """R1 and R3: of all counted choices that cover the question, the latest; a tie goes to the opt-out."""
    counted = [
        each for each in heard if each.covers(category, channel) and each.counts_for(category, channel)
    ]
    return _winner_of([each for each in counted if not _outdone_in_its_change(each, counted)])


def _outdone_in_its_change(one: Heard, counted: list[Heard]) -> bool:
    return any(other.change == one.change and other.narrower_than(one) for other in counted)


def _winner_of(counted: list[Heard]) -> Heard | None:
    standing = [each for each in counted if not _held_down(each, counted)]
    return max(standing, key=lambda each: (each.at, not each.opts_in), default=None)


def _held_down(one: Heard, counted: list[Heard]) -> bool:
    """An opt-in by `*` never beats an opt-out that is narrower than the wildcard."""
    if not (one.opts_in and one.by_wildcard):
        return False
    narrower = _winner_of([other for other in counted if other.narrower_than(one)])
    return narrower is not None and not narrower.opts_in


@dataclass(frozen=True)
class Restricted:
    """R7: one setting or lifting on one address."""

    address: str
    kind: str
    category: str
    channel: str  # `*`: all that the kind covers there
    is_set: bool
    at: datetime


@dataclass
class Stay:
    """Somebody at an address, by the word of one source."""

    person: int
    address: str
    source: str
    since: datetime
    until: datetime | None = None
    verified: datetime | None = None


@dataclass
class History:
    """Everything that was said and done, in lists."""

    heard: dict[int, list[Heard]] = field(default_factory=dict)
    stays: list[Stay] = field(default_factory=list)
    restricted: list[Restricted] = field(default_factory=list)

    # --- what happens ---

    def moves(self, person: int, address: str, source: str, now: datetime, *, verified: bool) -> None:
        """A source gives an address: it replaces what the same source gave of that kind."""
        kind = kind_of(address)
        mine = [
            stay
            for stay in self.stays
            if (stay.person, stay.source, stay.until) == (person, source, None)
            and kind_of(stay.address) == kind
        ]
        if any(stay.address == address for stay in mine):
            return
        for stay in mine:
            stay.until = now
        self.stays.append(Stay(person, address, source, now, verified=now if verified else None))

    def opts_out_at(self, address: str, source: str, said: Heard, now: datetime) -> None:
        """R10: an opt-out that names an address alone. Whom it finds has it from the same source now."""
        holders = self.holders_now(address)
        if len(holders) == 1:
            person = holders.pop()
            self.heard.setdefault(person, []).append(said)
            self.moves(person, address, source, now, verified=False)
        else:
            self.restricted.append(
                Restricted(address, "suppressed", said.category, said.channel, True, said.at)
            )

    # --- what is asked ---

    def holders_now(self, address: str) -> set[int]:
        return {stay.person for stay in self.stays if stay.address == address and stay.until is None}

    def holders_before(self, address: str) -> set[int]:
        """Those who held it until somebody else was verified there."""
        before = set()
        for person in {stay.person for stay in self.stays if stay.address == address}:
            if person in self.holders_now(address):
                continue
            left = max(
                stay.until
                for stay in self.stays
                if (stay.person, stay.address) == (person, address) and stay.until
            )
            others = [stay for stay in self.stays if stay.address == address and stay.person != person]
            if not any(other.verified and other.verified > left for other in others):
                before.add(person)
        return before

    def denied_at(self, address: str, category: str, channel: str) -> bool:
        """R7, for messages."""
        return any(
            self._in_force(one) and self._denies(one, category, channel)
            for one in self.restricted
            if one.address == address
        )

    def _in_force(self, one: Restricted) -> bool:
        same = [
            other
            for other in self.restricted
            if (other.address, other.kind, other.category, other.channel)
            == (one.address, one.kind, one.category, one.channel)
        ]
        set_at = max((each.at for each in same if each.is_set), default=None)
        lifted_at = max((each.at for each in same if not each.is_set), default=None)
        return set_at is not None and (lifted_at is None or set_at >= lifted_at)

    def _denies(self, one: Restricted, category: str, channel: str) -> bool:
        if category in USES_OF_DATA or one.category not in ("*", category):
            return False
        covered = {"stop": {"sms"}, "do_not_call": {"phone"}}.get(one.kind, SERVES[kind_of(one.address)])
        return channel in covered and one.channel in ("*", channel)

    def decide(self, person: int, category: str, channel: str, to: str | None = None) -> tuple[bool, str]:
        """R14 about one person: `to` is judged, else every current address of the channel."""
        judged = [to] if to else list(self._addresses(person, channel))
        if any(self.denied_at(address, category, channel) for address in judged):
            return False, "restriction"
        chosen = winner(self.heard.get(person, []), category, channel)
        if chosen:
            return chosen.opts_in, "choice"
        if category in USES_OF_DATA:
            return False, "default"  # R13: where they live is unknown, so the strictest law holds
        return MESSAGES[category][channel][0], "default"

    def _addresses(self, person: int, channel: str) -> Iterator[str]:
        for stay in self.stays:
            if stay.person == person and stay.until is None and channel in SERVES[kind_of(stay.address)]:
                yield stay.address

    def decide_at(self, address: str, category: str, channel: str) -> bool:
        """R14 about an address alone: the strictest of its holders, former ones included."""
        now = [self.decide(person, category, channel, address) for person in self.holders_now(address)]
        before = [self.decide(person, category, channel, address) for person in self.holders_before(address)]
        if any(not allowed for allowed, _ in now):
            return False
        if any(not allowed and why != "default" for allowed, why in before):
            return False
        if now:
            return True
        return category in UNKNOWN_MAY_GET and not self.denied_at(address, category, channel)


def kind_of(address: str) -> str:
    return "email" if "@" in address else "phone"
