"""The demo's four outside systems: what stands in them before Heed comes, and how Heed is connected."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import requests

from config.demo.people import SHOWN, Patient
from destinations.models import Destination
from destinations.services import save_destination
from destinations.terms import DestinationState, Purpose

GROUPS = {
    "marketing_emails": (101, "Newsletter"),
    "appointment_reminders": (102, "Visits"),
    "patient_surveys": (103, "Feedback"),
    "care_follow_ups": (104, "After care"),
}
MRN_SYSTEM = "urn:oid:2.16.840.1.113883.19.5"
AUTHORITY = "main"
CHUNK = 500


def furnish(sandboxes: Mapping[str, str], people: Sequence[Patient]) -> None:
    """Fill the sandboxes as their own users would have: groups, contacts, patients, a few opt-outs."""
    groups = [{"id": number, "name": name} for number, name in GROUPS.values()]
    _plant(sandboxes["sendgrid"], {"groups": groups})
    own = [
        {"email": each.email, "group": 101, "created": 1_735_000_000}
        for each in people
        if each.number % 97 == 50
    ]
    _plant(sandboxes["sendgrid"], {"suppressed": own})
    for chunk in _chunks(people):
        _plant(sandboxes["salesforce"], {"Contact": [_contact(each) for each in chunk if _in_crm(each)]})
        _plant(sandboxes["fhir"], {"Patient": [_patient(each) for each in chunk]})


def _chunks(people: Sequence[Patient]) -> Iterator[Sequence[Patient]]:
    for start in range(0, len(people), CHUNK):
        yield people[start : start + CHUNK]


def _plant(base_url: str, documents: Mapping[str, Any]) -> None:
    requests.put(f"{base_url}/_seed", json=documents, timeout=60).raise_for_status()


def _in_crm(patient: Patient) -> bool:
    return patient is SHOWN or patient.number % 4 != 3


def _contact(patient: Patient) -> dict[str, Any]:
    return {
        "FirstName": patient.given,
        "LastName": patient.family,
        "Email": patient.email,
        "MobilePhone": patient.phone,
        "MRN__c": patient.mrn,
        "HasOptedOutOfEmail": patient.number % 89 == 40,
    }


def _patient(patient: Patient) -> dict[str, Any]:
    return {
        "id": f"p{patient.number}",
        "identifier": [{"system": MRN_SYSTEM, "value": patient.mrn}],
        "name": [{"family": patient.family, "given": [patient.given]}],
        "telecom": [
            {"system": "email", "value": patient.email},
            {"system": "phone", "value": patient.phone},
        ],
    }


def connected() -> bool:
    return Destination.objects.exists()


def point_to(sandboxes: Mapping[str, str], webhook_secret: str) -> bool:
    """Connect each system to where it listens; True where somebody has to be told of it."""
    moved = False
    for slug, described in _connections(sandboxes, webhook_secret).items():
        known = Destination.objects.filter(slug=slug).first()
        if known is None or known.settings.get("base_url") != described["settings"]["base_url"]:
            save_destination(
                destination=known,
                slug=slug,
                connector=slug,
                state=DestinationState.LIVE,
                agreement="Sandbox on this machine: invented people only",
                author="demo",
                **described,
            )
            moved = True
    return moved


def _connections(sandboxes: Mapping[str, str], webhook_secret: str) -> dict[str, dict[str, Any]]:
    return {
        "sendgrid": {
            "name": "SendGrid",
            "public_label": "Our email service",
            "public_label_es": "Nuestro servicio de correo electrónico",
            "purpose": Purpose.MARKETING,
            "settings": {
                "base_url": sandboxes["sendgrid"],
                "groups": {category: number for category, (number, _) in GROUPS.items()},
            },
            "secrets": {"api_key": "SG.demo"},
        },
        "salesforce": {
            "name": "Salesforce",
            "public_label": "Our contact records",
            "public_label_es": "Nuestro registro de contactos",
            "purpose": Purpose.MARKETING,
            "settings": {"base_url": sandboxes["salesforce"], "client_id": "heed"},
            "secrets": {"client_secret": "demo"},
        },
        "fhir": {
            "name": "Patient record (FHIR)",
            "public_label": "Your medical record",
            "public_label_es": "Su expediente médico",
            "purpose": Purpose.RECORDS,
            "settings": {
                "base_url": sandboxes["fhir"],
                "mrn_systems": {AUTHORITY: MRN_SYSTEM},
                "organisation": "Riverside Health",
            },
            "secrets": {"token": "demo"},
        },
        "webhook": {
            "name": "Front desk",
            "public_label": "Our front desk",
            "public_label_es": "Nuestra recepción",
            "purpose": Purpose.APPOINTMENTS,
            "settings": {"base_url": f"{sandboxes['webhook']}/hooks/heed"},
            "secrets": {"secret": webhook_secret},
        },
    }
