"""Salesforce, against its sandbox."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from destinations.connectors.salesforce import Salesforce
from destinations.contract import Answer, Done, Field, Held, Later, Reason, Settings, Stuck
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
    phone,
    wanted,
)

BOX = "Marketing_Emails_Email_Opt_Out__c"
OF_ACCOUNT = "Marketing_Emails_Email_Opt_Out__pc"
ANA = {"LastName": "Ruiz", "Email": "ana@example.org", "MobilePhone": "(555) 010-0123", "MRN__c": "4711"}
FAMILY = {"LastName": "Family", "Email": "family@example.org"}
CLIENT = {"client_id": "heed", "client_secret": "hush"}


@pytest.fixture
def sandbox(stack):
    return stack.enter_context(running(SalesforceSandbox()))


@pytest.fixture
def engine(sandbox):
    return Engine(Salesforce(), sandbox.url, **CLIENT)


@pytest.fixture
def seeded(sandbox):
    """`seeded("Contact", {…})`: the id of a record that people of the organisation made long ago."""

    def seed(kind, record):
        return sandbox.seed({kind: [{"LastModifiedDate": EARLIER.isoformat(), **record}]})[kind][0]

    return seed


@pytest.fixture
def record(sandbox):
    def read(key, kind="Contact"):
        with sandbox.store:
            return sandbox.store.get(kind, key[:15])

    return read


def ana(fields, **more):
    return wanted(fields=fields, identifiers=[mrn("4711")], **more)


def test_an_opt_out_ticks_the_box_of_its_category_and_nothing_else(engine, seeded, record):
    key = seeded("Contact", {**ANA, "DoNotCall": True})
    before = record(key)
    outcome = engine.deliver(ana({BOX: OUT}))
    after = record(key)

    assert {name for name in before if before[name] != after[name]} == {
        BOX,
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
    }
    assert outcome == Done({f"{key}.{BOX}": Held(True, False, "choice", NOW.isoformat())})


def test_a_box_that_stands_as_it_should_is_not_written(engine, seeded):
    seeded("Contact", ANA)
    person = ana({BOX: OUT})
    engine.deliver(person)
    again = engine.again(person)

    assert isinstance(again, Done)
    assert engine.made("PATCH") == []


def test_a_box_that_somebody_unticked_is_ticked_again(engine, sandbox, seeded, record):
    key = seeded("Contact", ANA)
    person = ana({BOX: OUT})
    engine.deliver(person)
    sandbox.seed({"Contact": [{"Id": key, BOX: False}]})
    engine.again(person)

    assert record(key)[BOX] is True


def test_every_record_of_a_person_is_told(engine, seeded, record):
    contact = seeded("Contact", ANA)
    lead = seeded("Lead", {"LastName": "Ruiz", "MRN__c": "4711"})
    account = seeded("Account", {"LastName": "Ruiz", "MRN__pc": "4711"})
    outcome = engine.deliver(ana({BOX: OUT, "HasOptedOutOfEmail": OUT, "DoNotCall": OUT}))

    assert record(contact)[BOX] is record(lead, "Lead")[BOX] is record(account, "Account")[OF_ACCOUNT] is True
    assert record(account, "Account")["PersonHasOptedOutOfEmail"] is True
    assert record(account, "Account")["PersonDoNotCall"] is True
    assert {key.partition(".")[0] for key in known(outcome)} == {contact, lead, account}
    assert len(engine.made("PATCH")) == 1


def test_leads_that_were_converted_and_business_accounts_are_left_alone(engine, seeded, record):
    lead = seeded("Lead", {"LastName": "Ruiz", "MRN__c": "4711", "IsConverted": True})
    business = seeded("Account", {"Name": "Ruiz Ltd", "MRN__pc": "4711", "IsPersonAccount": False})

    assert engine.deliver(ana({BOX: OUT})) == Done({}, absent=True)
    assert not record(lead, "Lead")[BOX]
    assert not record(business, "Account")[OF_ACCOUNT]


def test_nobody_is_created_for_a_person_whom_salesforce_does_not_know(engine, seeded):
    seeded("Contact", ANA)
    outcome = engine.deliver(wanted(fields={BOX: OUT}, identifiers=[mrn("9"), email("bo@example.org")]))

    assert outcome == Done({}, absent=True)
    assert engine.made("PATCH") == []


def test_nobody_was_asked_so_the_organisations_own_opt_out_is_not_touched(engine, seeded, record):
    key = seeded("Contact", {**ANA, "HasOptedOutOfEmail": True, BOX: True})
    engine.deliver(ana({"DoNotCall": LEAVE}))

    assert record(key)["HasOptedOutOfEmail"] is record(key)[BOX] is True
    assert engine.made("PATCH") == []


def test_a_later_opt_in_lifts_an_opt_out_of_the_organisations_own(engine, seeded, record):
    key = seeded("Contact", {**ANA, BOX: True})  # last changed a month ago

    assert engine.deliver(ana({BOX: IN})) == Done({})
    assert record(key)[BOX] is False


def test_an_opt_in_older_than_the_records_last_change_needs_the_person(engine, seeded, record):
    key = seeded("Contact", {**ANA, BOX: True, "LastModifiedDate": NOW.isoformat()})
    outcome = engine.deliver(ana({BOX: IN}))

    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.NEEDS_PERSON
    assert BOX in outcome.detail
    assert record(key)[BOX] is True


def test_when_the_reason_ends_heed_unticks_what_it_ticked(engine, seeded, record):
    key = seeded("Contact", ANA)
    paused = ana({BOX: OUT})
    engine.deliver(paused)
    outcome = engine.again(paused, fields={})

    assert outcome == Done({})
    assert record(key)[BOX] is False


def test_when_the_reason_ends_an_opt_out_that_stood_there_before_stays(engine, seeded, record):
    key = seeded("Contact", {**ANA, BOX: True})
    paused = ana({BOX: OUT})
    engine.deliver(paused)
    engine.again(paused, fields={})

    assert record(key)[BOX] is True


def test_a_record_with_another_persons_number_is_never_theirs(engine, seeded, record):
    key = seeded("Contact", {**ANA, "MRN__c": "9"})
    person = wanted(fields={BOX: OUT}, identifiers=[mrn("4711"), email("ana@example.org")])

    assert engine.deliver(person) == Done({}, absent=True)
    assert record(key)[BOX] is False


def test_a_record_with_a_number_is_not_shared_by_those_who_share_its_address(engine, seeded, record):
    key = seeded("Contact", ANA)
    partner = wanted(
        fields={BOX: OUT},
        fields_at={"ana@example.org": {BOX: OUT}},
        identifiers=[mrn("9"), email("ana@example.org")],
    )
    engine.deliver(ana({BOX: IN}), partner)

    assert engine.outcomes[partner.id] == Done({}, absent=True)
    assert record(key)[BOX] is False


def test_numbers_of_another_authority_can_be_left_out(sandbox, seeded, record):
    key = seeded("Contact", ANA)
    engine = Engine(Salesforce(), sandbox.url, **CLIENT, mrn_authority="st-mary")

    engine.deliver(wanted(fields={BOX: OUT}, identifiers=[mrn("4711", "elsewhere")]))
    assert record(key)[BOX] is False
    engine.deliver(ana({BOX: OUT}))
    assert record(key)[BOX] is True


@pytest.mark.parametrize("written", ["(555) 010-0123", "5550100123", "555-010-0123", "+15550100123"])
@pytest.mark.parametrize("field", ["Phone", "MobilePhone"])
def test_a_record_without_a_number_is_found_by_phone_however_it_is_written(
    engine, seeded, record, written, field
):
    key = seeded("Contact", {"LastName": "Ruiz", field: written})
    person = wanted(
        fields={BOX: OUT}, fields_at={"+15550100123": {BOX: OUT}}, identifiers=[phone("+15550100123")]
    )
    engine.deliver(person)

    assert record(key)[BOX] is True


def test_a_record_found_by_an_address_holds_the_strictest_of_all_who_hold_it(engine, seeded, record):
    key = seeded("Contact", FAMILY)
    outcome = engine.deliver(
        wanted(
            fields={BOX: IN},
            fields_at={"family@example.org": {BOX: OUT}},
            identifiers=[email("family@example.org")],
        )
    )

    assert record(key)[BOX] is True
    assert isinstance(outcome, Done)


def test_a_former_address_carries_opt_outs_and_no_opt_ins(engine, seeded, record):
    key = seeded("Contact", {**FAMILY, "HasOptedOutOfEmail": True})
    person = wanted(
        fields={BOX: OUT, "HasOptedOutOfEmail": IN}, identifiers=[email("family@example.org", current=False)]
    )
    engine.deliver(person)

    assert record(key)[BOX] is True
    assert record(key)["HasOptedOutOfEmail"] is True


def test_people_who_share_a_record_are_told_once_and_both_are_done(engine, seeded, record):
    key = seeded("Contact", FAMILY)
    at = email("family@example.org")
    mother = wanted(fields={BOX: OUT}, fields_at={at.value: {BOX: OUT}}, identifiers=[at])
    engine.deliver(mother, replace(mother, id="child", fields={BOX: IN}))

    assert [type(each.outcome) for each in engine.results] == [Done, Done]
    assert len(engine.made("PATCH")[0].json["records"]) == 1
    assert record(key)[BOX] is True


def test_what_one_of_them_caused_is_lifted_for_both(engine, seeded, record):
    key = seeded("Contact", FAMILY)
    at = email("family@example.org")
    mother = wanted(fields_at={at.value: {BOX: OUT}}, identifiers=[at])
    child = replace(mother, id="child", fields_at={at.value: {BOX: IN}})
    engine.deliver(mother)
    engine.again(mother, child, fields_at=child.fields_at)

    assert [each.outcome for each in engine.results] == [Done({}), Done({})]
    assert record(key)[BOX] is False


def test_quotes_and_backslashes_find_their_own_record_only(engine, seeded, record):
    mine = seeded("Contact", {"LastName": "O'Neil", "Email": "o'neil\\@example.org"})
    other = seeded("Contact", {"LastName": "Other", "Email": "other@example.org"})
    at = "o'neil\\@example.org"
    outcome = engine.deliver(
        wanted(identifiers=[email(at), email("') OR (Id != '")], fields_at={at: {BOX: OUT}})
    )

    assert isinstance(outcome, Done)
    assert (record(mine)[BOX], record(other)[BOX]) == (True, False)


def test_two_hundred_people_are_found_by_few_queries_of_which_none_is_too_long(engine, sandbox, record):
    people = [
        {"LastName": f"P{n}", "Email": f"someone.{n}@example.org", "MRN__c": f"{n:06}"} for n in range(200)
    ]
    keys = sandbox.seed({"Contact": people})["Contact"]
    batch = [
        wanted(fields={BOX: OUT}, identifiers=[mrn(f"{n:06}"), email(f"someone.{n}@example.org")])
        for n in range(200)
    ]
    engine.deliver(*batch)

    queries = engine.made("GET")
    assert len(queries) <= 12
    assert all(len(call.path) + len(quote(dict(call.params)["q"])) < 8_192 for call in queries)
    assert len(engine.made("PATCH")) == 4
    assert all(record(key)[BOX] for key in keys)


def test_a_large_batch_is_partly_done_when_it_breaks_and_then_rests(engine, sandbox):
    sandbox.seed({"Contact": [{**ANA, "MRN__c": f"{n:06}"} for n in range(200)]})
    batch = [wanted(fields={BOX: OUT}, identifiers=[mrn(f"{n:06}")]) for n in range(200)]
    engine.before[9] = lambda: sandbox.faults.set(Fault(status=429, retry_after=7))
    engine.deliver(*batch)

    assert [type(each.outcome) for each in engine.results] == [Done] * 50 + [Later] * 150
    assert len(engine.calls) == 9


def test_more_than_two_hundred_records_go_in_chunks(engine, sandbox, record):
    keys = sandbox.seed({"Contact": [ANA] * 201})["Contact"]
    outcome = engine.deliver(ana({BOX: OUT}))

    assert [len(call.json["records"]) for call in engine.made("PATCH")] == [200, 1]
    assert len(known(outcome)) == 201
    assert all(record(key)[BOX] for key in keys)


def test_a_query_is_followed_to_its_last_page(engine, sandbox, monkeypatch, record):
    monkeypatch.setattr("destinations.sandbox.salesforce.PAGE", 2)
    keys = sandbox.seed({"Contact": [ANA] * 5})["Contact"]
    engine.deliver(ana({BOX: OUT}))

    assert [call.path.rpartition("-")[2] for call in engine.made("GET")][1:3] == ["2", "4"]
    assert all(record(key)[BOX] for key in keys)


# --- sessions ---


def test_a_session_is_kept_for_the_next_delivery(engine, seeded):
    seeded("Contact", ANA)
    engine.deliver(ana({BOX: OUT}))
    assert engine.calls[0].path == "/services/oauth2/token"
    assert engine.calls[0].form["grant_type"] == "client_credentials"

    engine.deliver(ana({BOX: OUT}))
    assert engine.made("POST") == []


def test_a_session_that_ends_in_mid_batch_is_renewed(engine, sandbox, seeded, record):
    key = seeded("Contact", ANA)
    engine.before[3] = lambda: sandbox.store.remove("token")
    outcome = engine.deliver(ana({BOX: OUT}))

    assert isinstance(outcome, Done)
    assert record(key)[BOX] is True
    assert len(engine.made("POST")) == 2


def test_a_session_is_renewed_only_once_a_call(engine, sandbox, seeded):
    seeded("Contact", ANA)
    sandbox.session_seconds = 0
    outcome = engine.deliver(ana({BOX: OUT}))

    assert outcome == Stuck(Reason.REJECTED_AUTH, "HTTP 401", held={})
    assert [call.method for call in engine.calls] == ["POST", "GET", "POST", "GET"]


def test_a_write_that_was_refused_is_not_taken_for_one_that_was_made(engine, sandbox, seeded):
    seeded("Contact", ANA)

    def end_all_sessions():
        sandbox.session_seconds = 0
        sandbox.store.remove("token")

    engine.before[5] = end_all_sessions

    assert engine.deliver(ana({BOX: OUT})) == Stuck(Reason.REJECTED_AUTH, "HTTP 401", held={})


def test_a_client_that_is_not_let_in_is_told_by_the_code(sandbox):
    engine = Engine(Salesforce(), sandbox.url, client_id="heed", client_secret="")

    assert engine.deliver(ana({BOX: OUT})) == Stuck(Reason.REJECTED_AUTH, "invalid_client_id", held={})


def test_sign_in_may_have_an_address_of_its_own(stack, sandbox, seeded):
    seeded("Contact", ANA)
    engine = Engine(Salesforce(), sandbox.url, **CLIENT, login_url=sandbox.url + "/")
    engine.deliver(ana({BOX: OUT}))

    assert engine.calls[0].base == sandbox.url + "/"
    assert {call.base for call in engine.calls[1:]} == {""}


# --- what goes wrong ---


def test_a_yes_to_the_batch_is_no_yes_to_each_record(engine, sandbox, seeded, record):
    first, second = seeded("Contact", ANA), seeded("Contact", {**ANA, "MRN__c": "4712"})
    people = ana({BOX: OUT}), wanted(fields={BOX: OUT}, identifiers=[mrn("4712")])
    engine.before[5] = lambda: sandbox.faults.set(Fault(partial=True, times=1))
    engine.deliver(*people)

    assert isinstance(engine.outcomes[people[0].id], Done)
    assert engine.outcomes[people[1].id] == Later(Reason.UNAVAILABLE, detail="UNABLE_TO_LOCK_ROW", held={})
    assert (record(first)[BOX], record(second)[BOX]) == (True, False)


def test_a_person_with_two_records_is_done_only_when_both_are(engine, sandbox, seeded, record):
    first, second = seeded("Contact", ANA), seeded("Contact", ANA)
    person = ana({BOX: OUT})
    engine.before[5] = lambda: sandbox.faults.set(Fault(partial=True, times=1))
    outcome = engine.deliver(person)
    assert isinstance(outcome, Later)
    assert set(known(outcome)) == {f"{first}.{BOX}"}

    assert isinstance(engine.again(person), Done)
    assert [each["id"] for each in engine.made("PATCH")[0].json["records"]] == [second]
    engine.again(person, fields={})
    assert not record(first)[BOX]
    assert not record(second)[BOX]


def test_a_record_that_was_deleted_meanwhile_is_looked_for_again(engine, sandbox, seeded):
    key = seeded("Contact", ANA)
    engine.before[5] = lambda: sandbox.store.remove("Contact", key[:15])
    person = ana({BOX: OUT})

    assert engine.deliver(person) == Later(Reason.PARTIAL, detail="ENTITY_IS_DELETED", held={})
    assert engine.again(person) == Done({}, absent=True)


def test_a_refused_record_is_told_by_its_code_and_never_by_its_message():
    """A validation rule's message may quote the record."""
    row = {"Id": "003A", "MRN__c": "4711", BOX: False}
    refused = {
        "statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "message": "Ana Ruiz, 4711: no",
        "fields": [],
    }
    result = last_of(
        ana({BOX: OUT}),
        b'{"access_token": "x"}',
        found(row),
        found(),
        found(),
        json_of([{"id": "003A", "success": False, "errors": [refused]}]),
    )

    assert result.outcome == Stuck(Reason.REJECTED_DATA, "FIELD_CUSTOM_VALIDATION_EXCEPTION", held={})


