"""HubSpot, against its sandbox and its published contract."""

import re
from dataclasses import replace
from datetime import timedelta

import jsonschema
import pytest

from destinations.connectors.hubspot import HubSpot
from destinations.contract import Done, Held, Later, Reason, Stuck
from destinations.sandbox import HubSpotSandbox, running
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
    wanted,
)

MARKETING, TEXTS = "subscriptions.marketing_emails", "properties.phone_outreach_sms_opt_out"
BOX = "phone_outreach_sms_opt_out"
TYPES = {"marketing_emails": "11", "patient_surveys": 12}


@pytest.fixture
def sandbox(stack):
    sandbox = stack.enter_context(running(HubSpotSandbox()))
    types = [{"id": 11, "name": "Newsletter"}, {"id": 12, "name": "Feedback"}]
    sandbox.seed({"types": types, "properties": [{"name": BOX}]})
    sandbox.seed({"contacts": [contact("1", "ana@example.org"), contact("2", "bo@example.org")]})
    return sandbox


@pytest.fixture
def engine(sandbox):
    return Engine(HubSpot(), sandbox.url, access_token="pat-na1", subscriptions=TYPES)


@pytest.fixture
def there(sandbox):
    """The status of each type, and the box."""

    def look(address="ana@example.org"):
        record = sandbox.found([f"email:{address}"]).record
        return ({each["subscriptionId"]: each["status"] for each in record["statuses"]}, record.get(BOX))

    return look


def contact(number, address, **more):
    return {"id": number, "email": address, "updatedAt": EARLIER.isoformat(), **more}


def status(address, kind, said, at=EARLIER):
    return {"statuses": [{"email": address, "type": kind, "status": said, "timestamp": at.isoformat()}]}


def person(address="ana@example.org", **fields):
    given = {name.replace("__", "."): each for name, each in fields.items()}
    return wanted(identifiers=(email(address),), fields=given, fields_at={address: given})


def ana(marketing=None, texts=None):
    fields = {MARKETING: marketing, TEXTS: texts}
    return person(**{name: field for name, field in fields.items() if field})


def test_what_a_lost_call_may_have_left_is_read_and_asked_about_where_it_stands(engine, sandbox):
    sandbox.seed(status("ana@example.org", 11, "UNSUBSCRIBED"))
    person = replace(ana(texts=OUT), perhaps=frozenset({MARKETING, "subscriptions.patient_surveys"}))
    outcome = engine.deliver(person)

    assert outcome.reason is Reason.NEEDS_PERSON
    assert MARKETING in outcome.detail
    assert "patient_surveys" not in outcome.detail


def test_an_opt_out_unsubscribes_from_its_type_and_ticks_its_box(engine, there):
    outcome = engine.deliver(ana(OUT, OUT))

    assert there() == ({11: "UNSUBSCRIBED", 12: "NOT_SPECIFIED"}, "true")
    assert known(outcome)[f"1.{MARKETING}"] == Held(
        True, False, "choice", NOW.isoformat(), otherwise="NOT_SPECIFIED"
    )
    assert [call.path.rpartition("/batch/")[2] for call in engine.calls] == [
        "read",
        "read",
        "write",
        "update",
    ]


def test_a_batch_takes_few_calls(engine, sandbox, there):
    sandbox.seed({"contacts": [contact(f"9{n}", f"p{n}@example.org") for n in range(50)]})
    engine.deliver(*(person(f"p{n}@example.org", **{MARKETING: OUT, TEXTS: OUT}) for n in range(50)))
    assert len(engine.calls) == 4
    assert there("p49@example.org")[0][11] == "UNSUBSCRIBED"


def test_nobody_is_made_a_contact(engine, sandbox):
    outcome = engine.deliver(person("new@example.org", **{MARKETING: OUT, TEXTS: OUT}))
    assert outcome == Done({}, absent=True)
    assert sandbox.found(["email:new@example.org"]).record == {}
    assert [call.path for call in engine.calls] == ["/crm/v3/objects/contacts/batch/read"]


def test_whom_nobody_asked_keeps_what_stands_there(engine, sandbox, there):
    sandbox.seed(status("ana@example.org", 11, "UNSUBSCRIBED"))
    assert engine.deliver(ana()) == Done({})
    assert engine.calls == []
    engine.deliver(ana(LEAVE))
    assert there()[0][11] == "UNSUBSCRIBED"


