"""One act for one person: a page that says what follows, and the form that does it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from config.staff import selectors
from config.staff.access import View, actor, full_name, needs, show
from config.staff.permissions import SEE_PEOPLE
from config.staff.person import survivor
from config.staff.saying import SaidForm
from config.staff.selectors import Known
from config.staff.words import refusal, short
from preferences import clock, services
from preferences.errors import Refused
from preferences.models import Profile


class ActForm(SaidForm):
    """What one act asks, beside how it was asked for."""

    def __init__(self, *args: Any, known: Known, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known

    def act(self, who: str) -> str:
        """Do it, and say in words what was done. Raises Refused."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Act:
    """What a page of this kind says."""

    title: str
    lead: str
    button: str
    permission: str
    form: type[ActForm]
    follows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ActPage:
    """The same for one person."""

    profile_id: UUID
    person: str
    says: Act
    form: ActForm


def acting(says: Act) -> View:
    """The view of an act."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @sensitive_post_parameters()
    @needs(SEE_PEOPLE)
    @needs(says.permission)
    @survivor
    def view(request: HttpRequest, profile: Profile) -> HttpResponse:
        services.log_view(actor=actor(request), page=says.title.lower(), profile_id=profile.pk)
        form = says.form(request.POST or None, known=selectors.know(profile), initial=usual(request))
        if form.is_valid() and (words := done(form, actor(request))):
            messages.success(request, words)
            return redirect("admin:person", profile.pk)
        page = ActPage(profile.pk, short(profile.pk), says, form)
        return show(request, "act", title=says.title, page=page, status=422 if form.errors else 200)

    return view


def usual(request: HttpRequest) -> dict[str, Any]:
    """What is as a rule so: whoever is logged in took it, today."""
    return {"taken_by": full_name(request), "day": timezone.localdate(clock.now())}


def done(form: ActForm, who: str) -> str:
    """What was done, in words; empty where it was refused, which the form then says."""
    try:
        return form.act(who)
    except Refused as refused:
        form.add_error(None, refusal(refused))
        return ""
