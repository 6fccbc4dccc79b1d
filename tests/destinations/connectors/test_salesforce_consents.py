"""Salesforce's consents by purpose, against its sandbox."""

from dataclasses import replace

import pytest

from destinations.connectors.salesforce import Salesforce
from destinations.contract import Done, Later, Reason, Stuck
from destinations.sandbox import SalesforceSandbox, running
from destinations.sandbox.faults import Fault
from tests.destinations.connectors.conftest import (
    EARLIER,
    IN,
    LEAVE,
    NOW,
    OUT,
    Engine,
    email,
    known,
    mrn,
    wanted,
)

EMAIL, TEXTS = "consent.marketing_emails.email", "consent.appointment_reminders.sms"
BOX = "Marketing_Emails_Email_Opt_Out__c"
PURPOSES = {"marketing_emails": "0ZW1", "appointment_reminders": "0ZW2"}
ANA = {"LastName": "Ruiz", "MRN__c": "4711", "IndividualId": "0PK1"}
STANDS = {"Name": "n", "PartyId": "0PK1", "ContactPointType": "Email", "DataUsePurposeId": "0ZW1"}


@pytest.fixture
def sandbox(stack):
    sandbox = stack.enter_context(running(SalesforceSandbox()))
    sandbox.seed({"Contact": [ANA], "Lead": [ANA]})
    return sandbox


def connected(sandbox, **more):
    given = {"client_id": "heed", "client_secret": "hush", "purposes": PURPOSES}
    return Engine(Salesforce(), sandbox.url, **given | {"engagement_channels": {"sms": "0eF1"}} | more)


@pytest.fixture
def engine(sandbox):
    return connected(sandbox)


@pytest.fixture
def consents(sandbox):
    def read():
        with sandbox.store:
            rows = sandbox.store.all("ContactPointTypeConsent")
        return {
            (row["DataUsePurposeId"], row["ContactPointType"]): row["PrivacyConsentStatus"] for row in rows
        }

    return read


def stands(sandbox, status, **more):
    dated = {"LastModifiedDate": EARLIER.isoformat(), "CaptureDate": "2026-01-01T00:00:00.000+0000"}
    sandbox.seed({"ContactPointTypeConsent": [{**STANDS, "PrivacyConsentStatus": status, **dated, **more}]})


def ana(**more):
    return wanted(identifiers=[mrn("4711")], **more)


def test_a_no_is_made_where_there_is_no_consent_and_one_for_all_records_of_the_individual(
    engine, consents, sandbox
):
    outcome = engine.deliver(ana(fields={EMAIL: OUT, TEXTS: OUT}))

    assert isinstance(outcome, Done)
    assert consents() == {("0ZW1", "Email"): "OptOut", ("0ZW2", "Phone"): "OptOut"}
    assert set(known(outcome)) == {f"0PK1.{EMAIL}", f"0PK1.{TEXTS}"}
    with sandbox.store:
        rows = sandbox.store.all("ContactPointTypeConsent")
    mails, texts = sorted(rows, key=lambda row: row["DataUsePurposeId"])
    assert (mails["EngagementChannelTypeId"], texts["EngagementChannelTypeId"]) == (None, "0eF1")
    assert mails["CaptureSource"] == "Heed"


def test_an_individual_behind_several_records_holds_the_strictest_of_what_they_must(
    engine, sandbox, consents
):
    """The second record is found by an address that somebody shares who said no."""
    sandbox.seed({"Lead": [{"LastName": "Ruiz", "Email": "ana@example.org", "IndividualId": "0PK1"}]})
    address = email("ana@example.org")
    engine.deliver(
        wanted(
            identifiers=[mrn("4711"), address],
            fields={EMAIL: IN},
            fields_at={"ana@example.org": {EMAIL: OUT}},
        )
    )
    assert consents() == {("0ZW1", "Email"): "OptOut"}


def test_the_same_again_makes_no_second_one(engine, consents):
    person = ana(fields={EMAIL: OUT})
    engine.deliver(person)
    assert isinstance(engine.again(person), Done)
    assert engine.made("POST") == []


def test_boxes_and_consents_go_side_by_side(engine, consents, sandbox):
    assert isinstance(engine.deliver(ana(fields={EMAIL: OUT, BOX: OUT})), Done)
    assert sandbox.found(["mrn:4711"]).record["records"][0][BOX] is True
    assert consents() == {("0ZW1", "Email"): "OptOut"}


