"""Pausing a kind of message from the page, for 30, 60 or 90 days, and ending that early (R12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal import selectors
from portal.selectors import Seen
from portal.services import said_here
from preferences import services
from preferences.answers import Answer
from preferences.catalogue import Category
from preferences.clock import micros
from preferences.services.recording import lock_profiles

DAYS = (30, 60, 90)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a button asks for: so many days of pause, or the end of the pause that was shown (µs)."""

    category: str
    days: int = 0
    ends: int = 0


@dataclass(frozen=True, slots=True)
class Came:
    """What came of it: the change written, if any. `newer`: a pause stands that the page did not show."""

    change: int | None = None
    newer: bool = False


def read(value: str) -> Wish | None:
    """What the pressed button says: `category.30`, or `category.end.<until>`; None where it says nothing."""
    category, _, rest = value.partition(".")
    if rest in map(str, DAYS):
        return Wish(category, days=int(rest))
    word, _, until = rest.partition(".")
    if word == "end" and until.isascii() and until.isdigit():
        return Wish(category, ends=int(until[:18]))
    return None


def until(now: datetime, days: int) -> datetime:
    """The end of a pause: the midnight after so many whole days, so that it is never shorter than it says."""
    last = timezone.localdate(now) + timedelta(days=days)
    return datetime.combine(last + timedelta(days=1), time.min, timezone.get_default_timezone())


def standing(seen: Seen, slug: str) -> int:
    """The end of the pause that is on (µs); 0 where none is."""
    start, end, *_ = seen.person.pauses.get(slug, (0, 0))
    return end if start <= seen.rules.now < end else 0


def is_offered(category: Category, answers: Mapping[str, Answer]) -> bool:
    """May these be paused? Only what people may turn off, and only where something of it would be sent."""
    return not (category.is_data_use or category.required or category.retired) and any(
        answers[each].allowed for each in category.channels
    )


@transaction.atomic
def pause(*, profile_id: UUID, wish: Wish, form: str, evidence: Mapping[str, Any], now: datetime) -> Came:
    """Pause a kind of message, or end its pause. Raises NotFound.

    A pause is a denial, so it counts from however old a page; it never shortens one that lasts longer. To
    end one is to be sent messages again: that counts only for the pause that the page showed.
    """
    subject = lock_profiles([profile_id])[profile_id]
    seen = selectors.see(subject.id, now)
    category, stands = seen.catalogue.by_slug.get(wish.category), standing(seen, wish.category)
    if category is None or category.is_data_use or category.required or category.retired:
        return Came()
    said = said_here(form, evidence, now)
    if wish.days:
        end = until(now, wish.days)
        if stands >= micros(end):
            return Came()
        return Came(services.pause(profile_id=profile_id, category=category.slug, until=end, said=said))
    if not stands:
        return Came()
    if stands != wish.ends:
        return Came(newer=True)
    return Came(services.end_pause(profile_id=profile_id, category=category.slug, said=said))
