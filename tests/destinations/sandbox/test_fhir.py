"""A FHIR R4 server with Patients and Consents, as the sandbox keeps them."""

import pytest
from fhir.resources.R4B.consent import Consent

MRN, HEED = "urn:hospital:mrn", "urn:heed"
ANA = {
    "id": "ana",
    "identifier": [{"system": MRN, "value": "4711"}],
    "telecom": [
        {"system": "email", "value": "ana@example.org"},
        {"system": "phone", "value": "555-010-0123"},
    ],
}
CONSENT = {
    "resourceType": "Consent",
    "identifier": [{"system": HEED, "value": "1/marketing_emails"}],
    "status": "active",
    "scope": {"coding": [{"code": "patient-privacy"}]},
    "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
    "patient": {"reference": "Patient/ana"},
    "policyRule": {"coding": [{"code": "OPTOUT"}]},
    "provision": {"type": "deny", "code": [{"text": "Marketing emails"}]},
}
PUT = f"/Consent?identifier={HEED}|1/marketing_emails"


@pytest.fixture
def caller(fhir, call):
    fhir.seed({"Patient": [ANA, {"id": "bo", "identifier": [{"system": MRN, "value": "1"}]}]})
    return call(fhir, "token")


def test_a_patient_is_found_by_system_and_value(caller):
    bundle = caller.get(f"/Patient?identifier={MRN}|4711").json()

    assert (bundle["type"], bundle["total"]) == ("searchset", 1)
    assert bundle["entry"][0]["resource"]["id"] == "ana"
    assert caller.get("/Patient?identifier=urn:other|4711").json()["total"] == 0
    assert caller.get("/Patient?identifier=4711").json()["total"] == 1


def test_two_patients_may_share_a_number(fhir, caller):
    fhir.seed({"Patient": [{**ANA, "id": "twin"}]})

    assert caller.get(f"/Patient?identifier={MRN}|4711").json()["total"] == 2


def test_patients_are_never_made_through_the_api(caller):
    assert caller.post("/Patient", json={"resourceType": "Patient"}).status_code == 405


def test_a_conditional_update_creates_then_updates(fhir, caller):
    made = caller.put(PUT, json=CONSENT)
    again = caller.put(PUT, json={**CONSENT, "status": "inactive"})

    assert (made.status_code, again.status_code) == (201, 200)
    assert (made.headers["ETag"], again.headers["ETag"]) == ('W/"1"', 'W/"2"')
    assert made.json()["id"] == again.json()["id"]
    read = caller.get(f"/Consent/{made.json()['id']}")
    assert (read.json()["status"], read.json()["meta"]["versionId"]) == ("inactive", "2")
    assert fhir.calls["Patient/ana"] == 2


def test_a_conditional_update_that_matches_several_is_refused(fhir, caller):
    fhir.seed({"Consent": [CONSENT, CONSENT]})

    answer = caller.put(PUT, json=CONSENT)

    assert (answer.status_code, answer.json()["resourceType"]) == (412, "OperationOutcome")


def test_an_update_of_an_older_version_is_refused(caller):
    caller.put(PUT, json=CONSENT)

    assert caller.put(PUT, json=CONSENT, headers={"If-Match": 'W/"7"'}).status_code == 412
    assert caller.put(PUT, json=CONSENT, headers={"If-Match": 'W/"1"'}).status_code == 200


@pytest.mark.parametrize("missing", ["status", "scope", "category", "policyRule", "patient", "resourceType"])
def test_a_consent_without_what_r4_requires_is_refused_in_words(caller, missing):
    answer = caller.put(PUT, json={name: value for name, value in CONSENT.items() if name != missing})

    assert answer.status_code == 422
    assert missing in answer.json()["issue"][0]["diagnostics"]


def test_a_consent_of_an_unknown_patient_is_refused(caller):
    assert caller.put(PUT, json={**CONSENT, "patient": {"reference": "Patient/nobody"}}).status_code == 422


def test_consents_are_found_by_patient_and_by_identifier(caller):
    caller.put(PUT, json=CONSENT)

    assert caller.get("/Consent?patient=Patient/ana").json()["total"] == 1
    assert caller.get("/Consent?patient=bo").json()["total"] == 0
    assert caller.get(f"/Consent?patient=ana&identifier={HEED}|1/marketing_emails").json()["total"] == 1
    assert caller.get("/Consent?mood=good").status_code == 400


def test_a_batch_is_answered_entry_by_entry(caller):
    good = {"resource": CONSENT, "request": {"method": "PUT", "url": PUT.removeprefix("/")}}
    bad = {"resource": {"resourceType": "Consent"}, "request": good["request"]}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [good, bad, good]}

    answered = caller.post("/", json=bundle).json()["entry"]

    assert [entry["response"]["status"] for entry in answered] == ["201", "422", "200"]


def test_without_a_token_only_metadata_is_open(fhir, call):
    stranger = call(fhir)

    assert stranger.get("/metadata").json()["fhirVersion"] == "4.0.1"
    assert stranger.get("/Patient/ana").status_code == 401
    endpoint = stranger.get("/.well-known/smart-configuration").json()["token_endpoint"]
    form = {"grant_type": "client_credentials"}
    assert stranger.post(endpoint.removeprefix(fhir.url), data=form).json()["access_token"]


@pytest.mark.parametrize("asked", ["email=ana@example.org", "phone=5550100123", "mrn=4711"])
def test_a_patient_is_told_with_their_consents(caller, asked):
    caller.put(PUT, json=CONSENT)

    told = caller.get(f"/_records?{asked}").json()

    assert [entry["resource"]["resourceType"] for entry in told["record"]["entry"]] == ["Consent", "Patient"]
    assert told["words"] == [{"about": "Marketing emails", "says": "denied", "may": False}]
    assert told["calls"] == 1


def test_a_patient_without_consents_is_known_and_says_nothing(caller):
    told = caller.get("/_records?mrn=1").json()

    assert told["known"]
    assert told["words"] == [{"about": "Consents", "says": "none on record", "may": None}]
    assert not caller.get("/_records?mrn=2").json()["known"]


def test_what_is_kept_is_valid_r4(caller):
    kept = caller.put(PUT, json=CONSENT).json()

    assert Consent(**kept).status == "active"
