"""What a ledger entry that denies obliges to, under which rule, and by when (R18). Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from destinations import deadlines
from destinations.models import DeadlineRule
from preferences.catalogue import Catalogue, Category
from preferences.terms import ANY, NO_CHANNEL, Actor, CategoryKind, Channel, RestrictionKind, State

COVERED = {RestrictionKind.STOP: (Channel.SMS,), RestrictionKind.DO_NOT_CALL: (Channel.PHONE,)}
CHOICE = ""  # no restriction: the person chose so
Places = Collection[str] | None  # where the person is; None: nobody knows, so any place may be it


class Cell(NamedTuple):
    """One thing that was refused. No category: a kind of denial that no rule names in particular."""

    category: Category | None
    channel: str = NO_CHANNEL
    restriction: str = CHOICE
    came_in: str = ""

    @property
    def kind(self) -> str:
        return self.category.kind if self.category else CategoryKind.COMMUNICATION

    @property
    def concerns_all(self) -> bool:
        """Every system, whatever channels it serves."""
        return self.channel == NO_CHANNEL


class Due(NamedTuple):
    """By when, by which rule."""

    at: datetime
    rule: DeadlineRule


@dataclass(frozen=True, slots=True)
class Request:
    """When somebody asked, and where they are."""

    received_at: datetime
    zones: tuple[ZoneInfo, ...]
    places: Places
    organisation: str

    def places_for(self, cell: Cell) -> Places:
        """Unknown: the organisation's for messages, any for uses of data: the strictest holds (R13)."""
        if self.places or (cell.category and cell.category.is_data_use):
            return self.places or None
        return (self.organisation,)

    def due(self, rule: DeadlineRule) -> Due:
        return Due(deadlines.due(self.received_at, rule.amount, rule.unit, self.zones), rule)


def somebody_asked(entries: Iterable[Mapping[str, Any]]) -> bool:
    """Not where Heed itself keeps people out, of what a category gains for instance (R17)."""
    return any(entry.get("by") != Actor.SYSTEM for entry in entries)


def refused(
    entries: Iterable[Mapping[str, Any]], catalogue: Catalogue, reached: Collection[str] | None = None
) -> Sequence[Cell]:
    """The cells that a denying change refuses; what is not known here is a denial all the same.

    `reached`: where the change is about an address, the channels that lead there.
    """
    found = [cell for entry in entries for cell in _cells(entry, catalogue)]
    if reached is not None:
        found = [cell for cell in found if cell.concerns_all or cell.channel in reached]
    return found or [Cell(None)]


def _cells(entry: Mapping[str, Any], catalogue: Catalogue) -> Iterator[Cell]:
    match entry:
        case {"do": "choice", "state": State.OUT, "category": slug, "channel": channel}:
            left_out, covered, kind = entry.get("except", ()), (channel,), CHOICE
            categories = _categories(slug, catalogue, required=False)
        case {"do": "restriction", "set": True, "category": slug, "channel": channel, "kind": kind}:
            left_out, covered = (), COVERED.get(kind, (channel or ANY,))
            categories = _categories(slug, catalogue, required=True)
        case _:
            return
    for category in categories:
        for each in covered:
            for channel in _channels(category, each):
                if f"{category.slug}:{channel}" not in left_out:
                    yield Cell(category, channel, kind, entry.get("how", ""))


def _categories(slug: str, catalogue: Catalogue, *, required: bool) -> Iterable[Category]:
    """`*` is every message; for a choice only those that need not be sent."""
    if slug != ANY:
        return filter(None, [catalogue.by_slug.get(slug)])
    return (each for each in catalogue if not each.is_data_use and (required or not each.required))


def _channels(category: Category, channel: str) -> Collection[str]:
    if category.is_data_use:
        return (NO_CHANNEL,)
    return tuple(category.offers) if channel == ANY else (channel,)


def dated(
    cells: Iterable[Cell], rules: Collection[DeadlineRule], request: Request
) -> Sequence[tuple[Cell, Due]]:
    """Each cell with the rule that ends first; a cell that no rule dates is left out."""
    day = deadlines.day_zero(request.received_at, request.zones)
    in_force = [rule for rule in rules if rule.starts <= day and (rule.ends is None or day < rule.ends)]
    found = []
    for cell in cells:
        places = request.places_for(cell)
        applying = [rule for rule in in_force if applies(rule, cell, places)]
        if binding := [rule for rule in applying if not rule.fallback] or applying:
            found.append((cell, min(map(request.due, binding), key=lambda due: due.at)))
    return found


def applies(rule: DeadlineRule, cell: Cell, places: Places) -> bool:
    """Does a rule date this, there? What the rule leaves open fits anything."""
    category = cell.category
    conditions = (
        (rule.categories, category and category.slug),
        ([rule.kind] if rule.kind else [], cell.kind),
        ([] if rule.marketing is None else [rule.marketing], category and category.marketing),
        (rule.channels, cell.channel),
        (rule.restrictions, cell.restriction),
        (rule.came_in, cell.came_in),
    )
    if not all(value in wanted for wanted, value in conditions if wanted):
        return False
    return not rule.jurisdictions or places is None or any(_within(rule, place) for place in places)


def _within(rule: DeadlineRule, place: str) -> bool:
    """`CA` is all of Canada, `US-CA` California alone."""
    return any(place == each or place.startswith(f"{each}-") for each in rule.jurisdictions)


def first(dated: Iterable[tuple[Cell, Due]], served: Collection[str]) -> Due | None:
    """What ends first of that which concerns a system with these channels."""
    concerned = [due for cell, due in dated if cell.concerns_all or cell.channel in served]
    return min(concerned, key=lambda due: due.at, default=None)
