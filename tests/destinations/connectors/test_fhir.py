"""FHIR R4, against the sandbox and the published models."""

from dataclasses import replace
from datetime import datetime

import pytest
from fhir.resources.R4B.consent import Consent

from destinations.connectors.fhir import Fhir
from destinations.contract import Answer, Done, Field, Later, Reason, Result, Stuck
from destinations.sandbox import FhirSandbox, running
from destinations.sandbox.faults import Fault
from tests.destinations.connectors.conftest import IN, LEAVE, NOW, OUT, Engine, email, known, mrn, wanted

SYSTEM = "urn:hospital:mrn"
ANA = {"id": "ana", "identifier": [{"system": SYSTEM, "value": "4711"}]}
SMS, MAIL = "appointment_reminders.sms", "appointment_reminders.email"
MARKETING, SALE = "marketing_emails.email", "sale_or_sharing."
SETTINGS = {"token": "t", "organisation": "St. Mary", "mrn_systems": {"st-mary": SYSTEM}}


@pytest.fixture
def sandbox(stack):
    sandbox = stack.enter_context(running(FhirSandbox()))
    sandbox.seed({"Patient": [ANA]})
    return sandbox


@pytest.fixture
def engine(sandbox):
    return Engine(Fhir(), sandbox.url, **SETTINGS)


@pytest.fixture
def consents(sandbox):
    """The Consents of the EHR, by the last part of Heed's identifier."""

    def read():
        with sandbox.store:
            listed = sandbox.store.all("Consent")
        return {each["identifier"][0]["value"].rpartition("/")[2]: each for each in listed}

    return read


def ana(**more):
    return wanted(identifiers=[mrn("4711")], **more)


def said(consent):
    """Rule, type, and type by channel."""
    provision = consent["provision"]
    inner = {each["code"][0]["coding"][0]["code"]: each["type"] for each in provision.get("provision", [])}
    return consent["policyRule"]["coding"][0]["code"], provision.get("type"), inner


def test_one_consent_for_each_category_that_was_asked_about(engine, consents):
    person = ana(fields={SMS: OUT, MAIL: IN, MARKETING: IN, SALE: OUT})
    outcome = engine.deliver(person)

    assert isinstance(outcome, Done)
    assert {category: said(each) for category, each in consents().items()} == {
        "appointment_reminders": ("OPTOUT", "deny", {"sms": "deny", "email": "permit"}),
        "marketing_emails": ("OPTIN", "permit", {"email": "permit"}),
        "sale_or_sharing": ("OPTOUT", "deny", {}),
    }
    assert {each["patient"]["reference"] for each in consents().values()} == {"Patient/ana"}


def test_a_consent_says_who_asked_and_when_the_latest_answer_was_given(engine, consents):
    person = ana(fields={SMS: OUT, MAIL: IN})
    engine.deliver(person)
    consent = consents()["appointment_reminders"]

    assert consent["identifier"] == [{"system": "urn:heed", "value": f"{person.id}/appointment_reminders"}]
    assert datetime.fromisoformat(consent["dateTime"]) == IN.since
    assert consent["organization"] == [{"display": "St. Mary"}]
    assert consent["category"][0]["coding"][0] == {"system": "http://loinc.org", "code": "59284-0"}
    assert consent["provision"]["code"][0]["coding"][0]["system"] == "urn:heed:category"


def test_every_body_is_a_consent_by_the_published_model(engine):
    person = ana(fields={SMS: OUT, MAIL: IN, SALE: Field(True, True)})
    engine.deliver(person)
    sent = engine.made("PUT")
    engine.again(person, fields={})

    for call in [*sent, *engine.made("PUT")]:
        consent = Consent.model_validate(call.json)
        assert consent.patient is not None
        assert consent.patient.reference == "Patient/ana"
        assert call.headers["Content-Type"] == "application/fhir+json"


