"""The page on which a person says in which ways only they may be reached."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from destinations.services import texting_out
from portal import keeping, ordering, proving, selectors, stepup, visits
from portal.codes import TooMany
from portal.evidence import circumstances
from portal.ordering import OnlyPage, Wanted
from portal.proving import Unreadable
from portal.responses import private, see_other, show, status_of, visit_over
from portal.visits import Visit
from preferences.errors import Malformed


@private()
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def only(request: HttpRequest) -> HttpResponse:
    """Look at the order that stands, give one, or name an address for it that we do not know yet."""
    visit = visits.current(request)
    if visit is None:
        return visit_over(request)
    visits.stay(request)
    if ask := stepup.needed(request, visit):
        return ask
    if request.method != "POST" or visit.proxy_id:
        return _look(request, visit, ordering.remembered(request, visit))
    wanted = (ordering.remembered(request, visit) or Wanted()).with_form(request.POST)
    if request.POST.get("act") == "another":
        return _another(request, visit, wanted)
    return _order(request, visit, wanted)


def _look(request: HttpRequest, visit: Visit, wanted: Wanted | None, problem: str = "") -> HttpResponse:
    seen = selectors.see_with_addresses(visit.profile_id, timezone.now())
    order = None if visit.proxy_id else seen.person.order
    wanted = wanted or ordering.in_force_as_wanted(order)
    page = OnlyPage(
        ordering.ways(seen, wanted),
        wanted.letter,
        texts=texting_out.can_send(),
        since=ordering.since(seen),
        standing=order.change if order else 0,
        in_force=ordering.in_force(seen),
        closed=visit.proxy_id is not None,
        problem=problem,
        given=proving.given(request, visit, problem),
    )
    refused = page.closed and request.method == "POST"
    return show(request, "only", page, visit=visit, status=403 if refused else status_of(problem))


def _another(request: HttpRequest, visit: Visit, wanted: Wanted) -> HttpResponse:
    """Under an order the new address is staff's to add: no code may go there (R21)."""
    ordering.keep(request, visit, wanted)
    if selectors.see(visit.profile_id, timezone.now()).person.order:
        return _look(request, visit, wanted, "order")
    try:
        new = proving.entered(request.POST.get("address", ""))
        proving.begin(request, visit, new, for_order=True)
    except Unreadable as unreadable:
        return _look(request, visit, wanted, unreadable.problem)
    except TooMany:
        return _look(request, visit, wanted, "too_many")
    return see_other("portal:prove")


def _order(request: HttpRequest, visit: Visit, wanted: Wanted) -> HttpResponse:
    now = timezone.now()
    offered = ordering.ways(selectors.see_with_addresses(visit.profile_id, now), wanted)
    evidence = circumstances(request, page=request.path)
    try:
        change = ordering.order(visit=visit, offered=offered, wanted=wanted, evidence=evidence, now=now)
    except Malformed:
        return _look(request, visit, wanted, "empty")
    visits.allow_own_order(request, change)
    ordering.forget(request)
    nothing_new = request.POST.get("standing") == str(change)
    keeping.keep_final(request, [] if nothing_new else [change])
    return see_other("portal:saved")
