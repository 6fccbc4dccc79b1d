"""Recording a choice on a patient's behalf, and saying what came of it."""

import json
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from config.staff import selectors
from config.staff.access import actor, full_name, needs, show
from config.staff.cautions import cautions
from config.staff.forms import RecordForm
from config.staff.grants import grants
from config.staff.lines import Line
from config.staff.permissions import RECORD, SEE_PEOPLE
from config.staff.person import survivor
from config.staff.words import refusal, said, short, why_not
from preferences import services
from preferences.catalogue import catalogue
from preferences.errors import Refused
from preferences.models import Change, Profile
from preferences.services import Recorded
from preferences.terms import State

HELD = "Held on their addresses, and put before staff: whoever said it has no grant for this."
CAN_BE_COMPLETED = frozenset({"no_date", "no_notice", "no_second_step", "no_grant"})


@dataclass(frozen=True, slots=True)
class RecordPage:
    """The form for one person."""

    profile_id: UUID
    person: str
    form: RecordForm


@dataclass(frozen=True, slots=True)
class RecordedPage:
    """What came of it: what counts, and what was kept but does not, and why."""

    profile_id: UUID
    person: str
    counted: tuple[Line, ...]
    not_counted: tuple[Line, ...]
    cautions: tuple[str, ...]
    can_be_completed: bool


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("note")
@needs(SEE_PEOPLE)
@needs(RECORD)
@survivor
def record(request: HttpRequest, profile: Profile) -> HttpResponse:
    """Ask for everything that makes a choice count; save it."""
    initial = {"taken_by": full_name(request)}
    proxies = grants(selectors.know(profile)).of_them
    form = RecordForm(request.POST or None, catalogue=catalogue(), proxies=proxies, initial=initial)
    recorded = _save(request, profile, form) if request.method == "POST" and form.is_valid() else None
    if recorded and not recorded.change:
        messages.warning(request, HELD)
        return redirect("admin:person", profile.pk)
    if recorded and recorded.change:
        return redirect("admin:person_recorded", recorded.profile_id, recorded.change)
    page = RecordPage(profile.pk, short(profile.pk), form)
    status = 422 if form.is_bound else 200
    return show(request, "record", title="Record a choice", page=page, status=status)


def _save(request: HttpRequest, profile: Profile, form: RecordForm) -> Recorded | None:
    said, choices = form.told(actor(request)), [form.choice()]
    try:
        if proxy := form.proxy():
            return services.record_by_proxy(profile_id=profile.pk, proxy_id=proxy, choices=choices, said=said)
        return services.record(profile_id=profile.pk, choices=choices, said=said)
    except Refused as refused:
        form.add_error(None, refusal(refused))
        return None


@require_safe
@needs(SEE_PEOPLE)
@survivor
def recorded(request: HttpRequest, profile: Profile, change_id: int) -> HttpResponse:
    """What one change came to, read back from the ledger."""
    change = Change.objects.filter(subject_id=profile.pk, pk=change_id).first()
    if change is None:
        raise Http404
    known = catalogue()
    choices = [entry for entry in json.loads(change.entries) if entry["do"] == "choice"]
    lines = [Line(said(entry, known), why_not(entry)) for entry in choices]
    noes = [entry for entry in choices if entry["state"] == State.OUT]
    warned = tuple(words for each in noes for words in cautions(each["category"], each["channel"], known))
    services.log_view(actor=actor(request), page="choice recorded", profile_id=profile.pk)
    counted = tuple(line for line in lines if not line.why_not)
    not_counted = tuple(line for line in lines if line.why_not)
    lacking = any(entry.get("why", "") in CAN_BE_COMPLETED for entry in choices)
    page = RecordedPage(profile.pk, short(profile.pk), counted, not_counted, warned, lacking)
    return show(request, "recorded", title="Recorded", page=page)
