"""Finding people by an exact identifier, on whichever page: each search is noted, nothing of it kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from config.staff import selectors
from config.staff.access import actor
from config.staff.forms import SearchForm
from config.staff.selectors import Listed
from config.staff.words import day, short
from preferences import services
from preferences.identity import Named, find_people

FIND, VALUE = "find", "find-value"
MOST = 50  # on one page; who shares an address with more is found by something of their own


@dataclass(frozen=True, slots=True)
class Result:
    """Somebody who was found, with what tells them apart."""

    id: UUID
    name: str
    held: tuple[str, ...]
    lives_in: str
    since: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page's search for somebody else, and whom it found.

    `only_this`: only whom the page is about. `more`: there are others, who are not listed.
    """

    form: SearchForm
    searched: bool = False
    people: tuple[Result, ...] = ()
    only_this: bool = False
    more: bool = False


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Who was found, as many as are listed, and whether there are more."""

    ids: tuple[UUID, ...]
    more: bool


def look_up(request: HttpRequest, named: Named) -> LookedUp:
    """Who holds this now; that somebody looked is noted."""
    found = find_people(named, limit=MOST + 1)
    listed = tuple(found[:MOST])
    services.log_view(actor=actor(request), page="person search", found=len(listed))
    return LookedUp(listed, len(found) > MOST)


def find_other(request: HttpRequest, but: UUID) -> Found:
    """Whom a page's own search found beside the person it is about; before a search the empty form."""
    if request.POST.get("act") != FIND:
        return Found(SearchForm(prefix=FIND))
    form = SearchForm(request.POST, prefix=FIND)
    if not form.is_valid():
        return Found(form)
    found = look_up(request, form.cleaned_data["named"])
    ids, others = found.ids, [each for each in found.ids if each != but]
    # Whoever was found: an empty form. What was typed is not shown again beside people whom it may not mean.
    shown = SearchForm(prefix=FIND) if ids else form
    people = results(selectors.listed(others)) if others else ()
    return Found(shown, True, people, bool(ids) and not others, found.more)


def results(found: Sequence[Listed]) -> tuple[Result, ...]:
    """People in words."""
    return tuple(
        Result(
            each.profile.pk,
            short(each.profile.pk),
            each.held,
            each.profile.jurisdiction or "not known",
            day(each.profile.created_at),
        )
        for each in found
    )
