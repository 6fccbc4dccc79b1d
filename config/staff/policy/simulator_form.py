"""Whom and which event the simulator shows: an invented person, somebody unknown, or somebody real."""

import json
from collections.abc import Iterator
from typing import Any

from django import forms

from destinations.mapping.samples import RESTRICTIONS
from governance.allowed import AllowedEvent, Scalar
from governance.checking import Known
from governance.terms import EventClass, PropertyClass
from governance.verdicts import EventSeen
from preferences.catalogue import Catalogue
from preferences.terms import NO_CHANNEL, Channel, IdentifierKind, State

SAMPLE, NOBODY, PERSON = "sample", "nobody", "person"
INVENTED = "*"  # in place of the name of an event that is allowed
SAYS = {
    "value": PropertyClass.PLAIN,
    "order_number": PropertyClass.IDENTIFIER,
    "clinic": PropertyClass.HEALTH,
}
STATES = [("", "Never asked"), (State.OUT.value, "No"), (State.IN.value, "Yes")]
FOUND_BY = (IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.MRN)


class SimulatorForm(forms.Form):
    """About whom, and which event; its properties are asked once it is chosen."""

    event = forms.ChoiceField(label="The event", required=False)
    name = forms.CharField(
        label="Its name",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "appointment_booked"}),
    )
    tells = forms.ChoiceField(
        label="That it happened tells",
        choices=[
            (EventClass.PLAIN.value, "Nothing about health"),
            (EventClass.HEALTH.value, "Something about health"),
        ],
        required=False,
    )
    belongs = forms.MultipleChoiceField(
        label="It belongs to", widget=forms.CheckboxSelectMultiple, required=False
    )
    whose = forms.ChoiceField(
        label="About",
        choices=[(SAMPLE, "An invented person"), (NOBODY, "Somebody unknown"), (PERSON, "A real person")],
        widget=forms.RadioSelect,
        required=False,
    )
    answers = forms.ChoiceField(
        label="What they said",
        choices=[
            (State.OUT.value, "No to everything"),
            (State.IN.value, "Yes to everything"),
            ("", "Nothing: they were never asked"),
            ("each", "What is chosen below"),
        ],
        required=False,
    )
    jurisdiction = forms.CharField(
        label="Where they live",
        max_length=6,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "US-WA"}),
    )
    restrictions = forms.MultipleChoiceField(
        label="Restrictions",
        choices=list(RESTRICTIONS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    kind = forms.ChoiceField(
        label="Find by", choices=[(each.value, each.label) for each in FOUND_BY], required=False
    )
    value = forms.CharField(
        label="Exactly as they gave it",
        max_length=320,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data: Any, known: Known) -> None:
        posted = data or {"answers": State.OUT.value, "whose": SAMPLE}
        super().__init__(posted, prefix="s")
        if not data:
            self.data = {f"s-{name}": value for name, value in posted.items()}
        events = [*((each, each) for each in known.events), (INVENTED, "An invented event")]
        self.fields["event"].choices = events  # type: ignore[attr-defined]
        self.fields["belongs"].choices = [  # type: ignore[attr-defined]
            (slug, each.in_("en").name) for slug, each in known.categories.by_slug.items() if not each.retired
        ]
        self.cells = {f"said-{slug}:{on}": (slug, on) for slug, on in _grid(known.categories)}
        for name, (slug, on) in self.cells.items():
            label = known.categories.by_slug[slug].in_("en").name
            by = f" by {Channel(on).label.lower()}" if on else ""
            self.fields[name] = forms.ChoiceField(label=f"{label}{by}", choices=STATES, required=False)
        chosen = self.data.get("s-event") or next(iter(known.events), INVENTED)
        self.listed = known.events.get(chosen)
        for path, kind in (self.listed.properties if self.listed else SAYS).items():
            label = path if self.listed else f"{path} ({kind.label.lower()})"
            self.fields[f"property-{path}"] = forms.CharField(label=label, required=False, max_length=255)

    @property
    def each(self) -> list[Any]:
        """One control for each answer."""
        return [self[name] for name in self.cells]

    @property
    def properties(self) -> list[Any]:
        """One control for each property of the event."""
        return [self[name] for name in self.fields if name.startswith("property-")]

    @property
    def invented(self) -> list[Any]:
        """What is asked of an event that nobody allowed."""
        return [self["name"], self["tells"]]

    @property
    def has_more(self) -> bool:
        """Was anything said in what folds away?"""
        return self.data.get("s-answers") == "each" or bool(self.data.get("s-restrictions"))

    def seen(self) -> EventSeen:
        """The event, as if it had come."""
        told = self.cleaned_data
        if self.listed:
            return EventSeen(self.listed.name, self.said(), self.listed)
        name = told["name"] or "an_invented_event"
        is_health = told["tells"] == EventClass.HEALTH
        allowed = AllowedEvent(name, is_health, tuple(told["belongs"]), SAYS, 0)
        return EventSeen(name, self.said(), allowed)

    def said(self) -> dict[str, Scalar]:
        """What the event says, by path; an empty box is a property that did not come."""
        return {
            name.removeprefix("property-"): as_sent(value)
            for name, value in self.cleaned_data.items()
            if name.startswith("property-") and value
        }

    def described(self) -> dict[str, Any]:
        """The invented person."""
        told = self.cleaned_data
        said = {f"{slug}:{on}": told[name] for name, (slug, on) in self.cells.items()}
        if told["answers"] != "each":
            said = dict.fromkeys(said, told["answers"])
        return {
            "said": {cell: state for cell, state in said.items() if state},
            "jurisdiction": told["jurisdiction"].strip().upper(),
            "restrictions": told["restrictions"],
        }


def _grid(known: Catalogue) -> Iterator[tuple[str, str]]:
    for category, channel in known.grid:
        if not category.retired:
            yield category.slug, channel or NO_CHANNEL


def as_sent(text: str) -> Scalar:
    """A number or a yes or no as a partner's library would send it, not as words."""
    try:
        value = json.loads(text, parse_constant=str)  # NaN and Infinity are words
    except ValueError:
        return text
    return value if isinstance(value, int | float | bool) else text
