"""What was recorded in error: taken back, or moved to the patient whose it is. One page, one confirmation."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from config.staff import selectors
from config.staff.access import actor, needs, show
from config.staff.finding import FIND, VALUE, Found, find_other
from config.staff.forms import ReasonForm
from config.staff.permissions import SEE_PEOPLE, VOID
from config.staff.person import as_uuid, survivor
from config.staff.saying import by_staff
from config.staff.story import only
from config.staff.timeline import Event, events
from config.staff.words import refusal, sentence, short
from preferences import clock, services
from preferences.errors import Refused
from preferences.models import Profile
from preferences.services.voiding import MOVED

WRONG = {"label": "Why it is wrong", "help_text": "For instance: same name, another birthday. Name nobody."}


@dataclass(frozen=True, slots=True)
class InErrorPage:
    """One entry, why it is wrong, and whose it may be. `stays`: why nothing can be done here."""

    profile_id: UUID
    person: str
    event: Event
    stays: str
    form: ReasonForm
    found: Found
    may_move: bool


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters(VALUE)
@needs(SEE_PEOPLE)
@needs(VOID)
@survivor
def in_error(request: HttpRequest, profile: Profile, change_id: int) -> HttpResponse:
    """Find whose it is (`act` find), move it there (`to`), or take it back."""
    services.log_view(actor=actor(request), page="recorded in error", profile_id=profile.pk)
    story = only(selectors.know(profile), [change_id])
    if not story.changes:
        raise Http404
    [event] = events(story)
    acts = request.method == "POST" and request.POST.get("act") != FIND
    form = ReasonForm(
        request.POST if acts else None, initial={"reason": request.POST.get("reason", "")}, **WRONG
    )
    if acts and form.is_valid() and (words := _act(request, event, form)):
        messages.success(request, words)
        return redirect("admin:person", profile.pk)
    may_move = any(each["do"] in MOVED for each in story.changes[0].entries) and not event.where
    stays = "It was taken back already." if event.voided else event.stays and sentence(event.stays)
    found = find_other(request, profile.pk)
    page = InErrorPage(profile.pk, short(profile.pk), event, stays, form, found, may_move)
    status = 422 if acts or found.form.errors else 200
    return show(request, "in_error", title="Recorded in error", page=page, status=status)


def _act(request: HttpRequest, event: Event, form: ReasonForm) -> str:
    """What was done, in words; empty where it was refused."""
    who, reason = actor(request), form.cleaned_data["reason"]
    said = by_staff(who, occurred=clock.now())
    try:
        if to := request.POST.get("to"):
            services.move(change_id=event.id, to=as_uuid(to), said=said, reason=reason)
            return f"It no longer counts here, and now stands with {short(to)}."
        services.void(change_id=event.id, said=said, reason=reason)
    except Refused as refused:
        form.add_error(None, refusal(refused))
        return ""
    return "It no longer counts. It still stands in the story, marked as recorded in error."