def test_a_field_that_the_organisation_lacks_is_a_fault_of_configuration(engine, seeded, record):
    key = seeded("Contact", ANA)
    outcome = engine.deliver(ana({BOX: OUT, "Nobody_Made_This__c": OUT}))

    assert outcome.reason is Reason.REJECTED_CONFIG
    assert outcome.detail.startswith(
        "Contact has no field Nobody_Made_This__c: correct its row in the mapper"
    )
    assert "@" not in outcome.detail
    assert record(key)[BOX] is False


def test_an_object_that_heed_does_not_know_is_a_fault_of_configuration(sandbox):
    engine = Engine(Salesforce(), sandbox.url, **CLIENT, objects="Contact, Patient__c")
    outcome = engine.deliver(wanted(fields={BOX: OUT}))

    assert outcome.reason is Reason.REJECTED_CONFIG
    assert "Lead" in outcome.detail


@pytest.mark.parametrize("nth", [2, 5], ids=["finding", "writing"])
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(status=429, retry_after=7), (Reason.THROTTLED, 7.0)),
        (Fault(status=403), (Reason.THROTTLED, None)),  # the quota of the day: REQUEST_LIMIT_EXCEEDED
        (Fault(status=503), (Reason.UNAVAILABLE, None)),
        (Fault(status=500), (Reason.UNAVAILABLE, None)),
        (Fault(garbage=True), (Reason.GARBLED, None)),
    ],
)
def test_an_answer_that_ends_the_batch_is_tried_later(engine, sandbox, nth, fault, expected):
    sandbox.seed({"Contact": [ANA]})
    engine.before[nth] = lambda: sandbox.faults.set(replace(fault, times=1))
    outcome = engine.deliver(ana({BOX: OUT}))

    assert isinstance(outcome, Later)
    assert (outcome.reason, outcome.after) == expected


