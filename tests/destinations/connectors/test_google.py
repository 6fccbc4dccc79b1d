"""A Google audience: people are taken out of it by requests that are asked about until they are done."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
import requests

from destinations.connectors.google import Google
from destinations.contract import Done, Identified, Job, Reason, Refused, Stuck
from destinations.sandbox import GoogleSandbox, running
from destinations.sandbox.exchange import Answer
from tests.destinations.connectors.conftest import IN, NOW, OUT, Engine, email, phone, wanted

IN_IT = Identified("external_id", "ads", "7")


@pytest.fixture
def sandbox(stack):
    sandbox = stack.enter_context(running(GoogleSandbox(fails_for="p5@example.org")))
    addresses = [f"p{number}@example.org" for number in range(8)]
    sandbox.seed({"members": [{"list": "9", "email": each} for each in addresses]})
    sandbox.seed({"members": [{"list": "9", "phone": "+12025550143"}]})
    return sandbox


def engine_for(sandbox, **settings):
    given = {
        "token_url": f"{sandbox.url}/token",
        "account_id": "123",
        "audience_id": "9",
        "service_account": sandbox.service_account,
        "audience_source": "ads",
    }
    return Engine(Google(), sandbox.url, **{**given, **settings})


@pytest.fixture
def engine(sandbox):
    return engine_for(sandbox)


def person(*identifiers, field=OUT, **more):
    return wanted(fields={"removed": field}, identifiers=[*identifiers, IN_IT], **more)


def is_in(sandbox, who):
    return sandbox.found([who]).record["in"]


def to_the_end(engine, *people):
    """Asked about again and again; each person's outcome, and how many rounds it took."""
    ended, waiting, rounds = dict[str, Any](), list(people), 0
    while waiting:
        engine.deliver(*waiting)
        ended |= {key: each for key, each in engine.outcomes.items() if not isinstance(each, Job)}
        tokens = {key: each.token for key, each in engine.outcomes.items() if isinstance(each, Job)}
        waiting = [replace(each, job=tokens[each.id]) for each in waiting if each.id in tokens]
        rounds += 1
        assert rounds < 20
    return ended, rounds


def test_a_no_is_a_request_that_is_asked_about_until_it_is_done(engine, sandbox):
    who = person(email("p1@example.org"), phone("+12025550143"))
    job = engine.deliver(who)
    assert isinstance(job, Job)
    assert job.after == 300

    ended, rounds = to_the_end(engine, replace(who, job=job.token))
    assert (ended[who.id], rounds) == (Done({}), 2)
    assert not is_in(sandbox, "email:p1@example.org")
    assert not is_in(sandbox, "phone:+12025550143")
    assert is_in(sandbox, "email:p2@example.org")


def test_only_hashes_leave(engine):
    engine.deliver(person(email("P1@example.org"), phone("+12025550143")))
    body = engine.calls[-1].json

    assert body == {
        "destinations": [
            {
                "operatingAccount": {"accountType": "GOOGLE_ADS", "accountId": "123"},
                "productDestinationId": "9",
            }
        ],
        "audienceMembers": [
            {
                "userData": {
                    "userIdentifiers": [
                        {"emailAddress": sha256(b"p1@example.org").hexdigest()},
                        {"phoneNumber": sha256(b"+12025550143").hexdigest()},
                    ]
                }
            }
        ],
        "encoding": "HEX",
        "validateOnly": False,
    }


def test_its_own_mailboxes_are_hashed_as_google_spells_them(engine):
    engine.deliver(person(email("Ana.Ruiz+visits@gmail.com")))
    [told] = engine.calls[-1].json["audienceMembers"]
    hashes = {each["emailAddress"] for each in told["userData"]["userIdentifiers"]}

    assert hashes == {
        sha256(each).hexdigest() for each in (b"anaruiz@gmail.com", b"anaruiz+visits@gmail.com")
    }


def test_an_address_that_came_meanwhile_is_sent_too(engine):
    who = person(email("p1@example.org"))
    job = engine.deliver(who)
    more = replace(who, job=job.token, identifiers=[*who.identifiers, email("p2@example.org")])
    engine.deliver(more)

    assert engine.made("POST")


def test_a_request_that_failed_is_taken_apart_until_the_one_is_found(engine, sandbox):
    people = [person(email(f"p{number}@example.org")) for number in range(8)]
    ended, rounds = to_the_end(engine, *people)

    assert [ended[each.id] for each in people if isinstance(ended[each.id], Stuck)] == [
        Stuck(Reason.REJECTED_DATA, "the request ended as FAILED")
    ]
    assert isinstance(ended[people[5].id], Stuck)
    assert not is_in(sandbox, "email:p4@example.org")
    assert rounds <= 10


def test_a_request_that_is_refused_for_one_is_halved(engine, sandbox, monkeypatch):
    people = [person(email(f"p{number}@example.org")) for number in range(4)]
    true, bad = sandbox.remove, sha256(b"p2@example.org").hexdigest()
    monkeypatch.setattr(
        sandbox,
        "remove",
        lambda request: sandbox.error(400) if bad in request.body.decode() else true(request),
    )
    engine.deliver(*people)

    assert [isinstance(engine.outcomes[each.id], Stuck) for each in people] == [False, False, True, False]
    assert engine.outcomes[people[2].id].detail == "HTTP 400 (INVALID_ARGUMENT)"


def test_who_is_not_known_to_be_in_it_is_never_named_and_nobody_is_put_in(engine):
    stranger = wanted(fields={"removed": OUT}, identifiers=[email("p1@example.org")])
    engine.deliver(stranger, person(email("p2@example.org"), field=IN))

    assert engine.outcomes[stranger.id] == Done({}, absent=True)
    assert engine.calls == []


@pytest.mark.parametrize("key", ["", "{}", '{"private_key": "x", "client_email": "a"}', "[]"])
def test_a_key_that_cannot_be_read_is_said(sandbox, key):
    engine = engine_for(sandbox, service_account=key)

    assert engine.deliver(person(email("p1@example.org"))).reason is Reason.REJECTED_AUTH
    assert engine.calls == []


def test_a_request_that_google_does_not_know_ends_the_turn(engine):
    who = person(email("p1@example.org"))
    job = engine.deliver(who)

    assert engine.deliver(replace(who, job=f"lost {job.token.split()[1]}")).reason is Reason.REJECTED_CONFIG


@pytest.mark.parametrize(
    "said", [{}, {"requestStatusPerDestination": []}, {"requestStatusPerDestination": "x"}]
)
def test_a_status_that_says_nothing_is_garbled(engine, sandbox, monkeypatch, said):
    who = person(email("p1@example.org"))
    job = engine.deliver(who)
    monkeypatch.setattr(sandbox, "status", lambda request: Answer(200, said))

    assert engine.deliver(replace(who, job=job.token)).reason is Reason.GARBLED


def probed(engine):
    steps, answer = engine.connector.probe(engine.settings, [], NOW), None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as done:
            return done.value
        answer = engine._answer(requests.Session(), step, 5)


def test_a_test_is_checked_by_google_and_not_done(engine, sandbox):
    engine.calls = []
    assert [each.ok for each in probed(engine)] == [True]
    assert engine.calls[-1].json["validateOnly"] is True
    assert sandbox.store.all("request") == []

    with pytest.raises(Refused):
        probed(engine_for(sandbox, audience_id=""))
