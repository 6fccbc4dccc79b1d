"""A code in the middle of a visit: where to, what it is, and on with what waits for it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from destinations.services import texting_out
from portal import codes, keeping, selectors, stepup, visits
from portal.codes import Refused, TooMany
from portal.digits import typed
from portal.entering import ChoosePage, CodePage
from portal.evidence import network
from portal.responses import private, see_other, show, status_of, visit_over
from portal.terms import CodeProblem
from portal.visits import Visit
from portal.wording import language

ASKED = "portal.asked_here"


@private()
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def step_up(request: HttpRequest) -> HttpResponse:
    """Choose an address, then enter the code that went there."""
    visit = visits.current(request)
    if visit is None:
        return visit_over(request)
    visits.stay(request)
    if visit.by_code:
        return see_other("portal:page")
    if request.method != "POST":
        return _look(request, visit)
    match request.POST.get("act"):
        case "leave":
            return _leave(request)
        case "other":
            request.session.pop(ASKED, None)
            return see_other("portal:step_up")
        case "send":
            return _send(request, visit)
    return _enter(request, visit)


def _look(request: HttpRequest, visit: Visit, problem: str = "", left: int = 0) -> HttpResponse:
    asked = request.session.get(ASKED)
    if asked is None:
        shared = visits.chosen(request, visit) is not None
        page = ChoosePage(_addresses(visit), problem, stepup.keeps_a_form(request), shared)
        return show(request, "choose_address", page, status=status_of(problem))
    code = CodePage(asked["to"], "portal:step_up", problem, left)
    return show(request, "code", code, status=status_of(problem))


def _addresses(visit: Visit) -> tuple[tuple[UUID, str], ...]:
    return selectors.addresses_for_codes(visit.profile_id, texts=texting_out.can_send())


def _send(request: HttpRequest, visit: Visit) -> HttpResponse:
    asked = request.session.get(ASKED)
    wanted = asked["address"] if asked else request.POST.get("address", "")
    found = {str(pk): (pk, masked) for pk, masked in _addresses(visit)}.get(wanted)
    if found is None:
        request.session.pop(ASKED, None)
        return _look(request, visit, "no_address")
    pk, masked = found
    try:
        code = codes.ask_at(
            profile_id=visit.profile_id,
            address_id=pk,
            network=network(request),
            language=language(),
            now=timezone.now(),
        )
    except TooMany:
        return _look(request, visit, "too_many")
    request.session[ASKED] = {"code": code, "to": masked, "address": wanted}
    return see_other("portal:step_up")


def _enter(request: HttpRequest, visit: Visit) -> HttpResponse:
    asked: dict[str, Any] | None = request.session.get(ASKED)
    if asked is None:
        return see_other("portal:step_up")
    if not (given := typed(request.POST.get("code", ""))):
        return _look(request, visit, CodeProblem.MALFORMED)
    try:
        entered = codes.enter(code_id=asked["code"], given=given, now=timezone.now())
    except Refused as refused:
        return _look(request, visit, refused.problem, refused.left)
    request.session.pop(ASKED, None)
    if visit.profile_id not in entered.people:
        return _look(request, visit, CodeProblem.OVER)
    visits.strengthen(request, entered.address_id)
    return stepup.go_on(request)


def _leave(request: HttpRequest) -> HttpResponse:
    """Nothing of it is wanted any more; what needed no code was saved before, and is shown."""
    stepup.drop(request)
    request.session.pop(ASKED, None)
    keeping.end_waiting(request)
    return see_other("portal:saved")
