"""A mapper turns what holds for people into the fields that one system expects: rows of target and source.

Sources: `answer:<category>:<channel>` (channel empty for a use of data), `all_out:<channel>` (every category
that is not required), `suppressed:<channel>` (the address may not be used for anything).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from destinations.contract import Field
from preferences import projection
from preferences.answers import Answer, HeldIdentifier, Person, Rules, judge
from preferences.catalogue import Catalogue, Category
from preferences.clock import instant
from preferences.terms import ADDRESS_OF, ANY, CHANNELS_OF, RestrictionKind

LEAVE = Field(None, None)


@dataclass(frozen=True, slots=True)
class View:
    """Who stands behind a row: one person, or an address with all its holders (False: a former one)."""

    people: Sequence[tuple[Person, bool]]
    address: HeldIdentifier | None
    catalogue: Catalogue
    rules: Rules

    def answers(self, category: Category, channel: str) -> list[tuple[Answer, bool]]:
        """One answer per person, with whether they hold the address now."""
        to = (self.address,) if self.address and ADDRESS_OF.get(channel) == self.address.kind else None
        people = self.people
        if not people and self.address:
            people = [(Person(self.address.id, {}, held=(self.address,)), True)]
        return [(judge(category, channel, person, self.rules, to), current) for person, current in people]


def combined(view: View, category: Category, channel: str) -> Field | None:
    """The strictest of all: out if out for any; in only where someone said so and no default is against."""
    answers = view.answers(category, channel)
    denials = [answer for answer, _ in answers if answer.denied_by_someone]
    if denials:
        first = min(denials, key=lambda each: each.since)
        return Field(True, True, _at(first), first.reason.value)
    current = [answer for answer, is_current in answers if is_current]
    chosen = [answer for answer in current if answer.chosen]
    if chosen and all(answer.allowed for answer in current):
        return Field(False, False, _at(min(chosen, key=lambda each: each.since)), chosen[0].reason.value)
    return None


def _at(answer: Answer) -> datetime | None:
    return instant(answer.since) if answer.since else None


def _answer(view: View, category: str, channel: str = "") -> Field | None:
    known = view.catalogue.by_slug.get(category)
    return combined(view, known, channel) if known and channel in known.channels else None


def _all_out(view: View, channel: str) -> Field | None:
    """Out only when every category that is not required is; in again only by an explicit opt-in."""
    fields = [
        combined(view, category, channel)
        for category in view.catalogue
        if channel in category.channels and not (category.required or category.retired)
    ]
    chosen = [field for field in fields if field and field.denies is False]
    if chosen:
        return max(chosen, key=lambda each: each.since or instant(0))
    if fields and all(field and field.denies for field in fields):
        return fields[-1]
    return LEAVE if any(field and field.denies for field in fields) else None


def _suppressed(view: View, channel: str) -> Field | None:
    addresses = (
        [view.address] if view.address else [each for person, _ in view.people for each in person.held]
    )
    for address in addresses:
        for key, value in address.restrictions.items():
            kind, category, named = key.split(":")
            covers = named in ("", channel) and channel in CHANNELS_OF.get(address.kind, ())
            if (
                (kind, category) == (RestrictionKind.SUPPRESSED, ANY)
                and covers
                and projection.in_force(value)
            ):
                return Field(True, True, instant(value[0]), "restriction")
    return None


SOURCES: Mapping[str, Callable[..., Field | None]] = {
    "answer": _answer,
    "all_out": _all_out,
    "suppressed": _suppressed,
}


def fields(rows: Sequence[Mapping[str, str]], view: View) -> dict[str, Field]:
    """What each target must hold; a target that nobody was asked about is left out."""
    filled = {}
    for row in rows:
        name, *arguments = row["source"].split(":")
        field = SOURCES[name](view, *arguments)
        if field is not None:
            filled[row["target"]] = field
    return filled