def test_a_repeat_changes_the_same_consent(engine, consents):
    person = ana(fields={MARKETING: OUT})
    engine.deliver(person)
    first = consents()["marketing_emails"]
    engine.again(person, fields={MARKETING: IN})
    second = consents()["marketing_emails"]

    assert first["id"] == second["id"]
    assert said(second) == ("OPTIN", "permit", {"email": "permit"})


def test_a_consent_whose_answer_was_withdrawn_becomes_inactive(engine, consents):
    person = ana(fields={MARKETING: OUT, SALE: OUT})
    engine.deliver(person)
    outcome = engine.again(person, fields={SALE: OUT})

    assert consents()["marketing_emails"]["status"] == "inactive"
    assert "type" not in consents()["marketing_emails"]["provision"]
    assert consents()["sale_or_sharing"]["status"] == "active"
    assert set(known(outcome)) == {SALE}


def test_a_withdrawn_opt_in_becomes_inactive_too(engine, consents):
    person = ana(fields={MARKETING: IN})
    engine.deliver(person)
    outcome = engine.again(person, fields={})

    assert outcome == Done({})
    assert consents()["marketing_emails"]["status"] == "inactive"


def test_a_channel_that_is_withdrawn_leaves_the_consent_of_the_others(engine, consents):
    person = ana(fields={SMS: OUT, MAIL: IN})
    engine.deliver(person)
    outcome = engine.again(person, fields={MAIL: IN})

    assert said(consents()["appointment_reminders"]) == ("OPTIN", "permit", {"email": "permit"})
    assert set(known(outcome)) == {MAIL}


def test_nobody_was_asked_so_the_record_is_not_even_looked_at(engine):
    assert engine.deliver(ana(fields={MARKETING: LEAVE})) == Done({})
    assert engine.calls == []


def test_consents_of_the_ehrs_own_are_never_touched(engine, sandbox, consents):
    own = {
        "identifier": [{"system": "urn:ehr", "value": "front-desk"}],
        "status": "active",
        "patient": {"reference": "Patient/ana"},
        "provision": {"type": "deny"},
    }
    sandbox.seed({"Consent": [own]})
    before = consents()["front-desk"]
    person = ana(fields={MARKETING: IN})
    engine.deliver(person)
    engine.again(person, fields={})

    assert consents()["front-desk"] == before


@pytest.mark.parametrize(
    "identifiers", [[], [email("ana@example.org")], [mrn("9")], [mrn("4711", "elsewhere")]]
)
def test_a_person_whom_the_ehr_does_not_know_is_absent_and_not_created(engine, sandbox, identifiers):
    outcome = engine.deliver(wanted(fields={MARKETING: OUT}, identifiers=identifiers))

    assert outcome == Done({}, absent=True)
    assert engine.made("PUT") == []


def test_several_patients_with_the_number_are_left_for_people_to_sort_out(engine, sandbox):
    sandbox.seed({"Patient": [{**ANA, "id": "twin"}]})
    outcome = engine.deliver(ana(fields={MARKETING: OUT}))

    assert outcome == Stuck(Reason.AMBIGUOUS, "2 patients have this record number", {})
    assert engine.made("PUT") == []


def test_two_numbers_of_one_patient_are_one_patient(engine, sandbox):
    sandbox.seed(
        {"Patient": [{**ANA, "identifier": [*ANA["identifier"], {"system": SYSTEM, "value": "12"}]}]}
    )
    outcome = engine.deliver(wanted(fields={MARKETING: OUT}, identifiers=[mrn("4711"), mrn("12")]))

    assert isinstance(outcome, Done)
    assert len(engine.made("PUT")) == 1


def test_a_comma_in_a_number_does_not_ask_for_two_patients(engine):
    engine.deliver(wanted(fields={MARKETING: OUT}, identifiers=[mrn("47,11|2$")]))

    assert engine.calls[0].params == [("identifier", r"urn:hospital:mrn|47\,11\|2\$")]


