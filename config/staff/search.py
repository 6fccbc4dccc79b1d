"""Finding a person by an exact identifier: nothing of it gets into an address or a log."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from config.staff import selectors
from config.staff.access import needs, show
from config.staff.finding import Result, look_up, results
from config.staff.forms import SearchForm
from config.staff.permissions import SEE_PEOPLE
from config.staff.places import PEOPLE, Room


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The form, and what was found once somebody searched."""

    form: SearchForm
    searched: bool = False
    results: tuple[Result, ...] = ()
    more: bool = False
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
    found = look_up(request, form.cleaned_data["named"])
    if len(found.ids) == 1:
        return redirect("admin:person", found.ids[0])
    # An empty form: what was searched for is not shown again beside people whom it may not mean.
    people = results(selectors.listed(found.ids)) if found.ids else ()
    page = SearchPage(SearchForm() if found.ids else form, True, people, found.more)
    return show(request, "search", title="People", page=page)
