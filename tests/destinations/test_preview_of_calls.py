"""What staff are shown of calls that are no JSON: forms, SOAP, HL7."""

from typing import Any

import pytest

from destinations.mapping.published import default_body
from destinations.preview import of_sample
from destinations.services import save_destination

pytestmark = pytest.mark.django_db
SETTINGS: dict[str, dict[str, Any]] = {
    "five9": {"username": "heed"},
    "genesys": {"client_id": "heed", "lists": {"phone": "calls"}},
    "athenahealth": {"practice_id": "1", "authority": "main", "client_id": "heed"},
    "fhir": {
        "base_url": "https://ehr.example.org/r4",
        "client_id": "heed",
        "mrn_systems": {"main": "urn:x"},
        "organisation": "St. Mary",
    },
    "hl7": {"base_url": "mllps://ehr.example.org:2575", "authorities": {"main": "STMARY"}},
}
SECRETS = {
    "fhir": "private_key",
    "five9": "password",
    "genesys": "client_secret",
    "athenahealth": "client_secret",
}
CALLS = ("appointment_reminders", "care_follow_ups", "phone_outreach")
OUT = {"said": {f"{category}:phone": "opted_out" for category in CALLS}}


@pytest.mark.parametrize(
    ("slug", "sent"),
    [
        ("five9", "<ser:addNumbersToDnc><numbers>2025550123</numbers>"),
        ("genesys", '"action": "Add"'),
        ("fhir", '"resourceType": "Consent"'),
        ("athenahealth", "contactpreference_appointment_phone=false"),
        (
            "hl7",
            "\nPID|1||SAMPLE-1^^^STMARY^MR||^^^^^^U\nPD1|||||||||||03^REMINDER/RECALL",
        ),
    ],
)
def test_a_call_is_shown_as_it_is_sent_and_the_sign_in_is_not(slug, sent):
    system = save_destination(
        connector=slug,
        slug=slug,
        name=slug,
        public_label="ours",
        purpose="other",
        state="paused",
        settings=SETTINGS[slug],
        secrets={SECRETS[slug]: "hush"} if slug in SECRETS else {},
        agreement="BAA",
        author="tests",
    )
    seen = of_sample(system, default_body(slug)["rows"], OUT, "main")

    assert any(sent in call.body for call in seen.calls), [call.body for call in seen.calls]
    assert "grant_type" not in str(seen.calls)
    assert "hush" not in str(seen.calls)