@pytest.mark.parametrize(("before", "after"), [("OptIn", "OptIn"), ("Seen", "Seen"), (None, "NotSeen")])
def test_when_heeds_no_ends_what_stood_there_comes_back(engine, consents, sandbox, before, after):
    if before:
        stands(sandbox, before)
    paused = ana(fields={EMAIL: OUT})
    engine.deliver(paused)
    engine.again(paused)
    assert consents() == {("0ZW1", "Email"): "OptOut"}

    assert engine.again(paused, fields={}) == Done({})
    assert consents() == {("0ZW1", "Email"): after}


def test_whom_nobody_asked_keeps_what_stands_there(engine, consents, sandbox):
    stands(sandbox, "OptOut")
    assert isinstance(engine.deliver(ana(fields={EMAIL: LEAVE})), Done)
    assert consents() == {("0ZW1", "Email"): "OptOut"}


def test_a_yes_lifts_an_older_no_and_asks_about_a_newer_one(engine, consents, sandbox):
    stands(sandbox, "OptOut")
    assert engine.deliver(ana(fields={EMAIL: IN})) == Done({})
    assert consents() == {("0ZW1", "Email"): "OptIn"}


def test_a_no_that_was_captured_later_than_the_yes_needs_the_person(engine, consents, sandbox):
    stands(sandbox, "OptOut", CaptureDate=NOW.strftime("%Y-%m-%dT%H:%M:%S.000+0000"))
    outcome = engine.deliver(ana(fields={EMAIL: IN}))
    assert isinstance(outcome, Stuck)
    assert (outcome.reason, EMAIL in outcome.detail) == (Reason.NEEDS_PERSON, True)
    assert consents() == {("0ZW1", "Email"): "OptOut"}


def test_a_yes_is_told_where_nothing_says_one(engine, consents):
    engine.deliver(ana(fields={EMAIL: IN}))
    assert consents() == {("0ZW1", "Email"): "OptIn"}


@pytest.mark.parametrize(
    ("settings", "target", "words"),
    [
        ({"purposes": {}}, EMAIL, "no purpose is named for marketing_emails"),
        ({"engagement_channels": {}}, TEXTS, "no engagement channel is named for sms"),
    ],
)
def test_what_is_not_set_up_is_said_and_the_rest_is_written(sandbox, consents, settings, target, words):
    engine = connected(sandbox, **settings)
    outcome = engine.deliver(ana(fields={target: OUT, BOX: OUT}))
    assert isinstance(outcome, Stuck)
    assert (outcome.reason, outcome.detail) == (Reason.REJECTED_CONFIG, words)
    assert sandbox.found(["mrn:4711"]).record["records"][0][BOX] is True
    assert consents() == {}


def test_a_no_that_has_no_individual_to_go_to_is_said(sandbox, engine):
    sandbox.seed({"Contact": [{"LastName": "Bo", "MRN__c": "12"}]})
    outcome = engine.deliver(wanted(identifiers=[mrn("12")], fields={EMAIL: OUT}))
    assert isinstance(outcome, Stuck)
    assert "Individual" in outcome.detail


@pytest.mark.parametrize("fault", [Fault(hang=True, apply=True), Fault(status=502, apply=True)])
def test_a_consent_whose_answer_was_lost_is_known_as_heeds_own_and_made_once(
    engine, sandbox, consents, fault
):
    paused = ana(fields={EMAIL: OUT})
    engine.before[6] = lambda: sandbox.faults.set(replace(fault, times=1))
    lost = engine.deliver(paused, patience=0.3)
    assert lost is None or isinstance(lost, Later)
    assert engine.calls[-1].method == "POST"
    sandbox.faults.clear()

    assert isinstance(engine.again(paused), Done)
    assert engine.made("POST") == []
    assert engine.again(paused, fields={}) == Done({})
    assert consents() == {("0ZW1", "Email"): "NotSeen"}


def test_one_consent_that_is_refused_keeps_no_other_from_being_made(engine, sandbox, consents):
    sandbox.seed({"Contact": [{"LastName": "Bo", "MRN__c": "12", "IndividualId": "0PK2"}]})
    engine.settings.values["purposes"] = {"marketing_emails": "0ZW1", "appointment_reminders": 7}
    bad = wanted(identifiers=[mrn("12")], fields={TEXTS: OUT})
    engine.deliver(ana(fields={EMAIL: OUT}), bad)
    assert engine.outcomes[bad.id] == Stuck(Reason.REJECTED_DATA, "INVALID_TYPE_ON_FIELD_IN_RECORD", held={})
    assert consents() == {("0ZW1", "Email"): "OptOut"}


def test_what_is_changed_is_read_again_where_that_is_on(engine, sandbox):
    stands(sandbox, "OptIn")
    engine.settings.reads_back = True
    assert engine.deliver(ana(fields={EMAIL: OUT})).verified