@pytest.mark.parametrize("fault", [Fault(hang=True, apply=True), Fault(status=500, apply=True)])
def test_a_box_whose_answer_was_lost_is_still_known_as_heeds_own(engine, sandbox, seeded, record, fault):
    key = seeded("Contact", ANA)
    paused = ana({BOX: OUT})
    engine.before[5] = lambda: sandbox.faults.set(replace(fault, times=1))
    engine.deliver(paused, patience=0.3)
    assert record(key)[BOX] is True

    sandbox.faults.clear()
    assert engine.again(paused, fields={}) == Done({})
    assert record(key)[BOX] is False


def test_those_who_need_no_write_are_done_before_a_write_that_hangs(engine, sandbox, seeded):
    seeded("Contact", ANA)
    stranger = wanted(fields={BOX: OUT}, identifiers=[mrn("9")])
    engine.before[5] = lambda: sandbox.faults.set(Fault(hang=True, times=1))
    engine.deliver(ana({BOX: OUT}), stranger, patience=0.3)

    assert engine.outcomes == {stranger.id: Done({}, absent=True)}


@pytest.mark.parametrize("page", [b"{}", b"[]", b'{"records": [1]}', b'{"records": [{}]}'])
def test_a_page_in_another_shape_makes_nobody_absent(page):
    result = last_of(ana({BOX: OUT}), b'{"access_token": "x"}', page)

    assert result.outcome.reason is Reason.GARBLED


