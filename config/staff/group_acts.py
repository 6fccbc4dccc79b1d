"""Trying all again who are stuck for one reason."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from config.staff import counting
from config.staff.access import actor, needs, show
from config.staff.permissions import RETRY
from config.staff.stuck import StuckRow, line
from destinations.models import Destination
from destinations.services import do_or_ask, reach
from destinations.terms import Act

ASKED = "A second person must agree; it stands on this page until they do."


@dataclass(frozen=True, slots=True)
class GroupPage:
    """What it means for how many, before it is done."""

    row: StuckRow
    second: str  # how far it reaches, where one person is not enough


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RETRY)
def retry_all(request: HttpRequest) -> HttpResponse:
    """Say how many there are; once confirmed, try them now."""
    asked = [request.GET.get(name, "") for name in ("system", "state", "reason")]
    found = next((each for each in counting.groups() if [each.slug, each.state, each.reason] == asked), None)
    if found is None:
        messages.info(request, "Nothing of that kind is stuck any more.")
        return redirect("admin:stuck")
    system, group = Destination.objects.get(slug=found.slug), f"{found.state}:{found.reason}"
    if request.method != "POST":
        reached = reach(destination=system, act=Act.RETRY, group=group)
        second = reached.in_words if reached.needs_second_person else ""
        page = GroupPage(line(found), second)
        return show(request, "retry", title="Try them all again", page=page)
    acted = do_or_ask(destination=system, act=Act.RETRY, group=group, by=actor(request))
    words = ASKED if acted.approval else f"{acted.count} will be tried again now."
    messages.success(request, words)
    return redirect("admin:stuck")
