"""What stands against an address (R7): set for anybody who asks, lifted by whom the table in DESIGN names."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms

from config.staff.acting import Act, ActForm, acting
from config.staff.cautions import cautions
from config.staff.permissions import LIFT, RECORD
from config.staff.words import channel_name, denied_name
from preferences import clock, projection, services
from preferences.clock import effective, micros
from preferences.terms import ADDRESS_KINDS, ANY, Channel, IdentifierKind, RestrictionKind, State, Verified

KINDS = [
    (RestrictionKind.DO_NOT_CALL.value, "Do not call"),
    (RestrictionKind.STOP.value, "STOP, reported by phone: no texts to this number"),
    (RestrictionKind.SUPPRESSED.value, "Do not use this address at all"),
]


class RestrictForm(ActForm):
    """Which address, and what must not happen there."""

    address = forms.ChoiceField(label="Which address", widget=forms.RadioSelect)
    kind = forms.ChoiceField(label="What they ask", choices=KINDS, widget=forms.RadioSelect)
    category = forms.ChoiceField(label="For which messages")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["address"].choices = [  # type: ignore[attr-defined]  # it is a choice field
            (str(each.id), f"{IdentifierKind(each.kind).label} {self.known.masked(each.id)}")
            for each in self.known.person.held
            if each.current and each.kind in ADDRESS_KINDS
        ]
        self.fields["category"].choices = [  # type: ignore[attr-defined]  # it is a choice field
            (ANY, "All messages"),
            *((each.slug, each.in_("en").name) for each in self.known.catalogue if not each.retired),
        ]

    def act(self, who: str) -> str:
        told = self.cleaned_data
        services.restrict(
            identifier_id=UUID(told["address"]),
            kind=RestrictionKind(told["kind"]),
            category=told["category"],
            said=self.said(who),
        )
        channel = Channel.PHONE if told["kind"] == RestrictionKind.DO_NOT_CALL else ""
        channel = Channel.SMS if told["kind"] == RestrictionKind.STOP else channel
        stops_nothing = " ".join(cautions(told["category"], channel, self.known.catalogue))
        return stops_nothing or "It stands from now on, for everybody who has that address."


class LiftForm(ActForm):
    """Which restriction, and how we know that the person is there."""

    restriction = forms.ChoiceField(label="What to lift", widget=forms.RadioSelect)
    verified = forms.BooleanField(
        label="I have made sure, in person, that they can be reached there",
        required=False,
        help_text="Needed for an address that must not be used at all.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["restriction"].choices = list(self._standing())  # type: ignore[attr-defined]

    def _standing(self) -> Iterator[tuple[str, str]]:
        for held in self.known.person.held:
            for key, value in projection.denials(held.restrictions):
                if projection.in_force(value):
                    _, category, channel = key.split(":")
                    named = channel_name(channel).lower()
                    what = denied_name(category, self.known.catalogue) + (f", {named} only" if named else "")
                    where = self.known.masked(held.id)
                    yield f"{held.id}:{key}", f"{self.known.label(key, held.id)}: {what}, at {where}"

    def clean(self) -> dict[str, Any]:
        """A lifting counts only if it was asked for after the restriction was (R2)."""
        told = super().clean()
        asked = effective(State.IN, told.get("occurred"), clock.now())
        if "restriction" in told and asked and micros(asked) <= self._set_at(told["restriction"]):
            self.add_error("hour", "It was set later than this: enter the time at which they asked.")
        return told

    def _set_at(self, restriction: str) -> int:
        pk, _, key = restriction.partition(":")
        return next(each.restrictions[key][0] for each in self.known.person.held if str(each.id) == pk)

    def act(self, who: str) -> str:
        pk, kind, category, channel = self.cleaned_data["restriction"].split(":")
        services.lift(
            identifier_id=UUID(pk),
            kind=RestrictionKind(kind),
            category=category,
            channel="" if channel == "-" else channel,
            said=self.said(who),
            verified=Verified.STAFF if self.cleaned_data["verified"] else None,
        )
        return "Lifted. It is no yes: what they chose holds again."


restrict = acting(
    Act(
        "Restrict an address",
        "This beats what anybody chose, for everybody who has that address, now or later.",
        "Restrict it",
        RECORD,
        RestrictForm,
        ("One kind of message alone never stops those that we have to send.",),
    )
)
lift = acting(
    Act(
        "Lift a restriction",
        "At the person’s own later request, with what shows it.",
        "Lift it",
        LIFT,
        LiftForm,
        (
            "STOP is lifted by nobody but the phone itself, which texts START.",
            "Do not call ends at the person’s own later request.",
            "An address that must not be used is free again once the person is verified there.",
        ),
    )
)
