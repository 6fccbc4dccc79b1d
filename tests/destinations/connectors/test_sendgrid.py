"""SendGrid, against its sandbox and its published contract."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from unittest.mock import ANY

import jsonschema
import pytest

from destinations.connectors.sendgrid import SendGrid
from destinations.contract import Answer, Done, Held, Later, Reason, Result, Settings, Stuck
from destinations.sandbox import SendGridSandbox, running
from destinations.sandbox.faults import Fault
from tests.destinations.connectors.conftest import EARLIER, IN, LEAVE, NOW, OUT, Engine, known, wanted

MARKETING, SURVEYS = "groups.marketing_emails", "groups.patient_surveys"
GROUPS = {"marketing_emails": "101", "patient_surveys": 102}


@pytest.fixture
def sandbox(stack):
    sandbox = stack.enter_context(running(SendGridSandbox()))
    sandbox.seed({"groups": [{"id": 101, "name": "Marketing emails"}, {"id": 102, "name": "Surveys"}]})
    return sandbox


@pytest.fixture
def engine(sandbox):
    return Engine(SendGrid(), sandbox.url, api_key="SG.test", groups=GROUPS)


@pytest.fixture
def suppressed(sandbox):
    """The lists on which an address stands."""

    def lists(address):
        record = sandbox.found([f"email:{address}"]).record
        groups = {str(each["id"]) for each in record.get("suppressions", []) if each["suppressed"]}
        return groups | ({"global"} if "recipient_email" in record else set())

    return lists


def ana(**fields):
    return wanted("ana@example.org", fields={name.replace("__", "."): each for name, each in fields.items()})


def test_an_opt_out_suppresses_the_address_in_the_group_of_its_category_only(engine, suppressed):
    outcome = engine.deliver(ana(groups__marketing_emails=OUT))

    assert suppressed("ana@example.org") == {"101"}
    assert isinstance(outcome, Done)
    assert known(outcome)[MARKETING] == Held(True, False, "choice", NOW.isoformat())


def test_a_batch_takes_one_check_of_the_groups_and_one_search_and_one_post_a_group(engine, suppressed):
    batch = [wanted(f"p{n}@example.org", fields={MARKETING: OUT, SURVEYS: OUT}) for n in range(40)]
    engine.deliver(*batch)

    assert [f"{call.method} {call.path}" for call in engine.calls] == [
        "GET /v3/asm/groups",
        "POST /v3/asm/groups/101/suppressions/search",
        "POST /v3/asm/groups/101/suppressions",
        "POST /v3/asm/groups/102/suppressions/search",
        "POST /v3/asm/groups/102/suppressions",
    ]
    assert all(isinstance(each.outcome, Done) for each in engine.results)
    assert suppressed("p39@example.org") == {"101", "102"}


def test_what_heed_wrote_is_repeated_without_reading(engine, suppressed):
    first = ana(groups__marketing_emails=OUT)
    engine.deliver(first)
    engine.again(first)

    assert [call.path for call in engine.made("POST")] == ["/v3/asm/groups/101/suppressions"]


def test_when_the_reason_ends_heed_takes_back_what_it_wrote(engine, suppressed):
    paused = ana(groups__marketing_emails=OUT)
    engine.deliver(paused)
    outcome = engine.again(paused, fields={})

    assert suppressed("ana@example.org") == set()
    assert outcome == Done({})


def test_nobody_was_asked_so_the_vendors_own_opt_out_is_not_touched(engine, sandbox, suppressed):
    sandbox.seed({"suppressed": [{"email": "ana@example.org", "group": 101}]})
    outcome = engine.deliver(ana())

    assert outcome == Done({})
    assert engine.calls == []
    assert suppressed("ana@example.org") == {"101"}


def test_an_opt_out_that_stood_there_before_stays_when_heeds_own_ends(engine, sandbox, suppressed):
    sandbox.seed({"suppressed": [{"email": "ana@example.org", "group": 101}]})
    paused = ana(groups__marketing_emails=OUT)
    engine.deliver(paused)
    outcome = engine.again(paused, fields={})

    assert suppressed("ana@example.org") == {"101"}
    assert isinstance(outcome, Done)
    assert known(outcome)[MARKETING].seen


def test_an_opt_in_that_may_be_older_than_the_vendors_opt_out_needs_the_person(engine, sandbox, suppressed):
    sandbox.seed({"suppressed": [{"email": "ana@example.org", "group": 101}]})
    outcome = engine.deliver(ana(groups__marketing_emails=IN))

    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.NEEDS_PERSON
    assert MARKETING in outcome.detail
    assert "ana@" not in outcome.detail
    assert suppressed("ana@example.org") == {"101"}


def test_an_opt_in_later_than_heed_first_saw_it_lifts_the_vendors_opt_out(engine, sandbox, suppressed):
    sandbox.seed({"suppressed": [{"email": "ana@example.org", "group": 101}]})
    asked = ana(groups__marketing_emails=IN)
    engine.deliver(asked)
    later = replace(IN, since=NOW + timedelta(hours=1))
    outcome = engine.again(asked, fields={MARKETING: later}, now=NOW + timedelta(hours=2))

    assert outcome == Done({})
    assert suppressed("ana@example.org") == set()


def test_an_opt_in_where_nothing_stands_writes_nothing(engine):
    assert engine.deliver(ana(groups__marketing_emails=IN)) == Done({})
    assert [call.method for call in engine.calls] == ["GET", "POST"]  # the groups, and a search


def test_a_field_without_a_mapped_group_is_ignored(engine):
    assert engine.deliver(ana(groups__care_follow_ups=OUT)) == Done({})
    assert engine.calls == []


def test_a_field_that_says_leave_it_is_left(engine, sandbox, suppressed):
    sandbox.seed({"suppressed": [{"email": "ana@example.org", "group": 101}]})
    engine.deliver(ana(groups__marketing_emails=LEAVE))

    assert suppressed("ana@example.org") == {"101"}


def test_an_unknown_group_is_told_by_name_and_silences_nobody_globally(sandbox, suppressed):
    engine = Engine(SendGrid(), sandbox.url, api_key="SG.test", groups={**GROUPS, "patient_surveys": "999"})
    both, one = (
        ana(groups__marketing_emails=OUT, groups__patient_surveys=OUT),
        wanted("bo@example.org", fields={MARKETING: OUT}),
    )
    outcome = engine.deliver(both, one)

    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.REJECTED_CONFIG
    assert "999" in outcome.detail
    assert set(known(outcome)) == {MARKETING}
    assert isinstance(engine.outcomes[one.id], Done)
    assert suppressed("ana@example.org") == suppressed("bo@example.org") == {"101"}


def test_categories_that_share_a_group_get_its_strictest_answer(sandbox, suppressed):
    engine = Engine(
        SendGrid(), sandbox.url, api_key="SG.test", groups={"marketing_emails": 101, "patient_surveys": 101}
    )
    person = ana(groups__marketing_emails=OUT, groups__patient_surveys=IN)
    assert isinstance(engine.deliver(person), Done)
    assert suppressed("ana@example.org") == {"101"}

    engine.again(person, fields={MARKETING: IN, SURVEYS: IN})
    assert suppressed("ana@example.org") == set()


def test_a_suppressed_address_goes_on_the_global_list_and_comes_off_it_again(engine, suppressed):
    person = wanted("ana@example.org", fields={"global": OUT})
    engine.deliver(person)
    assert suppressed("ana@example.org") == {"global"}

    engine.again(person, fields={})
    assert suppressed("ana@example.org") == set()


def test_the_global_list_is_read_in_portions_so_that_a_large_batch_gets_somewhere(engine, sandbox):
    batch = [wanted(f"p{n}@example.org", fields={"global": OUT}) for n in range(60)]
    engine.before[30] = lambda: sandbox.faults.set(Fault(hang=True, times=1))
    engine.deliver(*batch, patience=0.3)

    assert [type(each.outcome) for each in engine.results] == [Done] * 25


@pytest.mark.parametrize("field", [IN, replace(IN, since=NOW + timedelta(days=1))])
def test_a_global_entry_that_heed_did_not_write_is_never_removed(engine, sandbox, suppressed, field):
    sandbox.seed({"global": [{"email": "ana@example.org", "created": EARLIER.isoformat()}]})
    known = Held(seen=NOW.isoformat())
    outcome = engine.deliver(wanted("ana@example.org", fields={"global": field}, held={"global": known}))

    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.NEEDS_PERSON
    assert suppressed("ana@example.org") == {"global"}


def test_an_address_is_percent_encoded_in_a_path(engine, suppressed):
    person = wanted("o'neil+a/b@example.org", fields={MARKETING: OUT, "global": OUT})
    engine.deliver(person)
    assert suppressed("o'neil+a/b@example.org") == {"101", "global"}

    engine.again(person, fields={})
    assert engine.made("DELETE")[0].path.endswith("/o%27neil%2Ba%2Fb%40example.org")
    assert suppressed("o'neil+a/b@example.org") == set()


def test_one_address_that_sendgrid_refuses_keeps_no_other_from_being_suppressed(engine, suppressed, sandbox):
    batch = [wanted(f"p{n}@example.org", fields={MARKETING: OUT}) for n in range(9)]
    bad = wanted("no address", fields={MARKETING: OUT}, held={MARKETING: Held(True, False)})
    engine.deliver(*batch, bad)

    assert engine.outcomes[bad.id].reason is Reason.REJECTED_DATA
    assert all(isinstance(engine.outcomes[each.id], Done) for each in batch)
    assert all(suppressed(each.address) == {"101"} for each in batch)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(status=429, retry_after=7), Later(Reason.THROTTLED, 7.0, held={})),
        (Fault(status=500), Later(Reason.UNAVAILABLE, detail="HTTP 500", held={})),
        (Fault(garbage=True), Later(Reason.GARBLED, detail="the answer cannot be read", held={})),
        (Fault(status=401), Stuck(Reason.REJECTED_AUTH, "HTTP 401", held={})),
    ],
)
def test_an_answer_that_ends_the_batch_ends_it_for_everybody(engine, sandbox, fault, outcome):
    sandbox.faults.set(fault)
    batch = ana(groups__marketing_emails=OUT), wanted("bo@example.org", fields={SURVEYS: OUT})
    engine.deliver(*batch)

    assert [engine.outcomes[each.id] for each in batch] == [outcome, outcome]
    assert len(engine.calls) == 1


def test_what_was_confirmed_before_a_batch_broke_stands(engine, sandbox):
    first = wanted("ana@example.org", fields={MARKETING: OUT})
    second = wanted("bo@example.org", fields={MARKETING: OUT, SURVEYS: OUT})
    engine.before[5] = lambda: sandbox.faults.set(Fault(status=503, times=1))
    engine.deliver(first, second)

    assert isinstance(engine.outcomes[first.id], Done)
    half_done = engine.outcomes[second.id]
    assert isinstance(half_done, Later)
    assert known(half_done)[MARKETING].wrote


def test_removals_that_were_confirmed_before_a_call_hung_stand(engine, sandbox, suppressed):
    batch = [wanted(f"p{n}@example.org", fields={MARKETING: OUT}) for n in range(3)]
    engine.deliver(*batch)
    ended = [replace(each, fields={}, held=engine.outcomes[each.id].held) for each in batch]
    engine.before[4] = lambda: sandbox.faults.set(Fault(hang=True, times=1))  # the groups, a search, a DELETE
    engine.deliver(*ended, patience=0.3)

    assert engine.outcomes == {batch[0].id: Done({})}
    assert engine.lost.claims[batch[1].id][MARKETING].wrote


@pytest.mark.parametrize(
    "fault", [Fault(hang=True, apply=True), Fault(status=502, apply=True), Fault(garbage=True, apply=True)]
)
def test_a_denial_whose_answer_was_lost_is_still_known_as_heeds_own(engine, sandbox, suppressed, fault):
    paused = ana(groups__marketing_emails=OUT)
    engine.before[3] = lambda: sandbox.faults.set(replace(fault, times=1))
    outcome = engine.deliver(paused, patience=0.3)
    assert suppressed("ana@example.org") == {"101"}
    assert not isinstance(outcome, Done)

    sandbox.faults.clear()
    assert engine.again(paused, fields={}) == Done({})
    assert suppressed("ana@example.org") == set()


def test_a_refused_write_is_not_taken_for_one_that_was_made(engine, sandbox):
    engine.before[3] = lambda: sandbox.faults.set(Fault(status=400, times=1))
    outcome = engine.deliver(ana(groups__marketing_emails=OUT))

    assert outcome == Stuck(Reason.REJECTED_DATA, "HTTP 400", held={})


def test_an_entry_that_is_gone_already_needs_no_removal(engine, sandbox):
    person = ana(groups__marketing_emails=OUT)
    engine.deliver(person)
    engine.before[3] = lambda: sandbox.faults.set(Fault(status=404, times=1))

    assert engine.again(person, fields={}) == Done({})
    assert engine.calls[2].method == "DELETE"


@pytest.mark.parametrize("body", [{}, [], {"errors": []}])
def test_a_confirmation_in_another_shape_confirms_nothing(body):
    person = wanted("ana@example.org", fields={"global": OUT})
    delivery = SendGrid().deliver([person], Settings({"api_key": "SG.test", "groups": {}}))
    next(delivery)
    delivery.send(Answer(200, b"{}"))
    result = delivery.send(Answer(201, json.dumps(body).encode()))

    assert isinstance(result, Result)
    assert isinstance(result.outcome, Later)
    assert known(result.outcome)["global"].wrote  # it may have been done


@pytest.mark.parametrize("body", [[], {"errors": []}, "no"])
def test_a_yes_in_another_shape_is_no_yes(body):
    """Where a proxy answers for SendGrid."""
    person = wanted("ana@example.org", fields={"global": OUT})
    delivery = SendGrid().deliver([person], Settings({"api_key": "SG.test", "groups": GROUPS}))
    next(delivery)
    result = delivery.send(Answer(200, json.dumps(body).encode()))

    assert result == person.is_(Later(Reason.GARBLED, detail=ANY, held={}))


def test_every_request_is_one_that_sendgrids_contract_describes(engine, published):
    contract = published("sendgrid/oai.json")
    person = wanted("ana@example.org", fields={MARKETING: OUT, SURVEYS: OUT, "global": OUT})
    engine.deliver(person)
    sent = engine.calls
    engine.again(person, fields={})

    for call in [*sent, *engine.calls]:
        conforms(contract, call)
    assert {call.method for call in [*sent, *engine.calls]} == {"GET", "POST", "DELETE"}


def conforms(contract, call):
    """The path and method exist; the body has what it must and nothing else; so has the query."""
    path = call.path.removeprefix(contract["basePath"])
    ways = [each for each in contract["paths"] if re.fullmatch(re.sub(r"{[^}]+}", "[^/]+", each), path)]
    way = min(ways, key=lambda each: each.count("{"))
    described = contract["paths"][way][call.method.lower()]
    parameters = [each for each in described["parameters"] if "in" in each]
    assert {name for name, _ in call.params} <= {each["name"] for each in parameters if each["in"] == "query"}
    body = next((each["schema"] for each in parameters if each["in"] == "body"), None)
    assert (call.json is None) == (body is None)
    if body:
        jsonschema.validate(call.json, strict(contract, body), format_checker=jsonschema.FormatChecker())


def strict(contract, schema):
    """A schema without references that refuses properties it does not know."""
    if "$ref" in schema:
        *_, name = schema["$ref"].split("/")
        return strict(contract, contract["definitions"][name])
    closed = {"additionalProperties": False} if schema.get("type") == "object" else {}
    return {**schema, **closed}