@pytest.mark.parametrize("before", ["SUBSCRIBED", "NOT_SPECIFIED"])
def test_when_heeds_own_no_ends_what_stood_there_comes_back(engine, sandbox, there, before):
    sandbox.seed(status("ana@example.org", 11, before))
    paused = ana(OUT, OUT)
    engine.deliver(paused)
    engine.again(paused)  # told twice meanwhile
    outcome = engine.again(paused, fields={}, fields_at={})

    assert outcome == Done({})
    assert there() == ({11: before, 12: "NOT_SPECIFIED"}, "false")


def test_an_opt_in_says_why_it_may(engine, sandbox, there):
    sandbox.seed(status("ana@example.org", 11, "UNSUBSCRIBED"))
    assert engine.deliver(ana(IN)) == Done({})

    assert there()[0][11] == "SUBSCRIBED"
    [sent] = engine.calls[-1].json["inputs"]
    assert sent["legalBasis"] == "CONSENT_WITH_NOTICE"
    assert sent["legalBasisExplanation"] == "The person opted in (Heed)"


def test_a_yes_is_told_where_hubspot_knows_of_none(engine, there):
    assert engine.deliver(ana(IN)) == Done({})
    assert there()[0][11] == "SUBSCRIBED"


def test_an_unsubscribe_later_than_the_yes_needs_the_person(engine, sandbox, there):
    sandbox.seed(status("ana@example.org", 11, "UNSUBSCRIBED", at=NOW))
    outcome = engine.deliver(ana(IN))
    assert isinstance(outcome, Stuck)
    assert (outcome.reason, MARKETING in outcome.detail) == (Reason.NEEDS_PERSON, True)
    assert there()[0][11] == "UNSUBSCRIBED"


def test_a_yes_that_hubspot_does_not_take_needs_the_person(engine, sandbox):
    sandbox.seed(status("ana@example.org", 11, "UNSUBSCRIBED"))
    engine.settings.values["legal_basis"] = ""
    engine.before[3] = lambda: sandbox.store.remove("type", "11")
    outcome = engine.deliver(ana(IN))
    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.BY_THEMSELVES


def test_a_contact_of_several_people_holds_what_its_address_must(engine, there):
    shared = {MARKETING: OUT}
    yes = replace(person(), fields={MARKETING: IN}, fields_at={"ana@example.org": shared})
    engine.deliver(yes, replace(person(), fields=shared, fields_at={"ana@example.org": shared}))
    assert there()[0][11] == "UNSUBSCRIBED"


def test_by_a_former_address_only_the_no_arrives(engine, sandbox, there):
    sandbox.seed(status("bo@example.org", 11, "UNSUBSCRIBED"))
    moved = wanted(
        identifiers=(email("ana@example.org"), email("bo@example.org", current=False)),
        fields={MARKETING: IN, TEXTS: OUT},
        fields_at={"ana@example.org": {MARKETING: IN, TEXTS: OUT}},
    )
    engine.deliver(moved)
    assert there("bo@example.org") == ({11: "UNSUBSCRIBED", 12: "NOT_SPECIFIED"}, "true")


def test_a_type_that_is_gone_is_named_and_the_rest_is_written(sandbox, there):
    types = {**TYPES, "care_follow_ups": 99}
    engine = Engine(HubSpot(), sandbox.url, access_token="pat-na1", subscriptions=types)
    outcome = engine.deliver(person(**{MARKETING: OUT, "subscriptions.care_follow_ups": OUT}))
    assert isinstance(outcome, Stuck)
    assert (outcome.reason, "99" in outcome.detail) == (Reason.REJECTED_CONFIG, True)
    assert there()[0][11] == "UNSUBSCRIBED"


def test_a_property_that_is_missing_is_a_matter_of_configuration(engine, there):
    batch = [
        person(**{"properties.not_there": OUT, MARKETING: OUT}),
        person("bo@example.org", **{TEXTS: OUT}),
    ]
    outcome = engine.deliver(*batch)
    assert isinstance(outcome, Stuck)
    assert (outcome.reason, outcome.detail) == (Reason.REJECTED_CONFIG, "PROPERTY_DOESNT_EXIST")
    assert len(engine.made("POST")) == 4  # nothing is tried one by one
    assert there()[0][11] == "UNSUBSCRIBED"


