"""Recording what a person chose only where it says something new."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from preferences import clock, projection
from preferences.catalogue import Catalogue, catalogue_at
from preferences.services.recording import Choice, Recorded, Said, choice_entries, lock_profiles, record
from preferences.terms import State

# A no that is said again counts from now: else a yes that was said in between and comes in late would win
# (R1, R4). Said again within a day it is the same no: a second click, a call that was sent twice.
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
    """Record choices, all or (where none says anything new) nothing. `provided` may refuse, by what stands.

    Between reading what stands and writing, the person is locked: nobody's newer choice slips in between.
    Raises NotFound, UnknownCategory, UnknownChannel.
    """
    subject = lock_profiles([profile_id])[profile_id]
    provided(subject.id)
    known = catalogue_at(subject.catalogue_version)
    entries = list(choice_entries(choices, known, said, clock.now()))
    if not any(_is_new(entry, subject.projection, known) for entry in entries):
        return Recorded(subject.id, subject.seq)
    return record(profile_id=profile_id, choices=choices, said=said)


def _is_new(entry: Mapping[str, Any], standing: projection.Choices, known: Catalogue) -> bool:
    """An opt-in that does not count is: staff are to see it. So is one that would otherwise run out."""
    if not entry.get("counted", True) or "until" in entry:
        return True
    if any(state != entry["state"] for state in _states(entry, standing, known)):
        return True
    return entry["state"] == State.OUT and not _said_lately(entry, standing)


def _states(entry: Mapping[str, Any], standing: projection.Choices, known: Catalogue) -> Iterator[State]:
    """What stands in each cell that an entry is about."""
    pattern, exceptions = f"{entry['category']}:{entry['channel']}", entry.get("except", ())
    for category, channel in known.grid:
        optional = not (category.required or category.is_data_use)
        meant = projection.covers(pattern, category.slug, channel) and (
            optional or category.slug == entry["category"]
        )
        if meant and f"{category.slug}:{channel}" not in exceptions:
            found = projection.resolve(standing, category.slug, channel, wildcards=optional)
            yield found.state if found else State.NEVER_ASKED


def _said_lately(entry: Mapping[str, Any], standing: projection.Choices) -> bool:
    """Does the same no, or a broader one, stand from less than a day before?"""
    own = projection.choice_key(entry)
    return any(
        not value[0] and value[1] >= entry["at"] - SAME_NO
        for key, value in standing.items()
        if key == own or projection.covers(key, entry["category"], entry["channel"])
    )
