"""What entries come to, worked out from nothing but the ledger.

The same code rebuilds rows after a void or a merge, proves them (`verify_ledger`), and answers for any past
moment (`preferences.asof`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from preferences.projection import (
    Choices,
    Pauses,
    Restrictions,
    place_choice,
    place_pause,
    place_restriction,
    place_spared,
)
from preferences.terms import State
from preferences.ties import Chains, Entered, Entry, group, in_order

TIES = frozenset({"fold", "folded", "part", "parted", "void", "named"})
Pairs = frozenset[tuple[str, str]]


@dataclass(slots=True)
class Held:
    """That a source says a person holds an identifier; `void` once that was recorded in error.

    `disowned` once the person said that it is no longer theirs.
    """

    since: int
    until: int | None = None
    verified_at: int | None = None
    verified_how: str = ""
    confidential: bool = False
    void: bool = False
    disowned: bool = False


@dataclass(slots=True)
class Grant:
    """Somebody may choose for the person, from (included) until (excluded): R11."""

    proxy: UUID
    relation: str
    starts: int
    ends: int
    categories: list[str]


@dataclass(slots=True)
class Ordered:
    """The only pairs of channel and address that are allowed, by which change; none where it ended (R8)."""

    change: int
    allowed: Pairs | None
    since: int


@dataclass(slots=True)
class Rebuilt:
    """The projections of one subject."""

    choices: Choices = field(default_factory=dict)
    restrictions: Restrictions = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    also_in: list[str] = field(default_factory=list)
    pauses: Pauses = field(default_factory=dict)
    order: Ordered | None = None
    deceased: tuple[int, bool] = (0, False)
    holdings: dict[tuple[str, int], Held] = field(default_factory=dict)
    grants: dict[int, Grant] = field(default_factory=dict)


def rebuild(subject: UUID, chains: Chains) -> Rebuilt:
    """Let every entry about a subject, and about everybody who is the same person, take effect."""
    members = group(subject, chains)
    changes = [change for member in members for change in chains.get(member, ())]
    replay = _Replay(voided(changes), _gone(changes))
    for owner, change in in_order(members, chains):
        for entry in change.entries:
            replay.add(owner, change, entry)
    for owner, joined in members.items():
        replay.join(owner, joined)
    lives_in = replay.rebuilt.attributes.get("jurisdiction", "")
    replay.rebuilt.also_in = sorted(replay.places(subject, members) - {lives_in})
    return replay.rebuilt


def voided(changes: Iterable[Entered]) -> frozenset[int]:
    """The changes that a later one says were recorded in error (R15)."""
    return frozenset(
        entry["change"] for change in changes for entry in change.entries if entry["do"] == "void"
    )


def _gone(changes: Iterable[Entered]) -> frozenset[int]:
    """Changes that belong to somebody who was one with this person for a while (R10)."""
    parts = (entry for change in changes for entry in change.entries if entry["do"] == "part")
    return frozenset(pk for entry in parts for pk in entry["changes"])


@dataclass(slots=True)
class _Replay:
    """One pass through the entries, in the order in which they were recorded."""

    void: frozenset[int]
    gone: frozenset[int]
    rebuilt: Rebuilt = field(default_factory=Rebuilt)
    orders: dict[UUID, Ordered] = field(default_factory=dict)
    attributes: dict[UUID, dict[str, str]] = field(default_factory=dict)
    places_said: dict[UUID, int] = field(default_factory=dict)  # by which change it was last said where
    merges: dict[UUID, dict[UUID, int]] = field(default_factory=dict)  # of known people, by which change

    def add(self, owner: UUID, change: Entered, entry: Entry) -> None:
        if entry["do"] == "fold" and entry.get("known"):
            self.merges.setdefault(owner, {})[UUID(entry["from"])] = change.id
        if entry["do"] in TIES or self._is_gone(change, entry):
            return
        if not self._is_void(change, entry):
            self._take(owner, change, entry)
        elif entry["do"] == "holding" and entry["held"]:
            in_error = Held(change.recorded_at, change.recorded_at, void=True)
            self.rebuilt.holdings.setdefault((entry["identifier"], change.source), in_error)

    def _is_gone(self, change: Entered, entry: Entry) -> bool:
        """Opt-outs stay with both who parted."""
        return change.id in self.gone and entry.get("state") != State.OUT

    def _is_void(self, change: Entered, entry: Entry) -> bool:
        """Also what was copied from a voided change, and a yes that leaned on a voided grant."""
        leans = entry.get("grant") if entry.get("state") == State.IN else None
        return not self.void.isdisjoint((change.id, entry.get("of"), leans))

    def _take(self, owner: UUID, change: Entered, entry: Entry) -> None:
        rebuilt = self.rebuilt
        match entry["do"]:
            case "choice" if entry.get("counted", True):
                place_choice(rebuilt.choices, entry, change.id)
            case "restriction":
                place_restriction(rebuilt.restrictions, entry, change.id)
            case "spared":
                place_spared(rebuilt.restrictions, entry, change.id)
            case "attribute":
                self.attributes.setdefault(owner, {})[entry["name"]] = entry["value"]
                if entry["name"] == "jurisdiction":
                    self.places_said[owner] = change.id
            case "holding" | "verified":
                self._hold(change, entry)
            case "proxy" | "proxy_end":
                self._grant(change, entry)
            case _:
                self._deny(owner, change, entry)

    def _deny(self, owner: UUID, change: Entered, entry: Entry) -> None:
        match entry["do"]:
            case "pause":
                place_pause(self.rebuilt.pauses, entry, change.id)
            case "deceased":
                self.rebuilt.deceased = max(self.rebuilt.deceased, (entry["at"], entry["set"]))
            case "order":
                self.orders[owner] = Ordered(change.id, _pairs(entry), entry["at"])

    def _grant(self, change: Entered, entry: Entry) -> None:
        grants = self.rebuilt.grants
        if entry["do"] == "proxy":
            categories = list(entry["categories"])
            grants[entry.get("of", change.id)] = Grant(
                UUID(entry["proxy"]), entry["relation"], entry["from"], entry["until"], categories
            )
        elif grant := grants.get(entry["grant"]):
            grant.ends = min(grant.ends, entry["until"])

    def _hold(self, change: Entered, entry: Entry) -> None:
        """Taken up (a former one begins anew), given up by a source or (`all`) by every one, or verified."""
        holdings, at = self.rebuilt.holdings, change.recorded_at
        if entry["do"] == "holding" and entry["held"]:
            how = entry.get("verified", "")
            confidential = entry.get("confidential", False)
            holdings[entry["identifier"], change.source] = Held(
                at, None, at if how else None, how, confidential
            )
            return
        for (identifier, source), held in holdings.items():
            if identifier != entry["identifier"] or held.until is not None:
                continue
            if entry["do"] == "verified":
                if held.verified_at is None:
                    held.verified_at, held.verified_how = at, entry["verified"]
            elif source == entry.get("source", change.source) or entry.get("all"):
                held.until, held.disowned = max(held.since, at), entry.get("disowned", False)

    def places(self, person: UUID, members: Mapping[UUID, int]) -> set[str]:
        """Where they live by their own record, and by each that was merged into it since that was said."""
        found = {self.attributes.get(person, {}).get("jurisdiction", "")}
        for other, by in self.merges.get(person, {}).items():
            if members.get(other) == by and by > self.places_said.get(person, 0):
                found |= self.places(other, members)
        return found

    def join(self, owner: UUID, joined: int) -> None:
        """What holds once: a person's own before that of whoever turned out to be them."""
        self.rebuilt.attributes = self.attributes.get(owner, {}) | self.rebuilt.attributes
        mine, theirs = self.rebuilt.order, self.orders.get(owner)
        if mine is None or theirs is None or theirs.allowed is None:
            self.rebuilt.order = mine or theirs
        elif mine.change < joined and mine.allowed is not None:
            # Only what both orders allow, until staff have said since which one stands (R8).
            both = mine.allowed & theirs.allowed
            self.rebuilt.order = Ordered(max(mine.change, theirs.change), both, max(mine.since, theirs.since))
        elif mine.change < joined:
            self.rebuilt.order = theirs


def _pairs(entry: Entry) -> Pairs | None:
    """None: the order has ended."""
    return frozenset((channel, pk) for channel, pk in entry["allowed"]) if entry["set"] else None


def as_kept(order: Ordered | None) -> dict[str, object] | None:
    """An order in force as it is kept on a person's row."""
    if order is None or order.allowed is None:
        return None
    allowed: Sequence[list[str]] = sorted(list(pair) for pair in order.allowed)
    return {"allowed": allowed, "since": order.since, "change": order.change}
