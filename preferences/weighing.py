"""How heavy a category's publication is: what it does, and for how many people. It only reads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from preferences.answers import Rules, judge
from preferences.catalogue import Category, category_from
from preferences.category_life import acts, gained, marked, may_turn_on, out_of_all_others
from preferences.clock import micros, now
from preferences.models import Profile
from preferences.person import Person
from preferences.selectors import people, rules_now

CHUNK = 1_000
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Weight:
    """For how many people some answer would turn from denied to allowed, and what weighs whoever they are."""

    everybody: int
    turned_on: int
    acts: tuple[str, ...] = ()

    @property
    def too_many(self) -> bool:
        """More than one member of staff may turn on alone?"""
        return self.turned_on > float(settings.HEED_BLAST_RADIUS) * self.everybody

    @property
    def reach(self) -> str:
        """`This turns something on for 412 of 2,000 people (21 %).`"""
        if not self.turned_on:
            return "This turns nothing on for anybody."
        share = f"{100 * self.turned_on / self.everybody:.1f} %"
        return f"This turns something on for {self.turned_on:,} of {self.everybody:,} people ({share})."

    @property
    def why(self) -> str:
        """Why a second person is needed; empty where one is enough."""
        many = f"it turns something on for {self.turned_on:,} of {self.everybody:,} people"
        return "; ".join([*self.acts, *([many] if self.too_many else [])])


def weigh(body: Body, before: Body | None) -> Weight:
    """Weigh a category's publication after another: everybody is counted, a thousand at a time."""
    after = category_from(marked(body, before, micros(now())))
    old = category_from(before) if before else None
    everybody = Profile.objects.filter(merged_into=None)
    channels = may_turn_on(old, after)
    turned_on = sum(_counted(old, after, channels)) if channels else 0
    return Weight(everybody.count(), turned_on, tuple(acts(before, body)) if before else ())


def weigh_category(*, key: str, body: Body, before: Body | None) -> str:
    """Why this needs a second person (R17); empty where one is enough."""
    return weigh(body, before).why


def _counted(before: Category | None, after: Category, channels: Sequence[str]) -> Iterator[int]:
    rules = rules_now()
    for ids in _everybody():
        yield sum(
            any(_turns_on(before, after, each, person, rules) for each in channels)
            for person in people(ids).values()
        )


def _everybody() -> Iterator[list[UUID]]:
    rows = Profile.objects.filter(merged_into=None).order_by("id").values_list("id", flat=True)
    ids = list(rows[:CHUNK])
    while ids:
        yield ids
        ids = list(rows.filter(id__gt=ids[-1])[:CHUNK])


def _turns_on(before: Category | None, after: Category, channel: str, person: Person, rules: Rules) -> bool:
    """Denied, or not there, and then allowed; who is kept out of a channel that comes is not (R17)."""
    if not judge(after, channel, person, rules).allowed:
        return False
    if before is None:
        return True
    if judge(before, channel, person, rules).allowed:
        return False
    kept_out = out_of_all_others(person.choices, before, channel, rules.now)
    return not (channel in gained(before, after) and kept_out)
