"""How somebody told us what staff record: the part that every form of theirs shares."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from config.staff.words import HOW
from preferences import clock
from preferences.clock import Moment
from preferences.models import Source
from preferences.services import Said
from preferences.terms import Actor
from preferences.words import WordsField

EVIDENCE = ("how", "day", "hour", "undated", "taken_by", "note")


class SaidForm(forms.Form):
    """How they told us, when they said it, and who took it."""

    how = forms.ChoiceField(
        label="How they told us", choices=list(HOW.items()), widget=forms.RadioSelect, initial="call"
    )
    day = forms.DateField(
        label="The day they said it", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    hour = forms.TimeField(
        label="The time, if you know it", required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    taken_by = WordsField(label="Who took it", max_length=100)
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=1000,
        help_text="Kept encrypted with the change. No diagnosis, please.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    missing_day = "Enter the day they said it."

    def clean(self) -> dict[str, Any]:
        """The moment as `occurred`; none in the future."""
        told = super().clean() or {}
        day: date | None = told.get("day")
        if "day" in told and "hour" in told and day is None and not told.get("undated"):
            self.add_error("day", self.missing_day)
        told["occurred"] = None if told.get("undated") else _occurred(day, told.get("hour"))
        if _is_future(told["occurred"]):
            self.add_error("day", "This is in the future: enter when the person said it.")
        return told

    def own_fields(self) -> list[forms.BoundField]:
        """What this form asks beyond that."""
        return [field for field in self if field.name not in EVIDENCE]

    def said(self, who: str, **more: Any) -> Said:
        """As it goes into the ledger, with what shows it; `who` typed it in."""
        told = self.cleaned_data
        evidence = {"how": HOW[told["how"]], "taken_by": told["taken_by"], "recorded_by": who}
        if told["note"]:
            evidence["note"] = told["note"]
        return by_staff(who, occurred=told["occurred"], evidence=evidence, **more)


def by_staff(who: str, *, occurred: Moment | None, **more: Any) -> Said:
    """Something that a member of staff records."""
    staff = Source.objects.get(slug="staff")
    return Said(source=staff, by=Actor.STAFF, occurred=occurred, attached=True, who=who, **more)


def _occurred(day: date | None, hour: time | None) -> Moment | None:
    if day is None or hour is None:
        return day
    return timezone.make_aware(datetime.combine(day, hour))


def _is_future(occurred: Moment | None) -> bool:
    now = clock.now()
    if isinstance(occurred, datetime):
        return occurred > now
    return occurred is not None and occurred > timezone.localdate(now)
