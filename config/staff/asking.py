"""Asking how things stood at a moment, and why: the forms for it."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from preferences import clock
from preferences.catalogue import Catalogue
from preferences.terms import Channel


class MomentForm(forms.Form):
    """A day, and a time of it; without one the end of the day."""

    day = forms.DateField(
        label="As known on",
        error_messages={"required": "Enter a day."},
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    hour = forms.TimeField(
        label="At", required=False, widget=forms.TimeInput(attrs={"type": "time"}), help_text="Else: its end."
    )

    def clean(self) -> dict[str, Any]:
        """The moment as `at`; now at the latest."""
        told = super().clean() or {}
        if day := told.get("day"):
            moment = datetime.combine(day, told.get("hour") or time.max)
            told["at"] = min(timezone.make_aware(moment), clock.now())
            if day > timezone.localdate(clock.now()):
                self.add_error("day", "This is in the future: nobody knows yet.")
        return told


class WhyForm(MomentForm):
    """About what, on which channel, and as known when; without a day: now."""

    category = forms.ChoiceField(label="Category")
    channel = forms.ChoiceField(
        label="Channel", required=False, choices=[("", "None (a use of data)"), *Channel.choices]
    )

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].required = False
        self.fields["category"].choices = [  # type: ignore[attr-defined]  # it is a ChoiceField
            (each.slug, each.in_("en").name) for each in catalogue
        ]
