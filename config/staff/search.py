"""Finding a person by an exact identifier: nothing of it gets into an address or a log."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from config.staff import selectors
from config.staff.access import SEE_PEOPLE, actor, needs, show
from config.staff.forms import SearchForm
from config.staff.places import PEOPLE, Room
from config.staff.selectors import Listed
from config.staff.who import short
from config.staff.words import day
from preferences import selectors as people_selectors
from preferences import services


@dataclass(frozen=True, slots=True)
class Result:
    """One of several."""

    id: UUID
    name: str
    held: tuple[str, ...]
    lives_in: str
    since: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The form, and what was found once somebody searched."""

    form: SearchForm
    searched: bool = False
    results: tuple[Result, ...] = ()
    rooms: tuple[Room, ...] = ()


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("value")
@needs(SEE_PEOPLE)
def search(request: HttpRequest) -> HttpResponse:
    """One found: their page. Several: a list. Nobody: what to do next."""
    form = SearchForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        rooms = PEOPLE.open_to(request.user)
        return show(request, "search", title="People", page=SearchPage(form, rooms=rooms), status=status)
    found = people_selectors.find_people(form.cleaned_data["named"])
    services.log_view(actor=actor(request), page="person search", found=len(found))
    if len(found) == 1:
        return redirect("admin:person", found[0])
    results = _results(selectors.listed(found)) if found else ()
    # An empty form: what was searched for is not shown again beside people whom it may not mean.
    page = SearchPage(SearchForm() if found else form, True, results)
    return show(request, "search", title="People", page=page)


def _results(found: Sequence[Listed]) -> tuple[Result, ...]:
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
