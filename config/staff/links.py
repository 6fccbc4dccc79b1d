"""Switching off every link to a person's page: one confirmation, with a reason."""

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from config.staff.access import actor, needs, show
from config.staff.forms import ReasonForm
from config.staff.permissions import RECORD, SEE_PEOPLE
from config.staff.person import survivor
from config.staff.saying import by_staff
from config.staff.words import refusal, short
from preferences import clock, services
from preferences.errors import Refused
from preferences.models import Profile

WHY = {
    "label": "Why",
    "help_text": "For instance: their mailbox was broken into, or a message went astray. Name nobody.",
}
DONE = "All links are switched off, and pages that were open are closed."
DONE_BEFORE = "Nothing more was done: they were switched off since you opened the form."


class LinksOffForm(ReasonForm):
    """Why; and which links were on when it was shown, so that two clicks are one act."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


@dataclass(frozen=True, slots=True)
class LinksOffPage:
    """What ends and what goes on, and the form."""

    profile_id: UUID
    person: str
    form: LinksOffForm


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SEE_PEOPLE)
@needs(RECORD)
@survivor
def switch_off(request: HttpRequest, profile: Profile) -> HttpResponse:
    """What will end; posted with a reason, it has."""
    services.log_view(actor=actor(request), page="switch off all links", profile_id=profile.pk)
    form = LinksOffForm(request.POST or None, initial={"seen": profile.link_epoch}, **WHY)
    if form.is_valid() and (words := _switch_off(request, profile, form)):
        messages.success(request, words)
        return redirect("admin:person", profile.pk)
    page = LinksOffPage(profile.pk, short(profile.pk), form)
    status = 422 if form.errors else 200
    return show(request, "links_off", title="Switch off all links", page=page, status=status)


def _switch_off(request: HttpRequest, profile: Profile, form: LinksOffForm) -> str:
    """What was done, in words; empty where it was refused."""
    said, told = by_staff(actor(request), occurred=clock.now()), form.cleaned_data
    try:
        done = services.switch_links_off(
            profile_id=profile.pk, seen=told["seen"], said=said, reason=told["reason"]
        )
    except Refused as refused:
        form.add_error(None, refusal(refused))
        return ""
    return DONE if done else DONE_BEFORE
