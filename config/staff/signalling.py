"""A privacy request that came by hand: from an authorised agent, or on the opt-out form (R9)."""

from django import forms

from config.staff.acting import Act, ActForm, acting
from config.staff.permissions import RECORD
from preferences import services

KINDS = [("form", "On the opt-out form"), ("agent", "By an authorised agent")]


class SignalForm(ActForm):
    """How it came."""

    kind = forms.ChoiceField(label="How the request came", choices=KINDS, widget=forms.RadioSelect)

    def act(self, who: str) -> str:
        recorded = services.signal(
            profile_id=self.known.profile.pk, kind=self.cleaned_data["kind"], said=self.said(who)
        )
        if recorded.change:
            return "Noted: the sale and sharing of their data is off."
        return "Nothing to change: that was off already, or the person said yes knowing of the signal."


signal = acting(
    Act(
        "Privacy request",
        "Somebody asks that this person’s data is neither sold nor shared.",
        "Record the request",
        RECORD,
        SignalForm,
        (
            "Every use of data that honours the privacy signal is off from now on.",
            "Only the person can take it back, on their own page, in a second step. Staff can’t.",
        ),
    )
)
