"""Signed webhooks, against the sandbox, the reference library and the published vector."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import standardwebhooks

from destinations.connectors.webhook import Webhook, signature
from destinations.contract import Done, Later, Reason, Stuck
from destinations.sandbox import WebhookSandbox, running
from destinations.sandbox.faults import Fault
from tests.destinations.connectors.conftest import Engine, wanted

SNAPSHOT = {
    "profile": "5b0e0b4e-7f3c-4e53-9f8f-0c8f6b1c2d3e",
    "identifiers": [{"kind": "email", "value": "zoë@example.org"}],
    "preferences": {"marketing_emails": {"email": {"state": "never_asked", "allowed": True}}},
    "restrictions": [],
}


@pytest.fixture
def sandbox(stack):
    return stack.enter_context(running(WebhookSandbox()))


@pytest.fixture
def engine(sandbox):
    return Engine(Webhook(), sandbox.url + "/hooks/heed", secret=sandbox.secret)


@pytest.fixture
def person():
    return wanted(snapshot=SNAPSHOT, now=datetime.now(UTC))  # receivers refuse what was signed long ago


def test_the_receiver_gets_the_whole_snapshot(engine, sandbox, person):
    assert engine.deliver(person) == Done()
    kept = sandbox.found(["email:zoë@example.org"]).record

    assert (kept["type"], kept["data"], kept["timestamp"]) == (
        "preferences.changed",
        SNAPSHOT,
        person.now.isoformat(),
    )


def test_the_reference_library_accepts_the_bytes_that_were_sent(engine, sandbox, person):
    engine.deliver(person)
    call = engine.calls[0]

    assert standardwebhooks.Webhook(sandbox.secret).verify(call.body, dict(call.headers)) == json.loads(
        call.body
    )


def test_the_published_vector_is_reproduced(published):
    vector = published("signature_vectors.json")["standard_webhooks"]
    parts = vector["id"], vector["timestamp"], vector["body"].encode()

    assert signature(vector["secret"], *parts) == vector["signature"]


def test_during_a_rotation_the_message_is_signed_with_both_secrets(sandbox, person):
    old = "whsec_" + "A" * 32
    Engine(Webhook(), sandbox.url + "/hooks/heed", secret=f"{old} {sandbox.secret}").deliver(person)
    engine = Engine(Webhook(), sandbox.url + "/hooks/heed", secret=f"{old} {sandbox.secret}")

    assert engine.deliver(person) == Done()
    assert len(engine.calls[0].headers["webhook-signature"].split()) == 2


def test_a_repeat_carries_the_same_id_and_is_kept_once(engine, sandbox, person):
    engine.deliver(person)
    first = engine.calls[0].headers["webhook-id"]
    engine.deliver(person)

    assert engine.calls[0].headers["webhook-id"] == first == f"{person.id}.1.{'d' * 16}"
    assert json.loads(engine.calls[0].body)["id"] == first
    assert sum(sandbox.calls.values()) == 1


def test_another_state_is_another_message(engine, sandbox, person):
    engine.deliver(person)
    engine.deliver(replace(person, counter=2))

    assert sum(sandbox.calls.values()) == 2


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(status=410), Stuck(Reason.REJECTED_CONFIG, "HTTP 410")),
        (Fault(status=429, retry_after=7), Later(Reason.THROTTLED, 7.0)),
        (Fault(status=503, retry_after=9), Later(Reason.UNAVAILABLE, 9.0, "HTTP 503")),
        (Fault(status=302), Stuck(Reason.REJECTED_CONFIG, "HTTP 302")),
        (Fault(status=400), Stuck(Reason.REJECTED_DATA, "HTTP 400")),
    ],
)
def test_every_other_answer_is_read_by_its_status(engine, sandbox, person, fault, outcome):
    sandbox.faults.set(fault)

    assert engine.deliver(person) == outcome


def test_a_secret_that_the_receiver_does_not_know_is_told(sandbox, person):
    engine = Engine(Webhook(), sandbox.url + "/hooks/heed", secret="whsec_" + "A" * 32)

    assert engine.deliver(person) == Stuck(Reason.REJECTED_AUTH, "HTTP 401")


@pytest.mark.parametrize("secret", ["whsec_not base64", "whsec_é", "whsec_", ""])
def test_a_secret_that_is_none_sends_nothing(sandbox, person, secret):
    engine = Engine(Webhook(), sandbox.url + "/hooks/heed", secret=secret)

    assert engine.deliver(person).reason is Reason.REJECTED_CONFIG
    assert engine.calls == []


def test_nothing_but_the_endpoint_itself_may_be_called():
    assert Webhook.may_call == ("POST ",)
