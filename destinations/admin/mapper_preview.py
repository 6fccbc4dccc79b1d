"""The preview beside the form: exactly what the system would receive about a sample or a real person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings

from destinations import preview
from destinations.connectors import CONNECTORS
from destinations.contract import By
from destinations.mapping import compiled
from destinations.mapping.examples import payload
from destinations.mapping.problems import System
from destinations.mapping.samples import RESTRICTIONS, view_of
from destinations.mapping.wording import source_words
from destinations.models import Destination
from destinations.preview import Preview
from preferences import identity
from preferences.errors import Malformed
from preferences.identity import Named
from preferences.services import log_view
from preferences.terms import ADDRESS_KINDS, IdentifierKind, State

SAMPLE, PERSON = "sample", "person"
STATES = [("", "Never asked"), (State.OUT.value, "No"), (State.IN.value, "Yes")]


def _short(label: str, example: str, length: int) -> forms.CharField:
    box = forms.TextInput(attrs={"placeholder": example})
    return forms.CharField(label=label, max_length=length, required=False, widget=box)


class PreviewForm(forms.Form):
    """Whom to look at: an invented person, as described here, or somebody real by an exact identifier."""

    whose = forms.ChoiceField(
        label="Show it for",
        choices=[(SAMPLE, "An invented person"), (PERSON, "A real person")],
        initial=SAMPLE,
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
        initial=State.OUT,
        required=False,
    )
    language = _short("Language", "es", 16)
    jurisdiction = _short("Where they live", "US-CA", 6)
    restrictions = forms.MultipleChoiceField(
        label="Restrictions",
        choices=list(RESTRICTIONS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    deceased = forms.BooleanField(label="They have died", required=False)
    kind = forms.ChoiceField(
        label="Find by",
        choices=[
            (each.value, each.label)
            for each in (IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.MRN)
        ],
        required=False,
    )
    value = forms.CharField(
        label="Exactly as they gave it",
        max_length=320,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, system: System, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cells = {
            f"said-{category.slug}:{channel}": f"{category.slug}:{channel}"
            for category, channel in system.catalogue.grid
        }
        for name, cell in self.cells.items():
            words = source_words(f"answer:{cell}", system.catalogue)
            self.fields[name] = forms.ChoiceField(label=words, choices=STATES, required=False)

    @property
    def each(self) -> list[Any]:
        """One control for each answer."""
        return [self[name] for name in self.cells]

    @property
    def sample_fields(self) -> list[Any]:
        """What is asked first about an invented person."""
        return [self[name] for name in ("answers", "language", "jurisdiction")]

    @property
    def has_more(self) -> bool:
        """Was anything said in what folds away?"""
        told = self.data
        return told.get("answers") == "each" or bool(told.get("deceased") or told.get("restrictions"))

    def described(self) -> dict[str, Any]:
        """The invented person; what goes without saying is left out."""
        told = self.cleaned_data
        said = {cell: told.get(name) or "" for name, cell in self.cells.items()}
        if told["answers"] != "each":
            said = dict.fromkeys(said, told["answers"])
        found = {
            "said": {cell: state for cell, state in said.items() if state},
            "language": told["language"].strip(),
            "jurisdiction": told["jurisdiction"].strip().upper(),
            "restrictions": told["restrictions"],
            "deceased": told["deceased"],
        }
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the preview shows: the calls, or why there are none. `is_sample`: it may be kept as an example."""

    previews: tuple[Preview, ...] = ()
    words: str = ""
    is_sample: bool = False


def sample(destination: Destination, body: Mapping[str, Any], form: PreviewForm) -> Seen:
    """Of an invented person."""
    shown = preview.of_sample(destination, body["rows"], form.described(), settings.HEED_MRN_AUTHORITY)
    return Seen((shown,), is_sample=True)


def person(destination: Destination, body: Mapping[str, Any], form: PreviewForm, actor: str) -> Seen:
    """Of somebody real; that it was looked at is noted."""
    told = form.cleaned_data
    namespace = settings.HEED_MRN_AUTHORITY if told["kind"] == IdentifierKind.MRN else ""
    try:
        named = identity.named(told["kind"] or IdentifierKind.EMAIL, told["value"], namespace)
    except Malformed as refused:
        return Seen(words=f"We can't read this: {refused.message}.")
    found = identity.find_people(named, limit=2)
    log_view(
        actor=actor, page="mapper preview", profile_id=found[0] if len(found) == 1 else None, found=len(found)
    )
    ids = _told_about(destination, named, found)
    if not ids:
        return Seen(words=_nobody(len(found)))
    return Seen(tuple(preview.of_person(destination, body["rows"], ids)))


def _told_about(destination: Destination, named: Named, found: list[UUID]) -> list[UUID]:
    connector = CONNECTORS[destination.connector]
    is_address = named.kind in ADDRESS_KINDS and preview.reaches(connector, named.kind)
    if connector.addresses == By.ADDRESS and is_address:
        return list(identity.find([named]).values())
    return preview.told_about(connector, found[0]) if len(found) == 1 else []


def _nobody(found: int) -> str:
    if found > 1:
        return f"{found} people share this: find the person by a record number."
    return (
        "Nothing is sent about whoever this is." if found else "Nobody is known by this. Check it for a slip."
    )


def example(
    destination: Destination, body: Mapping[str, Any], form: PreviewForm, name: str, system: System
) -> dict[str, Any]:
    """The invented person with what the rows say about them now."""
    described = form.described()
    view = view_of(described, system.connector, system.catalogue, system.authority)
    return {"name": name, "person": described, "expect": payload(compiled(body["rows"]), view)}
