"""Calls that settings describe, against a system built in house."""

from dataclasses import replace

import pytest
import requests

from destinations.connectors.http import Http
from destinations.connectors.http_address import HttpAddress
from destinations.contract import Done, Field, Later, Reason, Stuck
from destinations.sandbox import HttpSandbox, running
from destinations.sandbox.exchange import Answer
from destinations.sandbox.faults import Fault
from tests.destinations.connectors.conftest import EARLIER, IN, LEAVE, OUT, Engine, email, known, mrn, wanted

OUT_OF_ALL = {"unsubscribed": OUT}


@pytest.fixture
def sandbox(stack):
    sandbox = stack.enter_context(running(HttpSandbox()))
    people = [
        {"number": "4711", "email": "ana@example.org"},
        {"number": "12"},
        {"number": "13", "locked": True},
    ]
    sandbox.seed({"people": people})
    return sandbox


def by_record(sandbox, **settings):
    described = {"method": "PUT", "path": "/people/{mrn}", "secret": "Bearer in-house", "absent": "404"}
    return Engine(Http(), sandbox.url, **{**described, "success": {"code": "ok"}, **settings})


def by_address(sandbox, **settings):
    described = {"path": "/addresses", "secret": "Bearer in-house", "body": {"email": "{email}"}}
    described |= {"items": "people", "results": "results", "success": {"code": "ok"}}
    return Engine(HttpAddress(), sandbox.url, **{**described, **settings})


def person(*numbers, fields=OUT_OF_ALL, **more):
    return wanted(fields=fields, identifiers=[mrn(each) for each in numbers], **more)


def record(sandbox, number="4711"):
    return sandbox.found([f"mrn:{number}"]).record


def test_an_opt_out_arrives_and_touches_nothing_beside_its_target(sandbox):
    outcome = by_record(sandbox).deliver(person("4711"))

    assert isinstance(outcome, Done)
    assert not outcome.absent
    assert record(sandbox) == {"number": "4711", "email": "ana@example.org", "unsubscribed": True}


def test_nobody_was_asked_and_nothing_is_called(sandbox):
    engine = by_record(sandbox)
    assert engine.deliver(person("4711", fields={})) == Done({})
    assert engine.deliver(person("4711", fields={"unsubscribed": LEAVE})) == Done({})
    assert engine.calls == []


def test_a_fact_goes_along_with_an_answer_and_never_alone(sandbox):
    engine, language = by_record(sandbox), {"language": Field("es", None, fact=True)}
    engine.deliver(person("4711", fields=language))
    assert engine.calls == []

    engine.deliver(person("4711", fields={**OUT_OF_ALL, **language}))
    assert record(sandbox)["language"] == "es"


def test_a_no_that_is_over_is_taken_back_where_only_heed_writes(sandbox):
    engine, who = by_record(sandbox, ours="yes"), person("4711")
    engine.deliver(who)
    outcome = engine.again(who, fields={})

    assert outcome == Done({})
    assert record(sandbox)["unsubscribed"] is False


def test_elsewhere_it_stays_and_staff_are_told(sandbox):
    engine, who = by_record(sandbox), person("4711")
    engine.deliver(who)

    for fields in ({}, {"unsubscribed": IN}):
        outcome = engine.again(replace(who, fields=fields))
        assert (outcome.reason, engine.calls) == (Reason.NEEDS_PERSON, [])
        assert record(sandbox)["unsubscribed"] is True
        engine.deliver(who)


def test_a_yes_is_written_only_where_only_heed_writes(sandbox):
    engine = by_record(sandbox)
    assert engine.deliver(person("4711", fields={"unsubscribed": IN})) == Done({})
    assert engine.calls == []

    by_record(sandbox, ours="yes").deliver(person("4711", fields={"unsubscribed": IN}))
    assert record(sandbox)["unsubscribed"] is False


def test_all_records_of_a_person_are_told(sandbox):
    by_record(sandbox).deliver(person("4711", "12"))

    assert [record(sandbox, each)["unsubscribed"] for each in ("12", "4711")] == [True, True]


def test_who_is_not_known_there_is_absent(sandbox):
    assert by_record(sandbox).deliver(person("99")) == Done({}, absent=True)
    assert by_record(sandbox).deliver(wanted(fields=OUT_OF_ALL, identifiers=[email("a@b.example")])) == Done(
        {}, absent=True
    )
    assert by_record(sandbox, absent="").deliver(person("99")).reason is Reason.REJECTED_CONFIG


