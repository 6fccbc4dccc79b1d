"""Two records that are one person, and two people who were taken for one."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from config.staff import selectors
from config.staff.access import actor, needs, show
from config.staff.comparing import Comparison, compare
from config.staff.finding import VALUE, Found, find_other
from config.staff.forms import ReasonForm
from config.staff.parts import Part, going, parts
from config.staff.permissions import MERGE, SEE_PEOPLE
from config.staff.person import as_uuid, survivor
from config.staff.saying import by_staff
from config.staff.words import refusal, short
from preferences import clock, services
from preferences.errors import Refused
from preferences.models import Profile

ONE = {
    "label": "How you know that they are one person",
    "help_text": "For instance: same birthday and street. Name nobody.",
}
TWO = {"label": "How you know that they are two people", "help_text": "For instance: twins. Name nobody."}


@dataclass(frozen=True, slots=True)
class SameAsPage:
    """Whom somebody may be as well."""

    profile_id: UUID
    person: str
    found: Found


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Both side by side, and the form that makes them one."""

    profile_id: UUID
    person: str
    other_id: UUID
    other: str
    compared: Comparison
    form: ReasonForm


@dataclass(frozen=True, slots=True)
class PartPage:
    """Who leaves, what goes along, what stays, and the form that parts them."""

    profile_id: UUID
    person: str
    part: Part
    goes: tuple[str, ...]
    stays: tuple[str, ...]
    form: ReasonForm


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters(VALUE)
@needs(SEE_PEOPLE)
@needs(MERGE)
@survivor
def same_as(request: HttpRequest, profile: Profile) -> HttpResponse:
    """Find the other record."""
    services.log_view(actor=actor(request), page="same person as", profile_id=profile.pk)
    found = find_other(request, profile.pk)
    page = SameAsPage(profile.pk, short(profile.pk), found)
    status = 422 if found.form.errors else 200
    return show(request, "same_as", title="The same person as", page=page, status=status)


@require_POST
@needs(SEE_PEOPLE)
@needs(MERGE)
def two(request: HttpRequest) -> HttpResponse:
    """Two of those whom a search found."""
    chosen = request.POST.getlist("person")
    if len(chosen) != 2:
        messages.error(request, "Choose two of them to compare.")
        return redirect("admin:people")
    return redirect("admin:person_compare", *map(as_uuid, chosen))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SEE_PEOPLE)
@needs(MERGE)
@survivor
def compare_two(request: HttpRequest, profile: Profile, other_id: UUID) -> HttpResponse:
    """Side by side; posted with a reason, they are one."""
    other = _standing(other_id)
    if other.pk == profile.pk:
        messages.info(request, "These are one person already.")
        return redirect("admin:person", profile.pk)
    for each in (profile, other):
        services.log_view(actor=actor(request), page="comparison", profile_id=each.pk)
    form = ReasonForm(request.POST or None, **ONE)
    if form.is_valid() and _merge(request, profile, other, form):
        messages.success(request, "They are one person now.")
        return redirect("admin:person", profile.pk)
    compared = compare(selectors.know(profile), selectors.know(other))
    page = ComparePage(profile.pk, short(profile.pk), other.pk, short(other.pk), compared, form)
    return show(request, "compare", title="One person?", page=page, status=422 if form.errors else 200)


def _standing(pk: UUID) -> Profile:
    found = selectors.profile(pk)
    if found is None:
        raise Http404
    return found.merged_into or found


def _merge(request: HttpRequest, profile: Profile, other: Profile, form: ReasonForm) -> bool:
    said = by_staff(actor(request), occurred=clock.now())
    reason = form.cleaned_data["reason"]
    try:
        services.merge(survivor_id=profile.pk, other_id=other.pk, said=said, reason=reason)
    except Refused as refused:
        form.add_error(None, refusal(refused))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SEE_PEOPLE)
@needs(MERGE)
@survivor
def part(request: HttpRequest, profile: Profile, part_id: UUID) -> HttpResponse:
    """What goes where; posted with a reason, they are two people again."""
    services.log_view(actor=actor(request), page="two people", profile_id=profile.pk)
    known = selectors.know(profile)
    leaving = next((each for each in parts(known) if each.id == part_id), None)
    if leaving is None:
        raise Http404
    form = ReasonForm(request.POST or None, **TWO)
    if form.is_valid() and _part(request, part_id, form):
        messages.success(request, f"They are two people again. This is {short(part_id)}.")
        return redirect("admin:person", part_id)
    goes, stays = going(part_id, known)
    page = PartPage(profile.pk, short(profile.pk), leaving, goes, stays, form)
    return show(request, "part", title="Two people", page=page, status=422 if form.errors else 200)


def _part(request: HttpRequest, part_id: UUID, form: ReasonForm) -> bool:
    said = by_staff(actor(request), occurred=clock.now())
    try:
        services.part(profile_id=part_id, said=said, reason=form.cleaned_data["reason"])
    except Refused as refused:
        form.add_error(None, refusal(refused))
        return False
    return True
