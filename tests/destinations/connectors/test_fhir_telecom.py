"""Marks on a patient's phones and emails: put there, taken back, and nothing else touched."""

from datetime import timedelta

import pytest
from fhir.resources.R4B.patient import Patient

from destinations.connectors.fhir import Fhir
from destinations.contract import Done, Field, Later, Reason, Stuck
from destinations.sandbox import FhirSandbox, running
from destinations.sandbox.faults import Fault
from tests.destinations.connectors.conftest import IN, LEAVE, NOW, OUT, Engine, known, mrn, wanted

SYSTEM, MARKETING = "urn:hospital:mrn", "marketing_emails.email"
TEXTS, CALLS, MAILS = "telecom.sms", "telecom.phone", "telecom.email"
THEIRS = {"url": "http://hl7.org/fhir/StructureDefinition/contactpoint-comment", "valueString": "after six"}
ANA = {
    "id": "ana",
    "identifier": [{"system": SYSTEM, "value": "4711"}],
    "name": [{"family": "Ruiz"}],
    "telecom": [
        {"system": "phone", "value": "555-010-0123", "use": "mobile", "rank": 1},
        {"system": "phone", "value": "555-010-0999", "extension": [THEIRS]},
        {"system": "phone", "value": "555-010-0000", "use": "old"},
        {"system": "phone", "value": "555-010-0001", "period": {"end": "2020-01-01"}},
        {"system": "email", "value": "ana@example.org"},
        {"system": "phone", "use": "home"},
    ],
}


@pytest.fixture
def sandbox(stack):
    sandbox = stack.enter_context(running(FhirSandbox()))
    sandbox.seed({"Patient": [ANA]})
    return sandbox


@pytest.fixture
def engine(sandbox):
    return Engine(Fhir(), sandbox.url, token="t", organisation="St. Mary", mrn_systems={"st-mary": SYSTEM})


@pytest.fixture
def record(sandbox):
    """The patient, as the EHR holds them."""

    def read():
        with sandbox.store:
            return sandbox.store.get("Patient", "ana")

    return read


def ana(**fields):
    return wanted(
        identifiers=[mrn("4711")], fields={f"telecom.{name}": each for name, each in fields.items()}
    )


def marked(record):
    """By value: the channels that each phone and email is not to be used for."""
    found = {}
    for each in record()["telecom"]:
        mine = [one for one in each.get("extension", ()) if one["url"] == "urn:heed:do-not-use"]
        if mine:
            found[each["value"]] = {one["valueCoding"]["code"] for one in mine}
    return found


def without_marks(record):
    """All but Heed's marks, and what the server itself counts."""
    held = {name: value for name, value in record().items() if name not in {"meta", "resourceType"}}
    for point in held["telecom"]:
        left = [one for one in point.pop("extension", ()) if one["url"] != "urn:heed:do-not-use"]
        point.update({"extension": left} if left else {})
    return held


def test_every_phone_that_is_in_use_is_marked_and_nothing_else_changes(engine, record):
    outcome = engine.deliver(ana(sms=OUT))

    assert isinstance(outcome, Done)
    assert marked(record) == {"555-010-0123": {"sms"}, "555-010-0999": {"sms"}}
    assert without_marks(record) == ANA


def test_what_stands_then_is_a_patient_by_the_published_model(engine, record):
    engine.deliver(ana(sms=OUT, phone=OUT, email=OUT))

    assert Patient.model_validate(record()).id == "ana"
    assert marked(record) == {
        "555-010-0123": {"sms", "phone"},
        "555-010-0999": {"sms", "phone"},
        "ana@example.org": {"email"},
    }
    [patch] = engine.made("PATCH")
    assert patch.headers["Content-Type"] == "application/json-patch+json"
    assert patch.headers["If-Match"] == 'W/"1"'


def test_a_yes_takes_back_heeds_mark_and_leaves_the_other_channels(engine, record):
    person = ana(sms=OUT, phone=OUT)
    engine.deliver(person)
    outcome = engine.again(person, fields={TEXTS: IN, CALLS: OUT})

    assert isinstance(outcome, Done)
    assert marked(record) == {"555-010-0123": {"phone"}, "555-010-0999": {"phone"}}
    assert set(known(outcome)) == {CALLS}


@pytest.mark.parametrize("fields", [{}, {TEXTS: IN}], ids=["withdrawn", "a yes"])
def test_the_record_is_in_the_end_as_it_was_before(engine, record, fields):
    person = ana(sms=OUT)
    engine.deliver(person)
    engine.again(person, fields=fields)

    assert without_marks(record) == ANA
    assert "extension" not in record()["telecom"][0]


def test_what_is_left_as_it_stands_is_left(engine, record):
    person = ana(sms=OUT)
    engine.deliver(person)
    engine.again(person, fields={TEXTS: LEAVE})

    assert marked(record)["555-010-0123"] == {"sms"}


