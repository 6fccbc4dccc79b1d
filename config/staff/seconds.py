"""Acts that reach many: what is asked of a second person, and their answer."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timesince import timesince
from django.views.decorators.http import require_http_methods

from config.staff.access import actor, needs, show
from config.staff.permissions import AGREE
from config.staff.words import moment, reason_words
from destinations.blast import Difference
from destinations.models import Approval
from destinations.services import agree, reach, refuse
from destinations.terms import Act, Purpose
from preferences.errors import Refused

EVERY_EVENT = "every event"


@dataclass(frozen=True, slots=True)
class Asked:
    """One act that waits for a second person."""

    id: int
    act: str
    system: str
    about: str
    reach: str
    by: str
    at: str
    age: str
    own: bool


@dataclass(frozen=True, slots=True)
class AskedPage:
    """The question, and how far the act reaches now."""

    asked: Asked
    now: str


def waiting(request: HttpRequest) -> tuple[Asked, ...]:
    """What waits, the oldest first: one query."""
    rows = Approval.objects.filter(settled_at__isnull=True).select_related("destination")
    return tuple(_asked(each, actor(request)) for each in rows.order_by("asked_at"))


def _asked(row: Approval, who: str) -> Asked:
    return Asked(
        row.pk,
        Act(row.act).label,
        row.destination.name,
        _about(row),
        _reach(row, Difference(row.people, row.differ, exact=row.exact)),
        row.asked_by,
        moment(row.asked_at),
        timesince(row.asked_at, depth=1),
        row.asked_by == who,
    )


def _about(row: Approval) -> str:
    if row.act == Act.PURPOSE:
        return f"Events would go there by the rules for {Purpose(row.group).label.lower()}"
    return reason_words(row.group.partition(":")[2])


def _reach(row: Approval, found: Difference) -> str:
    return EVERY_EVENT if row.act == Act.PURPOSE else found.in_words


@require_http_methods(["GET", "HEAD", "POST"])
@needs(AGREE)
def answer(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Agree, or refuse."""
    row = Approval.objects.select_related("destination").filter(pk=approval_id).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        return _answered(request, row)
    now = reach(destination=row.destination, act=Act(row.act), group=row.group)
    page = AskedPage(_asked(row, actor(request)), _reach(row, now))
    return show(request, "agree", title="A second person is asked", page=page)


def _answered(request: HttpRequest, row: Approval) -> HttpResponse:
    try:
        if "agree" in request.POST:
            agree(approval_id=row.pk, by=actor(request))
            messages.success(request, f"Agreed: {Act(row.act).label.lower()}, {row.destination.name}.")
        else:
            refuse(approval_id=row.pk, by=actor(request), note=request.POST.get("note", "")[:500])
            messages.success(request, "Refused: nothing was done.")
    except Refused as refused:
        messages.error(request, f"{refused.message[:1].upper()}{refused.message[1:]}.")
    return redirect("admin:stuck")
