"""A pause of some kinds of messages, for some days or until a day, and its end."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone

from config.staff.acting import Act, ActForm, acting
from config.staff.permissions import RECORD
from preferences import clock, services

UNTIL = "until"
DAYS = [("30", "30 days"), ("60", "60 days"), ("90", "90 days"), (UNTIL, "Until a day")]


class PauseForm(ActForm):
    """What is paused, and for how long."""

    categories = forms.MultipleChoiceField(
        label="What to pause",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what to pause."},
    )
    days = forms.ChoiceField(label="For how long", choices=DAYS, initial="30", widget=forms.RadioSelect)
    until = forms.DateField(
        label="The first day on which it is sent again",
        required=False,
        help_text="Only for a pause until a day.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["categories"].choices = [  # type: ignore[attr-defined]  # it is a choice field
            (each.slug, each.in_("en").name)
            for each in self.known.catalogue
            if not (each.is_data_use or each.required or each.retired)
        ]

    def clean(self) -> dict[str, Any]:
        """The end as `ends`."""
        told = super().clean()
        if told.get("days") == UNTIL:
            if not told.get("until"):
                self.add_error("until", "Enter the day on which it is sent again.")
            else:
                told["ends"] = timezone.make_aware(datetime.combine(told["until"], time.min))
        elif told.get("days"):
            told["ends"] = clock.now() + timedelta(days=int(told["days"]))
        return told

    @transaction.atomic
    def act(self, who: str) -> str:
        said, ends = self.said(who), self.cleaned_data["ends"]
        for slug in self.cleaned_data["categories"]:
            services.pause(profile_id=self.known.profile.pk, category=slug, until=ends, said=said)
        return "Paused. It ends by itself; what they chose then holds again."


class EndPauseForm(ActForm):
    """Which of the pauses ends now."""

    categories = forms.MultipleChoiceField(
        label="What is sent again from now on",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose which pause ends."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = self.known.catalogue.by_slug
        paused = [slug for slug in sorted(self.known.person.pauses) if slug in names and self._runs(slug)]
        self.fields["categories"].choices = [  # type: ignore[attr-defined]  # it is a choice field
            (slug, names[slug].in_("en").name) for slug in paused
        ]

    def _runs(self, slug: str) -> bool:
        start, until, *_ = self.known.person.pauses[slug]
        return bool(start <= self.known.rules.now < until)

    @transaction.atomic
    def act(self, who: str) -> str:
        said = self.said(who)
        for slug in self.cleaned_data["categories"]:
            services.end_pause(profile_id=self.known.profile.pk, category=slug, said=said)
        return "The pause is over: what they chose holds again."


pause = acting(
    Act(
        "Pause messages",
        "Nothing of what is paused is sent until the pause ends. A pause is no choice.",
        "Pause",
        RECORD,
        PauseForm,
        (
            "It ends by itself on its day, and what they chose before, or choose meanwhile, holds again.",
            "Messages that we have to send can’t be paused.",
        ),
    )
)
end_pause = acting(
    Act("End a pause", "Sooner than it would by itself.", "End the pause", RECORD, EndPauseForm)
)
