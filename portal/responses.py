"""How the patients' pages are answered: never kept, never indexed, never told to other sites."""

import re
from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page

from portal import languages, visits
from portal.terms import LinkProblem
from portal.visits import Visit

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

STATUS = {LinkProblem.UNREADABLE: 404, LinkProblem.EXPIRED: 410, LinkProblem.REVOKED: 410}
# A page under `no-referrer` posts its forms with `Origin: null` (Fetch, "append a request Origin header"),
# which Django's CSRF check refuses. `same-origin` tells other sites just as little.
OWN_PAGES, TOKEN_IN_URL = "same-origin", "no-referrer"
# What a switch of language takes along of a page's address: which part of it is shown.
TAKEN_ALONG, NUMBER = ("page", "of", "change", "newer"), re.compile(r"[0-9]{1,18}")


def private(referrer: str = OWN_PAGES) -> Callable[[View[P]], View[P]]:
    """For every page that a person's link leads to.

    Compressed, since phones pay for each byte. Against BREACH: beside a secret no page repeats what its URL
    says, but for a number of its own; Django masks the token of its forms anew each time, and adds bytes by
    chance (Heal the Breach).
    """

    def wrap(view: View[P]) -> View[P]:
        @gzip_page
        @never_cache
        def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            response = view(request, *args, **kwargs)
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            response.headers["Referrer-Policy"] = referrer
            return response

        return cast(View[P], update_wrapper(answer, view))

    return wrap


def show(
    request: HttpRequest,
    template: str,
    page: object = None,
    *,
    visit: Visit | None = None,
    status: int = 200,
    **more: object,
) -> HttpResponse:
    """A page in the house's frame; one about the person whose `visit` it is says so where that is another."""
    about = {
        "idle_seconds": settings.SESSION_COOKIE_AGE,
        "page": page,
        "here": _here(request),
        "privacy_url": _privacy(request),
        "acting_for": visits.acting_for(visit) if visit else "",
    }
    html = languages.rendered(f"portal/{template}.html", {**about, **more}, request)
    return HttpResponse(html, status=status)


def status_of(problem: str) -> int:
    """What a form is answered with that is shown again."""
    return {"": 200, "too_many": 429}.get(problem, 422)


def _here(request: HttpRequest) -> str:
    named = ((name, value) for name in TAKEN_ALONG for value in request.GET.getlist(name))
    return "".join(f"{name}={value}&" for name, value in named if NUMBER.fullmatch(value))


def _privacy(request: HttpRequest) -> str:
    """Where privacy choices are made: on the page that is open in this browser, else after coming in."""
    return reverse("portal:page" if visits.is_open(request) else "portal:home") + "#privacy"


class SeeOther(HttpResponseRedirect):
    """Look there now, with GET (RFC 9110, section 15.4.4)."""

    status_code = 303


def see_other(name: str) -> HttpResponse:
    return SeeOther(reverse(name))


def link_problem(request: HttpRequest, problem: LinkProblem) -> HttpResponse:
    """A link that does not open: why, and what to do next."""
    return show(request, "link_problem", problem.value, status=STATUS[problem])


def visit_over(request: HttpRequest) -> HttpResponse:
    """Nobody's page is open in this browser (any more); where it was somebody else's, one's own still is."""
    if visits.turned_to(request) and visits.own(request):
        visits.turn_to(request, None)
        return show(request, "grant_over", status=403)
    return show(request, "visit_over", status=403)