def test_a_phone_that_came_later_is_marked_at_the_next_telling(engine, sandbox, record):
    person = ana(sms=OUT)
    engine.deliver(person)
    new = {"system": "sms", "value": "555-010-0777"}
    sandbox.seed({"Patient": [{**record(), "telecom": [*record()["telecom"], new]}]})
    engine.again(person)

    assert marked(record)["555-010-0777"] == {"sms"}
    assert [each["path"] for each in engine.made("PATCH")[0].json] == [
        "/telecom/6/value",
        "/telecom/6/extension",
    ]


def test_a_mark_of_which_nothing_is_known_is_lifted_by_a_later_yes_only(engine, record):
    engine.deliver(ana(sms=OUT))
    outcome = engine.deliver(ana(sms=IN))

    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.NEEDS_PERSON
    assert marked(record)["555-010-0123"] == {"sms"}
    engine.deliver(ana(sms=Field(False, False, NOW + timedelta(days=1), "choice")))
    assert marked(record) == {}


def test_after_an_answer_that_was_lost_the_mark_is_heeds_own(engine, sandbox, record):
    person = ana(sms=OUT)
    engine.before[2] = lambda: sandbox.faults.set(Fault(hang=True, apply=True, times=1))
    engine.deliver(person, patience=0.3)
    assert engine.lost.claims[person.id][TEXTS].wrote
    sandbox.faults.clear()
    engine.again(person, fields={})

    assert marked(record) == {}


def test_a_patient_without_phones_has_nothing_to_mark(engine, sandbox):
    sandbox.seed({"Patient": [{**ANA, "telecom": []}]})

    assert engine.deliver(ana(sms=OUT)) == Done({})
    assert engine.made("PATCH") == []


def test_a_record_that_changes_between_read_and_write_is_looked_at_anew(engine, sandbox, record):
    person = ana(sms=OUT)
    first, *others = ANA["telecom"]
    engine.before[2] = lambda: sandbox.seed({"Patient": [{**ANA, "telecom": [*others, first]}]})
    outcome = engine.deliver(person)

    assert (type(outcome), outcome.held) == (Later, {})
    assert marked(record) == {}
    engine.again(person)
    assert set(marked(record)) == {"555-010-0123", "555-010-0999"}


def test_a_server_without_versions_is_held_to_what_was_read_by_the_patch_itself(engine, sandbox, monkeypatch):
    """Another phone has moved to that place: the patch tests it, and is refused as a whole."""
    first, *others = ANA["telecom"]
    monkeypatch.setattr("destinations.connectors.fhir.round.version", lambda stands: "")
    engine.before[2] = lambda: sandbox.seed({"Patient": [{**ANA, "telecom": [*others, first]}]})
    outcome = engine.deliver(ana(sms=OUT))

    assert "If-Match" not in engine.made("PATCH")[0].headers
    assert outcome == Stuck(Reason.REJECTED_DATA, "HTTP 422 (invariant)", {})


def test_a_server_that_takes_no_patch_still_takes_the_consents(engine, sandbox):
    sandbox.patches = False
    both = wanted(identifiers=[mrn("4711")], fields={TEXTS: OUT, MARKETING: OUT})
    outcome = engine.deliver(both, wanted(identifiers=[mrn("4711")], fields={MARKETING: OUT}))

    assert isinstance(outcome, Stuck)
    assert (outcome.reason, outcome.detail) == (
        Reason.REJECTED_CONFIG,
        "HTTP 405: this server takes no JSON Patch of Patient",
    )
    assert set(known(outcome)) == {MARKETING}
    assert [type(each) for each in engine.outcomes.values()] == [Stuck, Done]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (403, (Stuck, Reason.REJECTED_AUTH)),
        (422, (Stuck, Reason.REJECTED_DATA)),
        (429, (Later, Reason.THROTTLED)),
        (500, (Later, Reason.UNAVAILABLE)),
    ],
)
def test_a_refusal_is_no_mark(engine, sandbox, record, status, expected):
    engine.before[2] = lambda: sandbox.faults.set(Fault(status=status, times=1))
    outcome = engine.deliver(ana(sms=OUT))

    assert (type(outcome), outcome.reason) == expected
    assert marked(record) == {}


def test_what_was_marked_is_verified_where_the_answer_shows_it(engine):
    engine.settings.reads_back = True

    assert engine.deliver(ana(sms=OUT)).verified
    assert engine.again(ana(sms=OUT)).verified


def test_rows_may_point_there_with_what_is_true_of_a_whole_channel_only():
    mark = next(each for each in Fhir.targets if each.fits(TEXTS))

    assert [each for each in Fhir.targets if each.fits(MAILS)] == [mark]
    assert mark.only == ("all_out:", "deceased")
