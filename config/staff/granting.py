"""Who may choose for somebody (R11): found, granted, listed on both pages, and ended."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from config.staff import selectors
from config.staff.access import actor, needs, show
from config.staff.acting import Act, ActForm, ActPage, done, usual
from config.staff.finding import VALUE, Found, find_other
from config.staff.grants import grants
from config.staff.permissions import PROXIES, SEE_PEOPLE
from config.staff.person import survivor
from config.staff.words import short
from preferences import clock, services
from preferences.models import Profile
from preferences.terms import ANY, Relation

DATE = forms.DateInput(attrs={"type": "date"})


class GrantForm(ActForm):
    """Why somebody may choose, about what, and for how long."""

    relation = forms.ChoiceField(
        label="Why they may choose", choices=Relation.choices, widget=forms.RadioSelect
    )
    starts = forms.DateField(label="From", widget=DATE)
    ends = forms.DateField(
        label="Until before",
        required=False,
        help_text="For a parent it may stay empty: the grant ends when the child comes of age.",
        widget=DATE,
    )
    categories = forms.MultipleChoiceField(
        label="About what",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what they may choose about."},
    )
    born = forms.DateField(
        label="The child’s day of birth",
        required=False,
        help_text="For a parent only: the grant ends when the child comes of age. It is not kept.",
        widget=DATE,
    )

    def __init__(self, *args: Any, proxy_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proxy_id = proxy_id
        self.fields["categories"].choices = list(self._offered())  # type: ignore[attr-defined]
        self.fields["starts"].initial = timezone.localdate(clock.now())

    def _offered(self) -> Iterator[tuple[str, str]]:
        yield ANY, "All messages, none that is sensitive"
        for each in self.known.catalogue:
            if not each.retired and not each.required:
                sensitive = " (sensitive)" if each.sensitive else ""
                yield each.slug, each.in_("en").name + sensitive

    def act(self, who: str) -> str:
        told = self.cleaned_data
        services.grant_proxy(
            profile_id=self.known.profile.pk,
            proxy_id=self.proxy_id,
            relation=Relation(told["relation"]),
            starts=_begin(told["starts"]),
            ends=_begin(told["ends"]) if told["ends"] else None,
            categories=told["categories"],
            said=self.said(who),
            born=told["born"],
        )
        return f"{short(self.proxy_id)} may choose for them."


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class EndGrantForm(ActForm):
    """Only how it was asked for."""

    def __init__(self, *args: Any, grant_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grant_id = grant_id

    def act(self, who: str) -> str:
        services.revoke_proxy(grant_id=self.grant_id, said=self.said(who))
        return "They choose no more. What they chose stands."


@dataclass(frozen=True, slots=True)
class ProxyPage:
    """Whoever may choose for somebody, to be found first."""

    profile_id: UUID
    person: str
    found: Found


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters(VALUE)
@needs(SEE_PEOPLE)
@needs(PROXIES)
@survivor
def find_proxy(request: HttpRequest, profile: Profile) -> HttpResponse:
    """Find who may choose."""
    services.log_view(actor=actor(request), page="somebody chooses for them", profile_id=profile.pk)
    found = find_other(request, profile.pk)
    page = ProxyPage(profile.pk, short(profile.pk), found)
    status = 422 if found.form.errors else 200
    return show(request, "find_proxy", title="Somebody chooses for them", page=page, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@needs(SEE_PEOPLE)
@needs(PROXIES)
@survivor
def grant(request: HttpRequest, profile: Profile, proxy_id: UUID) -> HttpResponse:
    """Let them choose."""
    if selectors.profile(proxy_id) is None:
        raise Http404
    known = selectors.know(profile)
    form = GrantForm(request.POST or None, known=known, proxy_id=proxy_id, initial=usual(request))
    says = Act(
        f"{short(proxy_id)} may choose",
        "What they choose counts like the person’s own, within this grant.",
        "Grant it",
        PROXIES,
        GrantForm,
        (
            "Sensitive kinds, and uses of data, count only if they are ticked by name.",
            "A parent’s grant ends when the child comes of age.",
        ),
    )
    return _answer(request, profile, says, form)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@needs(SEE_PEOPLE)
@needs(PROXIES)
@survivor
def end_grant(request: HttpRequest, profile: Profile, grant_id: int) -> HttpResponse:
    """They choose no more."""
    known = selectors.know(profile)
    if grant_id not in {each.id for each in grants(known).of_them}:
        raise Http404
    form = EndGrantForm(request.POST or None, known=known, grant_id=grant_id, initial=usual(request))
    says = Act(
        "End a grant",
        "From now on they choose no more. What they chose stands.",
        "End it",
        PROXIES,
        EndGrantForm,
    )
    return _answer(request, profile, says, form)


def _answer(request: HttpRequest, profile: Profile, says: Act, form: ActForm) -> HttpResponse:
    services.log_view(actor=actor(request), page="somebody chooses for them", profile_id=profile.pk)
    if form.is_valid() and (words := done(form, actor(request))):
        messages.success(request, words)
        return redirect("admin:person", profile.pk)
    page = ActPage(profile.pk, short(profile.pk), says, form)
    return show(request, "act", title=says.title, page=page, status=422 if form.errors else 200)
