"""A person's page: who, what holds, what happened, and which systems were told."""

from dataclasses import dataclass
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from config.staff import due, selectors
from config.staff.access import View, actor, may, needs, show
from config.staff.asking import MomentForm
from config.staff.does import DOES, Does
from config.staff.grants import Grants, grants
from config.staff.musts import musts
from config.staff.parts import Part, parts
from config.staff.payload import Payload, payload
from config.staff.permissions import RECORD, RETRY, SEE_PEOPLE, VOID
from config.staff.promises import Promises, promises
from config.staff.selectors import Known
from config.staff.standing import Denial, Grid, denials, grid
from config.staff.story import page_of, story
from config.staff.telling import Told, Try, told, tries
from config.staff.timeline import Event, events
from config.staff.who import Who, who
from config.staff.words import moment, short
from destinations.models import Attempt, Propagation
from destinations.services import retry as retry_now
from destinations.services import send_again
from preferences import clock, services
from preferences.models import Change, Profile
from preferences.terms import RestrictionKind


@dataclass(frozen=True, slots=True)
class PersonPage:
    """All that the page shows."""

    who: Who
    asked: MomentForm
    known_on: str
    grid: Grid | None
    denials: tuple[Denial, ...]
    events: tuple[Event, ...]
    paging: Page[Change] | None
    told: tuple[Told, ...]
    promises: Promises
    parts: tuple[Part, ...]
    grants: Grants
    does: tuple[Does, ...]
    may_record: bool
    may_void: bool
    may_retry: bool

    @property
    def repeatable(self) -> bool:
        return any(each.can_again for each in self.told)

    @property
    def order(self) -> Denial | None:
        """The confidential-communications order in force: it stands first."""
        return next((each for each in self.denials if each.kind == RestrictionKind.ORDER.label), None)

    @property
    def retryable(self) -> int:
        return sum(each.can_retry for each in self.told)


@dataclass(frozen=True, slots=True)
class AttemptsPage:
    """Every time one system was told."""

    profile_id: UUID
    person: str
    system: str
    about: str
    tries: tuple[Try, ...]
    paging: Page[Attempt]
    payload: Payload


def survivor(view: View) -> View:
    """The view gets the person; whoever was merged leads to the person they are part of now."""

    @wraps(view)
    def wrapper(request: HttpRequest, profile_id: UUID, **kwargs: object) -> HttpResponse:
        profile = selectors.profile(profile_id)
        if profile is None:
            raise Http404
        if profile.merged_into_id:
            return redirect("admin:person", profile.merged_into_id)
        return view(request, profile, **kwargs)

    return wrapper


@require_safe
@needs(SEE_PEOPLE)
@survivor
def see(request: HttpRequest, profile: Profile) -> HttpResponse:
    """The page, with identifiers masked."""
    return _page(request, profile, in_clear=False)


@require_POST
@needs(SEE_PEOPLE)
@survivor
def unmask(request: HttpRequest, profile: Profile) -> HttpResponse:
    """The same with identifiers in the clear, this once; noted as such."""
    return _page(request, profile, in_clear=True)


def _page(request: HttpRequest, profile: Profile, *, in_clear: bool) -> HttpResponse:
    page = "person, identifiers in the clear" if in_clear else "person"
    services.log_view(actor=actor(request), page=page, profile_id=profile.pk)
    known = selectors.know(profile)
    told_of = story(known, _number(request, known))
    rows = selectors.tellings(known.ids)
    systems = told(rows, selectors.systems(), known, musts(rows, known, selectors.around(known)))
    asked = MomentForm(request.GET if "day" in request.GET else None)
    then = selectors.as_of(known, asked.cleaned_data["at"]) if asked.is_valid() else known
    shown = PersonPage(
        who(known, in_clear=in_clear),
        asked,
        moment(asked.cleaned_data["at"]) if asked.is_valid() else "",
        grid(then) if then else None,
        denials(then) if then else (),
        events(told_of),
        told_of.paging,
        systems,
        promises(due.of_person(known.ids, told_of.voids), known, clock.now()),
        parts(known),
        grants(known),
        tuple(each for each in DOES if may(request, each.needs) and each.fits(known)),
        may_record=may(request, RECORD),
        may_void=may(request, VOID),
        may_retry=may(request, RETRY),
    )
    return show(request, "person", title=short(profile.pk), page=shown)


def _number(request: HttpRequest, known: Known) -> str | int:
    """The page of the story that is asked for, by its number or by an entry on it."""
    entry = request.GET.get("entry", "")
    return page_of(known, int(entry)) if entry.isdecimal() else request.GET.get("page", 1)


@require_POST
@needs(SEE_PEOPLE)
@needs(RETRY)
@survivor
def retry(request: HttpRequest, profile: Profile) -> HttpResponse:
    """Try one system (`propagation`), or all that are not told yet, now."""
    rows = selectors.propagations(selectors.know(profile).ids)
    if wanted := request.POST.get("propagation"):
        rows = rows.filter(pk=as_uuid(wanted))
    count = retry_now(propagation_ids=set(rows.values_list("pk", flat=True)), by=actor(request))
    words = f"{count} will be tried again now." if count else "Nothing to try again: all were told."
    messages.success(request, words)
    return redirect("admin:person", profile.pk)


@require_POST
@needs(SEE_PEOPLE)
@needs(RETRY)
@survivor
def again(request: HttpRequest, profile: Profile) -> HttpResponse:
    """Tell one system (`propagation`), or all, once more, though it was confirmed."""
    rows = selectors.propagations(selectors.know(profile).ids)
    if wanted := request.POST.get("propagation"):
        rows = rows.filter(pk=as_uuid(wanted))
    count = send_again(propagation_ids=set(rows.values_list("pk", flat=True)), by=actor(request))
    messages.success(request, f"{count} will be told again now.")
    return redirect("admin:person", profile.pk)


def as_uuid(text: str) -> UUID:
    """A key that a form sent; anything else is not found."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


@require_safe
@needs(SEE_PEOPLE)
@survivor
def attempts(request: HttpRequest, profile: Profile, propagation_id: UUID) -> HttpResponse:
    """Every time one system was told about one identifier of theirs."""
    services.log_view(actor=actor(request), page="attempts", profile_id=profile.pk)
    known = selectors.know(profile)
    rows = selectors.propagations(known.ids).select_related("destination")
    row: Propagation | None = rows.filter(pk=propagation_id).first()
    if row is None:
        raise Http404
    paging = selectors.attempts(row, request.GET.get("page", 1))
    about = known.masked(row.identifier_id) or "the person"
    page = AttemptsPage(
        profile.pk,
        short(profile.pk),
        row.destination.name,
        about,
        tries(list(paging)),
        paging,
        payload(row, known),
    )
    return show(request, "attempts", title=f"How {row.destination.name} was told", page=page)
