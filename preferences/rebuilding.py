"""What entries come to, worked out from nothing but the ledger.

The same code rebuilds rows after a void or a merge, proves them (`verify_ledger`), and answers for any past
moment (`preferences.asof`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
Key = tuple[str, int, bool]  # an identifier, which source says so, and whether by an order (R8)


@dataclass(slots=True)
class Held:
    """That a source says a person holds an identifier; `void` once that was recorded in error.

    `disowned` once the person said that it is no longer theirs.
    """

    since: int
    until: int | None = None
    verified_at: int | None = None
    verified_how: str = ""
    void: bool = False
    disowned: bool = False

    def end(self, at: int, *, disowned: bool = False) -> None:
        self.until, self.disowned = max(self.since, at), disowned

    @property
    def standing(self) -> tuple[bool, bool, bool, int]:
        """Said of two records that are one, that stands which says more."""
        return not self.void, self.until is None, self.verified_at is not None, self.until or 0


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
    """The only pairs of channel and address that are allowed, by which change (R8)."""

    change: int
    allowed: Pairs
    since: int

    @property
    def addresses(self) -> set[str]:
        """Where they may be reached; a letter's address is no identifier."""
        return {pk for _, pk in self.allowed if pk}


@dataclass(slots=True)
class Rebuilt:
    """The projections of one subject. `links_off`: how often the links of this very record were."""

    choices: Choices = field(default_factory=dict)
    restrictions: Restrictions = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    also_in: list[str] = field(default_factory=list)
    pauses: Pauses = field(default_factory=dict)
    orders: list[Ordered] = field(default_factory=list)
    deceased: tuple[int, bool] = (0, False)
    holdings: dict[Key, Held] = field(default_factory=dict)
    grants: dict[int, Grant] = field(default_factory=dict)
    links_off: int = 0

    @property
    def order(self) -> Ordered | None:
        """Of people who were merged only what both orders allow, until one is recorded for both (R8)."""
        if len(self.orders) < 2:
            return next(iter(self.orders), None)
        allowed = frozenset.intersection(*(each.allowed for each in self.orders))
        last = max(each.change for each in self.orders)
        return Ordered(last, allowed, max(each.since for each in self.orders))


def rebuild(subject: UUID, chains: Chains) -> Rebuilt:
    """Let every entry about a subject, and about everybody who is the same person, take effect."""
    members = group(subject, chains)
    changes = [change for member in members for change in chains.get(member, ())]
    replay = _Replay(members, voided(changes), _gone(changes))
    for owner, change in in_order(members, chains):
        for entry in change.entries:
            replay.add(owner, change, entry)
    rebuilt, record = replay.rebuilt, replay.of(subject)
    rebuilt.attributes, rebuilt.orders, rebuilt.holdings = record.attributes, record.orders, record.holdings
    rebuilt.links_off = record.links_off
    rebuilt.also_in = sorted(record.places - {record.attributes.get("jurisdiction", "")})
    return rebuilt


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
class _Record:
    """What depends on the order in which it was said: of one record, and from a merge on of both."""

    attributes: dict[str, str] = field(default_factory=dict)
    places: set[str] = field(default_factory=lambda: {""})  # where they live, by each record that says so
    orders: list[Ordered] = field(default_factory=list)
    holdings: dict[Key, Held] = field(default_factory=dict)
    links_off: int = 0

    def join(self, other: "_Record", *, known: bool) -> None:
        """What both say stands; where it holds once, a person's own goes before that of who turned out so."""
        self.attributes = other.attributes | self.attributes
        self.places |= other.places if known else set()
        self.orders += other.orders
        for key, held in other.holdings.items():
            self.holdings[key] = max(held, self.holdings.get(key, held), key=lambda each: each.standing)

    def say(self, name: str, value: str) -> None:
        self.attributes[name] = value
        if name == "jurisdiction":
            self.places = {value}

    def hold(self, change: Entered, entry: Entry) -> None:
        """Taken up (a former one begins anew), given up by a source or (`all`) by every one, or verified.

        What an order names no system gives up.
        """
        at, how, pk = change.recorded_at, entry.get("verified", ""), entry["identifier"]
        if entry["do"] == "holding" and entry["held"]:
            key = pk, change.source, entry.get("confidential", False)
            if how or key not in self.holdings or self.holdings[key].until is not None:
                self.holdings[key] = Held(at, None, at if how else None, how)
            return
        for (identifier, source, by_order), held in self.holdings.items():
            if identifier != pk or held.until is not None:
                continue
            if entry["do"] == "verified":
                if held.verified_at is None:
                    held.verified_at, held.verified_how = at, how
            elif not by_order and (entry.get("all") or source == entry.get("source", change.source)):
                held.end(at, disowned=entry.get("disowned", False))

    def only(self, change: Entered, entry: Entry, *, own: bool) -> None:
        """An order, or its end: it replaces all before, and they hold what it names for as long as it does.

        Not `own`: it stayed with them when they parted from whom it was for. Nobody is handed another's
        confidential address.
        """
        self.orders = list(_ordered(change, entry))
        named = {pk for order in self.orders for pk in order.addresses}
        for (pk, _, by_order), held in self.holdings.items():
            if by_order and held.until is None and pk not in named:
                held.end(change.recorded_at)
        for key in ((pk, change.source, True) for pk in named if own):
            if key not in self.holdings or self.holdings[key].until is not None:
                self.holdings[key] = Held(change.recorded_at)


