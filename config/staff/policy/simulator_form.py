"""Whom and which event the simulator shows: an invented person, somebody unknown, or somebody real."""

from collections.abc import Iterator
from typing import Any

from django import forms

from destinations.mapping.samples import RESTRICTIONS
from governance.checking import Known
from preferences.catalogue import Catalogue
from preferences.terms import NO_CHANNEL, Channel, IdentifierKind, State

SAMPLE, NOBODY, PERSON = "sample", "nobody", "person"
STATES = [("", "Never asked"), (State.OUT.value, "No"), (State.IN.value, "Yes")]
FOUND_BY = (IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.MRN)


class SimulatorForm(forms.Form):
    """About whom, and which event; its properties are asked once it is chosen."""

    event = forms.ChoiceField(label="The event", required=False)
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
        self.fields["event"].choices = [(each, each) for each in known.events]  # type: ignore[attr-defined]
        self.cells = {f"said-{slug}:{on}": (slug, on) for slug, on in _grid(known.categories)}
        for name, (slug, on) in self.cells.items():
            label = known.categories.by_slug[slug].in_("en").name
            by = f" by {Channel(on).label.lower()}" if on else ""
            self.fields[name] = forms.ChoiceField(label=f"{label}{by}", choices=STATES, required=False)
        self.seen = known.events.get(self.data.get("s-event", "")) or next(iter(known.events.values()), None)
        for path in self.seen.properties if self.seen else ():
            self.fields[f"property-{path}"] = forms.CharField(label=path, required=False, max_length=255)

    @property
    def each(self) -> list[Any]:
        """One control for each answer."""
        return [self[name] for name in self.cells]

    @property
    def properties(self) -> list[Any]:
        """One control for each property of the event."""
        return [self[name] for name in self.fields if name.startswith("property-")]

    @property
    def has_more(self) -> bool:
        """Was anything said in what folds away?"""
        return self.data.get("s-answers") == "each" or bool(self.data.get("s-restrictions"))

    def said(self) -> dict[str, str]:
        """What the event says, by path; an empty box is a property that did not come."""
        return {
            name.removeprefix("property-"): value
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
