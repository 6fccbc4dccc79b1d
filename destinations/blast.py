"""How far an act reaches at one system, before it is done (DESIGN, section 3: blast radius).

People's keys are random, so the first few thousand in key order stand for everyone: nobody waits for a count.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from destinations.connectors import CONNECTORS
from destinations.models import Destination, Propagation
from destinations.payloads import Told, would_tell

FEWEST = 20  # an act that changes less for fewer never needs a second person
LOOKED_AT, CHUNK, EXAMPLES = 5_000, 500, 5


@dataclass(frozen=True, slots=True)
class Example:
    """One row that would differ: the values of each target that moves, by its name there."""

    identifier_id: UUID
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """Of the people (or addresses) that a system was told about, for how many it would be told otherwise."""

    people: int
    differ: int
    examples: tuple[Example, ...] = ()
    exact: bool = True  # False: reckoned from a part of them

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.differ / self.people if self.people else 0.0

    @property
    def needs_second_person(self) -> bool:
        """Is it more than one member of staff may change alone?"""
        return self.differ >= FEWEST and self.share > settings.HEED_BLAST_RADIUS

    @property
    def in_words(self) -> str:
        """`412 of 2,000 (21%)`."""
        about = "" if self.exact else "about "
        return f"{about}{self.differ:,} of {self.people:,} ({100 * self.share:.0f}%)"


def would_change(*, destination: Destination, rows: Sequence[Mapping[str, Any]]) -> Difference:
    """What another mapper would change, for those whom the system was told about."""
    connector = CONNECTORS.get(destination.connector)
    if connector is None:
        return Difference(0, 0)
    now, told = timezone.now(), Propagation.objects.filter(destination=destination, acknowledged__gt=0)
    looked, differ = 0, []
    for ids in _first_of(told):
        looked += len(ids)
        before = would_tell(destination, connector, ids, now)
        after = would_tell(destination, connector, ids, now, rows)
        differ += [_example(pk, before[pk], after[pk]) for pk in ids if before[pk].values != after[pk].values]
    return difference(told.count(), looked, len(differ), tuple(differ[:EXAMPLES]))


def difference(people: int, looked: int, differ: int, examples: tuple[Example, ...] = ()) -> Difference:
    """From those that were looked at to all of them."""
    if people <= looked:
        return Difference(people, differ, examples)
    return Difference(people, round(differ * people / looked), examples, exact=False)


def _first_of(told: QuerySet[Propagation]) -> Iterator[list[UUID]]:
    ids = list(told.order_by("identifier_id").values_list("identifier_id", flat=True)[:LOOKED_AT])
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _example(pk: UUID, before: Told, after: Told) -> Example:
    moved = {
        key for key in {*before.values, *after.values} if before.values.get(key) != after.values.get(key)
    }

    def of(told: Told) -> dict[str, Any]:
        # What stands before a target is an address where a record is found by it: not for a page.
        return {key.rpartition(" ")[2]: value for key, value in told.values.items() if key in moved}

    return Example(pk, of(before), of(after))