@pytest.mark.parametrize("status", [409, 412])
def test_a_conflict_is_tried_again_and_holds_nobody_up(engine, sandbox, consents, status):
    sandbox.seed({"Patient": [{"id": "bo", "identifier": [{"system": SYSTEM, "value": "12"}]}]})
    first, second = (
        ana(fields={MARKETING: OUT, SALE: OUT}),
        wanted(fields={SALE: OUT}, identifiers=[mrn("12")]),
    )
    engine.before[3] = lambda: sandbox.faults.set(Fault(status=status, times=1))
    outcome = engine.deliver(first, second)

    assert isinstance(outcome, Later)
    assert (outcome.reason, set(known(outcome))) == (Reason.UNAVAILABLE, {SALE})
    assert isinstance(engine.outcomes[second.id], Done)


def test_a_refusal_is_told_by_the_codes_of_its_issues_and_never_by_its_words(engine, sandbox):
    engine.before[3] = lambda: sandbox.faults.set(Fault(status=422, times=1))
    outcome = engine.deliver(ana(fields={MARKETING: OUT}))

    assert outcome == Stuck(Reason.REJECTED_DATA, "HTTP 422 (invariant)", {})


@pytest.mark.parametrize("nth", [1, 2, 3], ids=["finding", "reading", "writing"])
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(status=429, retry_after=7), Later(Reason.THROTTLED, 7.0)),
        (Fault(status=500), Later(Reason.UNAVAILABLE, detail="HTTP 500")),
        (Fault(garbage=True), Later(Reason.GARBLED, detail="the answer cannot be read")),
        (Fault(status=401), Stuck(Reason.REJECTED_AUTH, "HTTP 401")),
    ],
)
def test_an_answer_that_ends_the_batch_ends_it_for_everybody(engine, sandbox, nth, fault, expected):
    batch = ana(fields={MARKETING: OUT}), ana(fields={SALE: OUT})
    engine.before[nth] = lambda: sandbox.faults.set(replace(fault, times=1))
    engine.deliver(*batch)

    assert [replace(engine.outcomes[each.id], held=None) for each in batch] == [expected, expected]
    assert len(engine.calls) == nth


def test_a_consent_that_was_refused_is_not_taken_for_one_that_was_made(engine, sandbox):
    engine.before[3] = lambda: sandbox.faults.set(Fault(status=403, times=1))

    assert engine.deliver(ana(fields={MARKETING: OUT})) == Stuck(Reason.REJECTED_AUTH, "HTTP 403", {})


def test_who_was_told_before_the_batch_broke_is_done(engine, sandbox):
    batch = ana(fields={MARKETING: OUT}), ana(fields={SALE: OUT})
    engine.before[4] = lambda: sandbox.faults.set(Fault(hang=True, times=1))
    engine.deliver(*batch, patience=0.3)

    assert list(engine.outcomes) == [batch[0].id]


@pytest.mark.parametrize("fault", [Fault(hang=True, apply=True), Fault(status=500, apply=True)])
def test_a_consent_whose_answer_was_lost_is_withdrawn_all_the_same(engine, sandbox, consents, fault):
    person = ana(fields={MARKETING: OUT})
    engine.before[3] = lambda: sandbox.faults.set(replace(fault, times=1))
    engine.deliver(person, patience=0.3)
    sandbox.faults.clear()
    engine.again(person, fields={})

    assert consents()["marketing_emails"]["status"] == "inactive"


def test_a_server_may_keep_a_consent_without_showing_it():
    assert isinstance(put_answered(Answer(201, b"", {"location": "Consent/1"})), Done)
    assert isinstance(put_answered(Answer(200, b"")), Later)
    assert isinstance(put_answered(Answer(200, b'{"resourceType": "Patient"}')), Later)


def put_answered(answer):
    delivery = Fhir().deliver([ana(fields={MARKETING: OUT})], Engine(Fhir(), "", **SETTINGS).settings)
    next(delivery)
    bundle = b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}'
    delivery.send(Answer(200, bundle))
    delivery.send(Answer(200, b'{"resourceType": "Bundle"}'))
    result = delivery.send(answer)
    assert isinstance(result, Result)
    return result.outcome


