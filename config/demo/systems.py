"""What stands in the demo's outside systems before Heed comes, as their own users filled them."""

from collections.abc import Mapping, Sequence
from typing import Any

import requests

from config.demo.people import SHOWN, Patient

GROUPS = {
    "marketing_emails": (101, "Newsletter"),
    "appointment_reminders": (102, "Visits"),
    "patient_surveys": (103, "Feedback"),
    "care_follow_ups": (104, "After care"),
}
NEWSLETTER = "riverside"
TOPICS = {"patient_surveys": ("topic-surveys", "Surveys"), "care_follow_ups": ("topic-care", "After care")}
SUBSCRIPTIONS = {
    "marketing_emails": (501, "Classes and events"),
    "patient_surveys": (502, "Surveys"),
    "care_follow_ups": (503, "After care"),
}
BOXES = (
    *("appointment_reminders_sms", "patient_surveys_sms", "care_follow_ups_sms", "care_follow_ups_phone"),
    *("phone_outreach_sms", "phone_outreach_phone"),
)
CALL_LISTS = {
    "do_not_call": ("calls", "No calls at all"),
    "phone": ("calls", "No calls at all"),
    "reminders": ("reminders", "No reminder calls"),
    "care": ("care", "No after-care calls"),
    "outreach": ("outreach", "No outreach calls"),
}
AUDIENCE, DATASET = "120210000000000001", "880000000000001"
ADS_ACCOUNT, CONVERSION = "1234567890", "987654"
MRN_SYSTEM = "urn:oid:2.16.840.1.113883.19.5"
AUTHORITY, FACILITY = "main", "RIVERSIDE"
CHUNK = 500


def furnish(sandboxes: Mapping[str, str], people: Sequence[Patient]) -> None:
    """Groups, lists, contacts, patients, and a few opt-outs that were said there, in those that run."""
    _plant(sandboxes, _frames())
    for start in range(0, len(people), CHUNK):
        _plant(sandboxes, _records(people[start : start + CHUNK]))


def google_key(sandboxes: Mapping[str, str]) -> dict[str, str]:
    """The key file of a service account, as somebody downloads it there."""
    if "google_events" not in sandboxes:
        return {}
    answer = requests.get(f"{sandboxes['google_events']}/_service_account", timeout=60)
    answer.raise_for_status()
    return {"service_account": answer.text}


Seeds = dict[str, dict[str, list[dict[str, Any]]]]  # slug -> kind -> documents


def _plant(sandboxes: Mapping[str, str], seeds: Seeds) -> None:
    for slug, documents in seeds.items():
        if slug in sandboxes:
            requests.put(f"{sandboxes[slug]}/_seed", json=documents, timeout=60).raise_for_status()


def _frames() -> Seeds:
    """What each system has before there is anybody in it."""
    topics = [{"id": topic, "list": NEWSLETTER, "name": name} for topic, name in TOPICS.values()]
    lists = dict(CALL_LISTS.values())
    return {
        "sendgrid": {"groups": [{"id": number, "name": name} for number, name in GROUPS.values()]},
        "mailchimp": {"lists": [{"id": NEWSLETTER, "name": "Riverside newsletter"}], "interests": topics},
        "hubspot": {
            "types": [{"id": number, "name": name} for number, name in SUBSCRIPTIONS.values()],
            "properties": [{"name": f"{each}_opt_out"} for each in BOXES],
        },
        "genesys": {"lists": [{"id": place, "name": name} for place, name in lists.items()]},
        "meta": {"audiences": [{"id": AUDIENCE}]},
    }


def _records(people: Sequence[Patient]) -> Seeds:
    """Who is known where, and as what."""
    asked_for_no_calls = [each for each in people if each.number % 101 == 60]
    in_the_audience = [each for each in people if each.visitor]
    return {
        "sendgrid": {"suppressed": [_suppressed(each) for each in people if each.number % 97 == 50]},
        "mailchimp": {"members": [_member(each) for each in people if _reads_the_newsletter(each)]},
        "salesforce": {"Contact": [_contact(each) for each in people if _in_crm(each)]},
        "hubspot": {"contacts": [_lead(each) for each in people if _came_to_a_class(each)]},
        "fhir": {"Patient": [_patient(each) for each in people]},
        "hl7": {"patients": [{"mrn": each.mrn, "authority": FACILITY} for each in people]},
        "genesys": {"numbers": [{"list": "calls", "phone": each.phone} for each in asked_for_no_calls]},
        "meta": {"members": [_member_of(AUDIENCE, each) for each in in_the_audience]},
    }


def _suppressed(patient: Patient) -> dict[str, Any]:
    return {"email": patient.email, "group": 101, "created": 1_735_000_000}


def _reads_the_newsletter(patient: Patient) -> bool:
    return patient is SHOWN or patient.number % 3 == 1


def _member(patient: Patient) -> dict[str, Any]:
    left = patient.number % 91 == 40
    return {
        "list": NEWSLETTER,
        "email": patient.email,
        "status": "unsubscribed" if left else "subscribed",
        "interests": {topic: not left for topic, _ in TOPICS.values()},
        "own": left,
        "last_changed": "2025-11-03T09:30:00+00:00",
    }


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


def _came_to_a_class(patient: Patient) -> bool:
    return patient is SHOWN or patient.number % 5 == 2


def _lead(patient: Patient) -> dict[str, Any]:
    return {
        "id": str(9_000_000 + patient.number),
        "email": patient.email,
        "firstname": patient.given,
        "lastname": patient.family,
        "mobilephone": patient.phone,
        "updatedAt": "2025-11-03T09:30:00+00:00",
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


def _member_of(audience: str, patient: Patient) -> dict[str, Any]:
    return {"audience": audience, "email": patient.email, "phone": patient.phone}
