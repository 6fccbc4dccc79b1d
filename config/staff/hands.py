"""What somebody does by hand in a system because Heed cannot: handed over, and their word that it is done."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timesince import timesince
from django.views.decorators.http import require_http_methods

from config.staff import counting
from config.staff.access import actor, needs, show
from config.staff.permissions import CONFIRM, HAND_OVER, SEE_PEOPLE
from config.staff.words import moment, reason_words, short
from destinations.models import ManualTask, Propagation
from destinations.services import confirm_done, hand_over
from destinations.terms import PropagationState
from preferences import services
from preferences.errors import Refused
from preferences.terms import IdentifierKind

LISTED = 100  # the oldest; the others move up
AT_ONCE = 100  # no more are handed over in one go, whoever waits longest
ASKED = ("system", "state", "reason")


@dataclass(frozen=True, slots=True)
class Task:
    """One thing in somebody's hands."""

    id: int
    system: str
    profile_id: UUID | None
    person: str
    words: str
    asked_of: str
    since: str
    age: str


@dataclass(frozen=True, slots=True)
class HandPage:
    """Asking somebody."""

    system: str
    why: str
    count: int
    more: int  # what is left for another time
    form: forms.Form
    back: str


@dataclass(frozen=True, slots=True)
class DonePage:
    """Their word."""

    task: Task
    form: forms.Form


class HandForm(forms.Form):
    """Who, and what to do there."""

    colleague = forms.ChoiceField(label="A colleague", required=False)
    owner = forms.EmailField(
        label="Or whoever looks after the system, by e-mail address",
        required=False,
        help_text="Heed sends them nothing: tell them yourself. A colleague confirms here what they did.",
    )
    words = forms.CharField(
        label="What to do there",
        max_length=1000,
        help_text="Name nobody: the list leads to each person’s page.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = get_user_model().objects.filter(is_staff=True, is_active=True).order_by("username")
        named = [(each.get_username(), each.get_full_name() or each.get_username()) for each in staff]
        self.fields["colleague"].choices = [("", "Nobody in particular"), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors and not (told.get("colleague") or told.get("owner")):
            self.add_error("colleague", "Choose a colleague, or enter an e-mail address.")
        return told


class DoneForm(forms.Form):
    """What was done."""

    note = forms.CharField(
        label="Note",
        required=False,
        max_length=500,
        help_text="What was done there, and by whom. Name no patient.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def tasks() -> tuple[Task, ...]:
    """What is in somebody's hands, the oldest first: two queries."""
    rows = ManualTask.objects.filter(done_at__isnull=True).order_by("created_at")
    return _lines(rows.select_related("propagation__destination", "propagation__identifier")[:LISTED])


def _lines(found: Collection[ManualTask]) -> tuple[Task, ...]:
    holders = counting.holders_of([each.propagation.identifier_id for each in found])
    return tuple(_line(each, holders) for each in found)


def _line(task: ManualTask, holders: dict[UUID, UUID]) -> Task:
    row = task.propagation
    own = row.identifier.kind == IdentifierKind.HEED
    person = row.identifier_id if own else holders.get(row.identifier_id)
    return Task(
        task.pk,
        row.destination.name,
        person,
        short(person) if person else "Nobody holds it now",
        task.words,
        task.asked_of,
        moment(task.created_at),
        timesince(task.created_at, depth=1),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SEE_PEOPLE)
@needs(HAND_OVER)
def hand(request: HttpRequest) -> HttpResponse:
    """Ask somebody to do by hand what is stuck: one row, or all of a group."""
    found, back = _rows(request)
    rows = list(found.select_related("destination").order_by("wanted_at", "id")[:AT_ONCE])
    first = rows[0] if rows else None
    if first is None:
        messages.info(request, "Nothing of that kind is left that is not in somebody’s hands already.")
        return redirect("admin:stuck")
    words = f"In {first.destination.name}, set for each of them what their page here says that it must hold."
    form = HandForm(request.POST or None, initial={"words": words})
    if request.method == "POST" and form.is_valid():
        return _handed(request, rows, form.cleaned_data)
    name, count = first.destination.name, len(rows)
    page = HandPage(name, reason_words(first.reason), count, found.count() - count, form, back)
    status = 422 if form.is_bound else 200
    return show(request, "hand", title="Hand to a person", page=page, status=status)


def _rows(request: HttpRequest) -> tuple[QuerySet[Propagation], str]:
    """Which rows that nobody has in hand yet, and where one came from."""
    asked = [request.GET.get(name, "") for name in ASKED]
    if one := request.GET.get("propagation", ""):
        try:
            found = Propagation.objects.filter(pk=UUID(one), state=PropagationState.STUCK)
        except ValueError:
            raise Http404 from None
    else:
        found = counting.in_group(*asked)
    listed = {name: value for name, value in zip(ASKED, asked, strict=True) if value}
    back = f"{reverse('admin:rows')}?{urlencode(listed)}" if one and listed else reverse("admin:stuck")
    in_hands = ManualTask.objects.filter(propagation=OuterRef("pk"), done_at__isnull=True)
    return found.exclude(Exists(in_hands)), back


def _handed(request: HttpRequest, rows: Sequence[Propagation], told: dict[str, Any]) -> HttpResponse:
    asked_of = told["colleague"] or told["owner"]
    count = hand_over(
        propagation_ids=[row.pk for row in rows], asked_of=asked_of, words=told["words"], by=actor(request)
    )
    words = f"{count} handed to {asked_of}." if count else "All of these are in somebody’s hands already."
    messages.success(request, words)
    return redirect("admin:stuck")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SEE_PEOPLE)
@needs(CONFIRM)
def done(request: HttpRequest, task_id: int) -> HttpResponse:
    """Somebody says that it was done there."""
    rows = ManualTask.objects.filter(pk=task_id, done_at__isnull=True)
    [line, *_] = _lines(rows.select_related("propagation__destination", "propagation__identifier")) or [None]
    if line is None:
        messages.info(request, "This was confirmed already.")
        return redirect("admin:stuck")
    form = DoneForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        services.log_view(actor=actor(request), page="manual task", profile_id=line.profile_id)
        return show(request, "done", title="It is done there", page=DonePage(line, form))
    try:
        row = confirm_done(task_id=task_id, by=actor(request), note=form.cleaned_data["note"])
    except Refused as refused:
        messages.error(request, f"{refused.message[:1].upper()}{refused.message[1:]}.")
        return redirect("admin:stuck")
    holds = f"Noted: {line.system} holds it."
    moved = f"Noted. What {line.system} must hold has changed since, so it is still to be told."
    messages.success(request, holds if row.acknowledged == row.wanted else moved)
    return redirect("admin:stuck")