def test_an_error_behind_a_200_is_an_error_for_that_person_alone(sandbox):
    locked, other = person("13"), person("12")
    engine = by_record(sandbox)
    engine.deliver(locked, other)

    assert engine.outcomes[locked.id] == Stuck(Reason.REJECTED_DATA, "code is not ok", {})
    assert isinstance(engine.outcomes[other.id], Done)


@pytest.mark.parametrize("number", ["a/b", "a b", "ä?x=1#y", "%2e%2e", "a..b", "{email}"])
def test_a_number_stays_one_segment_of_the_path(sandbox, number):
    sandbox.seed({"people": [{"number": number}]})
    by_record(sandbox).deliver(person(number))

    assert record(sandbox, number)["unsubscribed"] is True


@pytest.mark.parametrize("number", [".", ".."])
def test_a_number_that_would_lead_elsewhere_is_not_sent(sandbox, number):
    engine = by_record(sandbox)
    assert engine.deliver(person(number)).reason is Reason.REJECTED_DATA
    assert engine.calls == []


def test_an_apostrophe_does_not_end_a_key_of_odata(sandbox):
    engine = by_record(sandbox, path="/contacts(mrn='{mrn}')")
    engine.deliver(person("x') or ('1' eq '1"))

    assert engine.calls[0].path == "/contacts(mrn='x%27%27%29%20or%20%28%27%271%27%27%20eq%20%27%271')"


def test_a_form_says_the_same(sandbox):
    engine = by_record(sandbox, format="form", body={"flags[0].by": "Heed"})
    engine.deliver(person("4711"))

    assert engine.calls[0].form == {"flags[0].by": "Heed", "unsubscribed": "true"}
    assert record(sandbox)["unsubscribed"] == "true"


def test_addresses_go_together_and_each_has_its_result(sandbox):
    good, locked = wanted("ana@example.org", fields=OUT_OF_ALL), wanted("locked@x.example", fields=OUT_OF_ALL)
    engine = by_address(sandbox)
    engine.deliver(good, locked)

    assert len(engine.calls) == 1
    assert known(engine.outcomes[good.id])["unsubscribed"].wrote
    assert engine.outcomes[locked.id] == Stuck(Reason.REJECTED_DATA, "code is not ok", {})


def test_a_batch_that_is_refused_for_one_is_halved_until_that_one_is_found(sandbox):
    people = [wanted(f"p{number}@x.example", fields=OUT_OF_ALL) for number in range(15)]
    bad = wanted("bad@x.example", fields=OUT_OF_ALL)
    engine = by_address(sandbox)
    engine.deliver(*people, bad)

    assert [each for each in engine.outcomes.values() if not isinstance(each, Done)] == [
        engine.outcomes[bad.id]
    ]
    assert engine.outcomes[bad.id].reason is Reason.REJECTED_DATA
    assert len(engine.calls) == 9


def test_an_address_of_another_kind_is_not_told(sandbox):
    engine = by_address(sandbox)
    assert engine.deliver(wanted("+15550100123", fields=OUT_OF_ALL)) == Done({}, absent=True)
    assert engine.calls == []


def test_refused_addresses_that_an_answer_lists_are_refused(sandbox):
    engine = by_address(sandbox, results="", success={}, refused="bad.emails, none")
    listed, other = (wanted(each, fields=OUT_OF_ALL) for each in ("Ana@x.example", "bo@x.example"))
    sandbox.set_addresses = lambda request: Answer(200, {"bad": {"emails": ["ana@x.example"]}})
    engine.deliver(listed, other)

    assert engine.outcomes[listed.id].reason is Reason.REJECTED_DATA
    assert isinstance(engine.outcomes[other.id], Done)


def test_results_that_leave_somebody_out_are_no_yes(sandbox):
    sandbox.faults.set(Fault(partial=True))
    outcome = by_address(sandbox).deliver(*(wanted(f"{n}@x.example", fields=OUT_OF_ALL) for n in "ab"))

    assert outcome.reason is Reason.GARBLED


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(status=401), Reason.REJECTED_AUTH),
        (Fault(status=302), Reason.REJECTED_CONFIG),
        (Fault(status=429, retry_after=7), Reason.THROTTLED),
        (Fault(status=503), Reason.UNAVAILABLE),
        (Fault(garbage=True), Reason.GARBLED),
    ],
)
def test_what_concerns_everybody_ends_the_batch(sandbox, fault, reason):
    sandbox.faults.set(fault)
    engine = by_record(sandbox, success={})
    engine.deliver(person("4711"), person("12"))

    assert {each.reason for each in engine.outcomes.values()} == {reason}
    assert len(engine.calls) == 1
    first, second = engine.outcomes.values()
    assert bool(first.held) is isinstance(first, Later)  # it may have been taken
    assert second.held == {}