def test_half_a_yes_is_no_yes_for_the_other_half(engine, sandbox):
    engine.before[3] = lambda: sandbox.faults.set(Fault(partial=True, times=1))
    first, second = person(**{MARKETING: OUT}), person("bo@example.org", **{MARKETING: OUT})
    engine.deliver(first, second)
    assert isinstance(engine.outcomes[first.id], Done)
    assert engine.outcomes[second.id].reason is Reason.PARTIAL
    assert known(engine.outcomes[second.id])[f"2.{MARKETING}"].wrote  # it may have been done


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(status=429, retry_after=7), Later(Reason.THROTTLED, 7.0, held={})),
        (Fault(status=500), Later(Reason.UNAVAILABLE, detail="HTTP 500", held={})),
        (Fault(garbage=True), Later(Reason.GARBLED, detail="the answer cannot be read", held={})),
        (Fault(status=401), Stuck(Reason.REJECTED_AUTH, "HTTP 401", held={})),
        (Fault(status=403), Stuck(Reason.REJECTED_CONFIG, "MISSING_SCOPES", held={})),
        (Fault(status=302), Stuck(Reason.REJECTED_CONFIG, "HTTP 302", held={})),
    ],
)
def test_an_answer_that_ends_the_batch_ends_it_for_everybody(engine, sandbox, fault, outcome):
    sandbox.faults.set(fault)
    batch = [ana(OUT), person("bo@example.org", **{MARKETING: OUT})]
    engine.deliver(*batch)
    assert [engine.outcomes[each.id] for each in batch] == [outcome, outcome]
    assert len(engine.calls) == 1


@pytest.mark.parametrize("fault", [Fault(hang=True, apply=True), Fault(status=502, apply=True)])
def test_a_no_whose_answer_was_lost_is_still_known_as_heeds_own(engine, sandbox, there, fault):
    paused = ana(OUT)
    engine.before[3] = lambda: sandbox.faults.set(replace(fault, times=1))
    engine.deliver(paused, patience=0.3)
    assert there()[0][11] == "UNSUBSCRIBED"

    sandbox.faults.clear()
    assert engine.again(paused, fields={}, fields_at={}) == Done({})
    assert there()[0][11] == "NOT_SPECIFIED"


def test_a_later_yes_after_heed_first_saw_their_no_counts_for_a_box(engine, sandbox, there):
    sandbox.seed(
        {"contacts": [contact("1", "ana@example.org", **{BOX: "true", "updatedAt": NOW.isoformat()})]}
    )
    asked = ana(texts=IN)
    assert engine.deliver(asked).reason is Reason.NEEDS_PERSON
    later = {TEXTS: replace(IN, since=NOW + timedelta(hours=1))}
    now = NOW + timedelta(hours=2)
    assert engine.again(asked, fields=later, fields_at={"ana@example.org": later}, now=now) == Done({})
    assert there()[1] == "false"


def test_every_request_is_one_that_hubspots_contracts_describe(engine, published):
    contracts = [published("hubspot/subscriptions.2026-03.json"), published("hubspot/contacts.v3.json")]
    paused = ana(OUT, OUT)
    engine.deliver(paused)
    sent = [*engine.calls]
    engine.again(paused, fields={MARKETING: IN, TEXTS: IN}, fields_at={"ana@example.org": {MARKETING: IN}})

    for call in [*sent, *engine.calls]:
        conforms(contracts, call)
    assert len(sent) == 4


def conforms(contracts, call):
    """The path and method exist; the body has what it must and nothing else; so has the query."""
    [(contract, way)] = [
        (contract, way)
        for contract in contracts
        for way in contract["paths"]
        if re.fullmatch(re.sub(r"{[^}]+}", "[^/]+", way), call.path) and "batch" in way
    ]
    described = contract["paths"][way][call.method.lower()]
    known = {each["name"]: each.get("required") for each in described.get("parameters", [])}
    asked = {name for name, _ in call.params}
    assert {name for name, must in known.items() if must} <= asked <= set(known)
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    jsonschema.validate(call.json, strict(contract, schema))


def strict(contract, schema):
    """A schema without references that refuses properties it does not know."""
    if "$ref" in schema:
        return strict(contract, contract["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    parts = {name: strict(contract, each) for name, each in schema.get("properties", {}).items()}
    items = {"items": strict(contract, schema["items"])} if "items" in schema else {}
    open_ = schema.get("additionalProperties", not parts)
    more = {"properties": parts, "additionalProperties": open_} if schema.get("type") == "object" else {}
    return {**schema, **items, **more}
