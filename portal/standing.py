"""What a person has said about one cell of the grid, whatever else may deny it. Pure."""

from dataclasses import dataclass

from portal.selectors import Seen
from preferences import projection
from preferences.catalogue import Category
from preferences.terms import State


@dataclass(frozen=True, slots=True)
class Standing:
    """A state, and the change and time (µs) it rests on: 0 where nobody was asked."""

    state: State = State.NEVER_ASKED
    change: int = 0
    since: int = 0


def standing(seen: Seen, category: Category, channel: str) -> Standing:
    """What the person's own choices come to; one that has run out is as if nobody had asked."""
    found = projection.resolve(
        seen.person.choices,
        category.slug,
        channel,
        wildcards=not (category.is_data_use or category.required),
    )
    if found is None or 0 < found.expires <= seen.rules.now:
        return Standing()
    return Standing(found.state, found.change, found.since)


def all_standings(seen: Seen) -> dict[tuple[str, str], Standing]:
    """The same for every cell on offer."""
    return {
        (category.slug, channel): standing(seen, category, channel)
        for category, channel in seen.catalogue.grid
    }