def test_what_is_known_of_a_target_says_whether_heed_denies_there(engine):
    held = engine.deliver(ana(fields={SMS: OUT, MAIL: IN})).held

    assert (held[SMS].wrote, held[MAIL].wrote) == (True, False)
    assert held[SMS].at == NOW.isoformat()


def test_what_stands_as_it_should_is_read_and_not_written_again(engine):
    person = ana(fields={SMS: OUT, MAIL: IN})
    engine.deliver(person)
    outcome = engine.again(person)

    assert isinstance(outcome, Done)
    assert engine.made("PUT") == []


def edit(sandbox, consent, **changes):
    """Somebody at the EHR changes a Consent."""
    sandbox.seed({"Consent": [{**consent, **changes}]})


def test_a_consent_that_was_taken_back_there_is_made_to_say_no_again(engine, sandbox, consents):
    person = ana(fields={MARKETING: OUT})
    engine.deliver(person)
    edit(sandbox, consents()["marketing_emails"], status="inactive")
    engine.again(person)

    assert said(consents()["marketing_emails"]) == ("OPTOUT", "deny", {"email": "deny"})
    [put] = engine.made("PUT")
    assert put.path == f"/Consent/{consents()['marketing_emails']['id']}"
    assert put.headers["If-Match"] == 'W/"2"'


def test_a_version_that_was_read_is_the_only_one_that_is_overwritten(engine, sandbox, consents):
    """Somebody there changes it between the read and the write: looked at anew, later."""
    person = ana(fields={MARKETING: OUT})
    engine.deliver(person)
    stands = consents()["marketing_emails"]
    engine.before[3] = lambda: edit(sandbox, stands, dateTime="2026-01-01")
    outcome = engine.again(person, fields={MARKETING: IN})

    assert isinstance(outcome, Later)
    assert outcome.detail == "HTTP 412: it has changed since it was read"
    assert said(consents()["marketing_emails"]) == ("OPTOUT", "deny", {"email": "deny"})
    assert known(outcome)[MARKETING].wrote


def test_a_no_that_somebody_put_there_after_the_yes_is_for_people_to_decide(engine, sandbox, consents):
    person = ana(fields={MARKETING: IN, SALE: OUT})
    engine.deliver(person)
    stands = consents()["marketing_emails"]
    no = {"type": "deny", "code": stands["provision"]["provision"][0]["code"]}
    edit(sandbox, stands, provision={**stands["provision"], "type": "deny", "provision": [no]})
    outcome = engine.again(person)

    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.NEEDS_PERSON
    assert said(consents()["marketing_emails"])[2] == {"email": "deny"}


def test_a_channel_that_is_left_as_it_stands_is_not_dropped(engine, consents):
    person = ana(fields={SMS: OUT, MAIL: IN})
    engine.deliver(person)
    engine.again(person, fields={SMS: LEAVE, MAIL: OUT})

    assert said(consents()["appointment_reminders"])[2] == {"sms": "deny", "email": "deny"}


def test_two_consents_with_heeds_identifier_are_left_for_people(engine, sandbox, consents):
    person = ana(fields={MARKETING: OUT})
    engine.deliver(person)
    twin = {name: value for name, value in consents()["marketing_emails"].items() if name != "id"}
    sandbox.seed({"Consent": [twin]})
    outcome = engine.again(person, fields={MARKETING: IN})

    assert isinstance(outcome, Stuck)
    assert (outcome.reason, outcome.detail) == (Reason.AMBIGUOUS, "2 consents bear Heed's identifier")
    assert engine.made("PUT") == []


def test_a_page_that_is_cut_short_is_asked_for_in_halves(engine, sandbox, consents):
    person = ana(fields={SMS: OUT, MARKETING: OUT, SALE: OUT, "sensitive_data.": OUT})
    engine.deliver(person)
    sandbox.page = 1
    engine.again(person, fields={SMS: IN, MARKETING: IN, SALE: IN, "sensitive_data.": IN})

    assert {each["policyRule"]["coding"][0]["code"] for each in consents().values()} == {"OPTIN"}
    assert all(call.path.startswith("/Consent/") for call in engine.made("PUT"))