@pytest.mark.parametrize("results", [[], [1, 2], {"success": True}])
def test_results_that_do_not_match_the_records_confirm_nothing(results):
    row = {"Id": "003A", "MRN__c": "4711", BOX: False}
    answers = found(row), found(), found(), json_of(results)
    result = last_of(ana({BOX: OUT}), b'{"access_token": "x"}', *answers)

    assert result.outcome.reason is Reason.GARBLED


def test_a_field_where_a_tick_means_yes_is_written_and_read_the_other_way_round(engine, seeded, record):
    out, back = Field(False, True, OUT.since), Field(True, False, IN.since)
    key = seeded("Contact", {**ANA, "HasOptedOutOfFax": True})
    person = ana({"HasOptedOutOfFax": out})
    engine.deliver(person)
    assert record(key)["HasOptedOutOfFax"] is False

    engine.again(person, fields={"HasOptedOutOfFax": back})
    assert record(key)["HasOptedOutOfFax"] is True


def json_of(value):
    return json.dumps(value).encode()


def found(*rows):
    return json_of({"totalSize": len(rows), "done": True, "records": rows})


def last_of(person, *answers) -> Any:
    """What a delivery yields after these answers, each with status 200."""
    settings = {name: setting.default for name, setting in Salesforce.settings.items()}
    delivery = Salesforce().deliver([person], Settings(settings | CLIENT))
    step: object = next(delivery)
    for body in answers:
        step = delivery.send(Answer(200, body))
    return step
