"""Where a link comes in."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal import links, visits
from portal.responses import TOKEN_IN_URL, link_problem, private, see_other
from portal.terms import Purpose


@private(referrer=TOKEN_IN_URL)
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange a link for a visit, so that it leaves the URL. Any number of times; it changes nothing."""
    try:
        link = links.usable(token, Purpose.VIEW, timezone.now())
    except links.Unusable as unusable:
        return link_problem(request, unusable.problem)
    if request.method == "GET":
        visits.begin(request, link)
    return see_other("portal:page")
