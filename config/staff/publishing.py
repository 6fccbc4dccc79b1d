"""Publishing how patients' pages look and speak: one click, numbered, with name and reason."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest

from config.staff.access import actor
from preferences.models import Revision
from preferences.services import publish
from preferences.terms import RevisionKind

REASON = forms.CharField(
    label="Reason for this change", max_length=500, help_text="Kept with your name, for good."
)


def publish_appearance(request: HttpRequest, key: str, body: Mapping[str, Any], reason: str) -> None:
    """The next publication of a part of it; the same again changes nothing."""
    publish(kind=RevisionKind.APPEARANCE, key=key, body=body, author=actor(request), reason=reason)


def earlier(key: str) -> list[Revision]:
    """Who published what of it, newest first."""
    same = Revision.objects.filter(kind=RevisionKind.APPEARANCE, key=key)
    return list(same.defer("body").order_by("-number")[:20])
