"""Recording what a person chose only where it says something new."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from preferences import clock, projection
from preferences.catalogue import Catalogue, catalogue_at
from preferences.models import Change
from preferences.services.recording import Recorded, choice_entries, lock_profiles, record
from preferences.services.said import Choice, Said
from preferences.terms import State

# A no that is said again counts from now: else a yes that was said in between and comes in late would win
# (R1, R4). Said again within a day it is the same no: a second click, a call that was sent twice. Said by an
# unsubscribe link it is another than one on the page: to undo that one must not take this one back (R15).
SAME_NO = 24 * 3600 * 1_000_000


def _unconditionally(person: UUID) -> None:
    """Nothing has to hold."""


@transaction.atomic
def choose(
    *,
    profile_id: UUID,
    choices: Sequence[Choice],
    said: Said,
    provided: Callable[[UUID], None] = _unconditionally,
) -> Recorded:
    """Record those choices that say something new, perhaps none. `provided` may refuse, by what stands.

    Between reading what stands and writing, the person is locked: nobody's newer choice slips in between.
    Raises NotFound, UnknownCategory, UnknownChannel.
    """
    subject = lock_profiles([profile_id])[profile_id]
    provided(subject.id)
    standing = _Standing(subject.projection, catalogue_at(subject.catalogue_version), choices, said)
    new = [choice for choice in choices if standing.is_news(choice)]
    if not new:
        return Recorded(subject.id, subject.seq)
    # A narrower yes that stands is said again beside a broader no, which would else cover it.
    kept = [choice for choice in choices if choice in new or any(_covered(choice, each) for each in new)]
    return record(profile_id=profile_id, choices=kept, said=said)


def _pattern(choice: Choice) -> str:
    return f"{choice.category}:{choice.channel}"


def _covered(choice: Choice, by: Choice) -> bool:
    return (choice.state, by.state) == (State.IN, State.OUT) and projection.narrower(
        _pattern(choice), _pattern(by)
    )


@dataclass(frozen=True, slots=True)
class _Standing:
    """What stands for one person, and everything that is said now."""

    choices: projection.Choices
    known: Catalogue
    together: Sequence[Choice]
    said: Said

    def is_news(self, choice: Choice) -> bool:
        entries = choice_entries([choice], self.known, self.said, clock.now())
        return any(self._alters(choice, entry) for entry in entries)

    def _alters(self, choice: Choice, entry: Mapping[str, Any]) -> bool:
        """A yes where none stands does, though it may not count: staff see it. So does one that runs out."""
        if any(state != choice.state for state in self._states(choice, entry)):
            return True
        if choice.state == State.IN:
            return "until" in entry
        return not self._said_lately(entry)

    def _states(self, choice: Choice, entry: Mapping[str, Any]) -> Iterator[State]:
        """What stands in each cell that an entry is about, but for those that a narrower yes is about."""
        pattern = f"{entry['category']}:{entry['channel']}"
        spared = [_pattern(each) for each in self.together if _covered(each, choice)]
        for category, channel in self.known.grid:
            optional = not (category.required or category.is_data_use)
            meant = projection.covers(pattern, category.slug, channel) and (
                optional or category.slug == entry["category"]
            )
            if meant and not any(projection.covers(each, category.slug, channel) for each in spared):
                found = projection.resolve(self.choices, category.slug, channel, wildcards=optional)
                yield found.state if found else State.NEVER_ASKED

    def _said_lately(self, entry: Mapping[str, Any]) -> bool:
        """Does the same no, or a broader one, stand from less than a day before? A link's: by a link, too."""
        lately = {
            value[2]
            for key, value in self.choices.items()
            if not value[0]
            and value[1] >= entry["at"] - SAME_NO
            and projection.covers(key.partition("-")[0], entry["category"], entry["channel"])
        }
        if not self.said.how:
            return bool(lately)
        return any(self._came_alike(change) for change in Change.objects.filter(pk__in=lately))

    def _came_alike(self, change: Change) -> bool:
        return any(entry.get("how", "") == self.said.how for entry in json.loads(change.entries))
