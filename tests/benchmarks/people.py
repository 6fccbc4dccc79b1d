"""The people of a benchmark: as a partner's calls would have made them, each with an address of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from config.demo.people import Patient
from preferences import identity
from preferences.models import Source
from preferences.services import Call, Choice, Said, identify, issue_key
from preferences.terms import Actor, IdentifierKind, Scope, SourceKind, State

PARTNER = "patient_portal"
MARKETING = ("marketing_emails", "email")
CHUNK = 250


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whom Heed knows."""

    number: int
    profile_id: UUID
    email: str


def partner() -> Source:
    """The source that knows them: it speaks for the person."""
    source, _ = Source.objects.get_or_create(
        slug=PARTNER,
        defaults={"name": "Patient portal", "kind": SourceKind.PARTNER, "speaks_for_person": True},
    )
    return source


def api_key() -> str:
    """The secret of a key of that source."""
    return issue_key(source=partner(), name="Benchmark", scopes=list(Scope), created_by="benchmark").secret


def patients(count: int, first: int = 0) -> list[Patient]:
    """Invented people whom every sandbox is furnished with (the CRM leaves out every fourth number)."""
    numbers = (number for number in range(3, 10 * (first + count) + 10) if number % 4 != 3)
    chosen = list(zip(range(first + count), numbers, strict=False))[first:]
    return [
        Patient(number, "Given", f"Family{number}", f"p{number}@example.org", "+12025550100", "US-NY", "en")
        for _, number in chosen
    ]


def settle(patients: Sequence[Patient], choices: Sequence[tuple[str, str, State]] = ()) -> list[Known]:
    """Make Heed know them, with what they chose so far."""
    known: list[Known] = []
    for start in range(0, len(patients), CHUNK):
        with transaction.atomic():
            known += [_known(each, choices) for each in patients[start : start + CHUNK]]
    return known


def _known(patient: Patient, choices: Sequence[tuple[str, str, State]]) -> Known:
    call = Call(
        identifiers=(
            identity.named(IdentifierKind.EXTERNAL_ID, f"u{patient.number}", PARTNER),
            identity.named(IdentifierKind.MRN, patient.mrn, "main"),
            identity.named(IdentifierKind.EMAIL, patient.email),
        ),
        choices=tuple(Choice(*each) for each in choices),
        attributes={"jurisdiction": patient.jurisdiction},
    )
    outcome = identify(call=call, said=said())
    assert outcome.profile_id is not None
    return Known(patient.number, outcome.profile_id, patient.email)


def said(**evidence: str) -> Said:
    """By the person, now, through that source."""
    return Said(partner(), Actor.PERSON, timezone.now(), evidence or None)
