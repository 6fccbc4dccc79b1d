"""POST /inbound/{source}: proved over the raw body, kept, answered; what it means is found out afterwards."""

import json
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from destinations import credentials
from destinations.models import Inbound
from destinations.services.hearing import keep, note_refused
from destinations.services.listening import settings_of
from destinations.vendors import VENDORS
from destinations.vendors.contract import Incoming, NotAuthentic, Reply, Unreadable, Vendor
from preferences.api.problems import Problem, document
from preferences.errors import Refused

NOT_PROVED = "this call does not prove that it comes from this system: check the secret, and the clock"


def _answered(view: Callable[[HttpRequest, str], Reply]) -> Callable[[HttpRequest, str], HttpResponse]:
    @wraps(view)
    def answer(request: HttpRequest, source: str) -> HttpResponse:
        try:
            reply = view(request, source)
        except Refused as refused:
            problem = document(refused)
            headers = refused.headers if isinstance(refused, Problem) else {}
            return HttpResponse(
                json.dumps(problem), "application/problem+json", status=problem["status"], headers=headers
            )
        return HttpResponse(reply.content, reply.content_type, status=reply.status)

    return answer


@csrf_exempt
@never_cache
@_answered
def inbound(request: HttpRequest, source: str) -> Reply:
    """2xx means that every event of the call is kept."""
    found = (
        Inbound.objects.select_related("source").filter(source__slug=source, source__is_active=True).first()
    )
    vendor = VENDORS.get(found.vendor) if found else None
    if found is None or vendor is None:
        raise Problem("not_found", "no system tells us here: check the address")
    if request.method in {"GET", "HEAD"} and vendor.answers_get:
        return Reply()
    if request.method != "POST":
        raise Problem("method_not_allowed", "use POST", headers={"Allow": "POST"})
    call = _read(request, vendor)
    now = timezone.now()
    try:
        vendor.check(call, settings_of(found), now)
        keep(inbound=found, items=vendor.split(call), now=now)
    except NotAuthentic as refused:
        note_refused(inbound=found, why=str(refused), now=now)
        raise Problem("not_proved", NOT_PROVED) from None
    except credentials.Unreadable:
        note_refused(inbound=found, why="its secrets must be entered again", now=now)
        raise Problem("not_proved", NOT_PROVED) from None
    except Unreadable as fault:
        raise Problem("malformed", str(fault)) from None
    return vendor.reply


def _read(request: HttpRequest, vendor: Vendor) -> Incoming:
    """The raw body, before anything parses it. Raises Problem."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > vendor.largest:
        raise Problem("too_large", f"at most {vendor.largest:,} bytes a call")
    try:
        body = request.read(vendor.largest + 1)
    except UnreadablePostError:
        raise Problem("malformed", "the body broke off") from None
    if len(body) > vendor.largest:
        raise Problem("too_large", f"at most {vendor.largest:,} bytes a call")
    headers = {name.lower(): value for name, value in request.headers.items()}
    url = settings.PUBLIC_URL + request.get_full_path()
    return Incoming(str(request.method), url, body, headers, request.GET.dict())