@dataclass(slots=True)
class _Replay:
    """One pass through the entries, in the order in which they were recorded."""

    members: Mapping[UUID, int]
    void: frozenset[int]
    gone: frozenset[int]
    rebuilt: Rebuilt = field(default_factory=Rebuilt)
    records: dict[UUID, _Record] = field(default_factory=dict)

    def of(self, owner: UUID) -> _Record:
        return self.records.setdefault(owner, _Record())

    def add(self, owner: UUID, change: Entered, entry: Entry) -> None:
        if entry["do"] == "fold" and self.members.get(other := UUID(entry["from"])) == change.id:
            self.of(owner).join(self.of(other), known=entry.get("known", False))
        if entry["do"] in TIES or self._is_gone(change, entry):
            return
        if self._is_void(change, entry):
            self._in_error(self.of(owner), change, entry)
        else:
            self._take(self.of(owner), change, entry)

    def _is_gone(self, change: Entered, entry: Entry) -> bool:
        """Opt-outs stay with both who parted."""
        return change.id in self.gone and entry.get("state") != State.OUT

    def _is_void(self, change: Entered, entry: Entry) -> bool:
        """Also what was copied from a voided change, and a yes that leaned on a voided grant."""
        leans = entry.get("grant") if entry.get("state") == State.IN else None
        return not self.void.isdisjoint((change.id, entry.get("of"), leans))

    def _in_error(self, record: _Record, change: Entered, entry: Entry) -> None:
        """What they never held counts in answers as known before (R15)."""
        held = [entry["identifier"]] if entry["do"] == "holding" and entry["held"] else []
        for order in _ordered(change, entry) if entry["do"] == "order" and self._is_own(change) else ():
            held += order.addresses
        for pk in held:
            key = pk, change.source, entry["do"] == "order" or entry.get("confidential", False)
            record.holdings.setdefault(key, Held(change.recorded_at, change.recorded_at, void=True))

    def _take(self, record: _Record, change: Entered, entry: Entry) -> None:
        rebuilt = self.rebuilt
        match entry["do"]:
            case "choice" if entry.get("counted", True):
                place_choice(rebuilt.choices, entry, change.id)
            case "restriction":
                place_restriction(rebuilt.restrictions, entry, change.id)
            case "spared":
                place_spared(rebuilt.restrictions, entry, change.id)
            case "pause":
                place_pause(rebuilt.pauses, entry, change.id)
            case "deceased":
                rebuilt.deceased = max(rebuilt.deceased, (entry["at"], entry["set"]))
            case "proxy" | "proxy_end":
                self._grant(change, entry)
            case _:
                self._record(record, change, entry)

    def _record(self, record: _Record, change: Entered, entry: Entry) -> None:
        match entry["do"]:
            case "attribute":
                record.say(entry["name"], entry["value"])
            case "holding" | "verified" if self._is_own(change):
                record.hold(change, entry)
            case "order":
                record.only(change, entry, own=self._is_own(change))
            case "links_off":
                record.links_off += 1

    def _is_own(self, change: Entered) -> bool:
        """Recorded for somebody who is this person."""
        names = (entry.get("profile") for entry in change.entries if entry["do"] == "named")
        return all(UUID(name) in self.members for name in names if name)

    def _grant(self, change: Entered, entry: Entry) -> None:
        grants = self.rebuilt.grants
        if entry["do"] == "proxy":
            categories = list(entry["categories"])
            grants[entry.get("of", change.id)] = Grant(
                UUID(entry["proxy"]), entry["relation"], entry["from"], entry["until"], categories
            )
        elif grant := grants.get(entry["grant"]):
            grant.ends = min(grant.ends, entry["until"])


def _ordered(change: Entered, entry: Entry) -> Iterator[Ordered]:
    """The order that an entry sets; none where it says that one has ended."""
    if entry["set"]:
        pairs = frozenset((channel, pk) for channel, pk in entry["allowed"])
        yield Ordered(change.id, pairs, entry["at"])


def as_kept(order: Ordered | None) -> dict[str, object] | None:
    """An order in force as it is kept on a person's row."""
    if order is None:
        return None
    allowed: Sequence[list[str]] = sorted(list(pair) for pair in order.allowed)
    return {"allowed": allowed, "since": order.since, "change": order.change}