def test_a_lost_answer_leaves_a_no_that_is_taken_back_later(sandbox):
    sandbox.faults.set(Fault(hang=True, apply=True, times=1))
    engine, who = by_record(sandbox, ours="yes"), person("4711")
    engine.deliver(who, patience=0.3)
    assert engine.lost

    assert engine.again(who, fields={}) == Done({})
    assert record(sandbox)["unsubscribed"] is False


def test_a_token_is_bought_once_and_again_when_it_has_run_out(sandbox):
    engine = by_record(
        sandbox, token_url=f"{sandbox.url}/token", client_id="heed", scope="all", secret="in-house"
    )
    engine.deliver(person("4711"), person("12"))
    assert [call.path for call in engine.calls] == ["/token", "/people/4711", "/people/12"]

    sandbox.expire()
    assert isinstance(engine.deliver(person("4711")), Done)
    assert [call.path for call in engine.calls] == ["/people/4711", "/token", "/people/4711"]


def test_a_secret_that_is_not_accepted_is_told(sandbox):
    engine = by_record(sandbox, token_url=f"{sandbox.url}/token", client_id="heed", secret="other")

    assert engine.deliver(person("4711")) == Stuck(Reason.REJECTED_AUTH, "no token: HTTP 401", {})


@pytest.mark.parametrize(
    "settings",
    [
        {"method": "DELETE"},
        {"path": "/people"},
        {"path": "/people/{email}"},
        {"path": "/people/{mrn}/{id}"},
        {"path": "/people/{mrn}", "items": "people"},
        {"body": {"who": "{address}"}},
    ],
)
def test_settings_that_describe_no_call_send_nothing(sandbox, settings):
    engine = by_record(sandbox, **settings)
    assert engine.deliver(person("4711")).reason is Reason.REJECTED_CONFIG
    assert engine.calls == []


def test_two_values_in_one_place_send_nothing(sandbox):
    engine = by_record(sandbox, body={"unsubscribed.by": "Heed"})

    assert engine.deliver(person("4711")).reason is Reason.REJECTED_CONFIG
    assert engine.calls == []


def test_only_what_is_described_may_be_called(sandbox):
    engine = by_record(sandbox, token_url="https://login.example/oauth/token", test_path="/about?x=1")

    assert engine.connector.allowed(engine.settings) == ("PUT /people/*", "POST /oauth/token", "GET /about")
    assert by_record(sandbox, method="DELETE").connector.may_call == ()


def test_a_body_may_hold_lists_and_numbers(sandbox):
    engine = by_address(
        sandbox,
        path="/subscription/status/set",
        items="",
        results="",
        body={"email[0]": "{email}", "subscription_group_id": '"12"', "lists[0].id": "12"},
    )
    engine.deliver(
        wanted("ana@example.org", fields={"subscription_state": Field("unsubscribed", True, EARLIER)})
    )

    assert engine.calls[0].json == {
        "email": ["ana@example.org"],
        "subscription_group_id": "12",
        "lists": [{"id": 12}],
        "subscription_state": "unsubscribed",
    }


@pytest.mark.parametrize("engine_for", [by_record, by_address])
def test_a_rehearsal_makes_the_same_call_and_is_told_yes(sandbox, engine_for):
    engine = engine_for(sandbox)
    who = person("4711") if engine_for is by_record else wanted("ana@example.org", fields=OUT_OF_ALL)
    delivery = engine.connector.deliver([who], engine.settings)
    answer = engine.connector.rehearse(next(delivery), who, engine.settings)

    assert isinstance(delivery.send(answer).outcome, Done)


def test_a_test_of_the_connection_reads_what_is_about_nobody(sandbox):
    assert [each.ok for each in _probed(by_record(sandbox, test_path="/about"))] == [True]
    assert [each.ok for each in _probed(by_record(sandbox))] == [None]


def _probed(engine):
    steps, answer = engine.connector.probe(engine.settings, [], None), None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as done:
            return done.value
        answer = engine._answer(requests.Session(), step, 5)
