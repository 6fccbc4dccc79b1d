"""Publishing how patients' pages look and speak: one click, numbered, with name and reason."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from config.staff.access import actor
from preferences.models import Revision
from preferences.services.publishing import Publication, bring_out, in_force, publish
from preferences.terms import RevisionKind
from preferences.words import WordsField

REASON = WordsField(
    label="Reason for this change", max_length=500, help_text="Kept with your name, for good."
)

PUBLISHED = "Published. Patients see it from now on."
NOTHING = "Nothing was published: it says what stands already."
MEANWHILE = "Somebody published after you opened this page: open it again, and look at what stands."


class AppearanceForm(forms.Form):
    """A part of how pages look or speak. `seen`: which publication its page showed."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


def standing(key: str) -> int:
    """The number of the publication that stands; 0 before the first."""
    found = in_force(RevisionKind.APPEARANCE, key)
    return found.number if found else 0


def publish_appearance(request: HttpRequest, key: str, body: Mapping[str, Any], reason: str) -> None:
    """The next publication of a part of it; the same again changes nothing."""
    publish(kind=RevisionKind.APPEARANCE, key=key, body=body, author=actor(request), reason=reason)


def replace_appearance(request: HttpRequest, key: str, form: AppearanceForm, body: Mapping[str, Any]) -> bool:
    """In place of what the form's page showed; False, and the form says why, where that stands no more."""
    given = form.cleaned_data
    if replace(request, key, given["seen"], body, given["reason"]):
        return True
    form.add_error(None, MEANWHILE)
    return False


def replace(request: HttpRequest, key: str, seen: int, body: Mapping[str, Any], reason: str) -> bool:
    """In place of publication `seen`, and staff are told so; False where that stands no more."""
    before = in_force(RevisionKind.APPEARANCE, key)
    if seen != (before.number if before else 0):
        return False
    published = bring_out(Publication(RevisionKind.APPEARANCE, key, body, actor(request), reason), before)
    if published:
        messages.success(request, NOTHING if published == before else PUBLISHED)
    return published is not None


def put_back(request: HttpRequest, key: str, number: int) -> None:
    """An earlier one stands again, as the next publication: its body was checked when it was the newest."""
    again = get_object_or_404(Revision, kind=RevisionKind.APPEARANCE, key=key, number=number)
    seen, reason = request.POST.get("seen", ""), f"Bring back revision {number}"
    if not seen.isdecimal() or not replace(request, key, int(seen), again.body, reason):
        messages.error(request, MEANWHILE)


def earlier(key: str) -> list[Revision]:
    """Who published what of it, newest first."""
    same = Revision.objects.filter(kind=RevisionKind.APPEARANCE, key=key)
    return list(same.defer("body").order_by("-number")[:20])
