"""SMART backend services: Heed signs in with a key of its own, and the server checks all of it."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from destinations.assertions import assertion, public_key
from destinations.connectors.fhir import Fhir
from destinations.connectors.fhir.server import CLIENT_ASSERTION
from destinations.contract import Done, Later, Reason, Refused, Stuck
from destinations.sandbox import FhirSandbox, running
from destinations.sandbox.exchange import Answer
from destinations.sandbox.faults import Fault
from tests.destinations.connectors.conftest import OUT, Engine, mrn, wanted
from tests.destinations.connectors.smart import PEM, SIGNS_IN, pem_of, registered

SYSTEM, SALE = "urn:hospital:mrn", "sale_or_sharing."
PATIENTS = [{"id": f"p{n}", "identifier": [{"system": SYSTEM, "value": str(n)}]} for n in range(3)]
OTHER = pem_of(rsa.generate_private_key(65537, 2048))
NAMED = {"organisation": "St. Mary", "mrn_systems": {"st-mary": SYSTEM}}


@pytest.fixture
def sandbox(stack):
    sandbox = stack.enter_context(running(FhirSandbox()))
    sandbox.seed({"Patient": PATIENTS, **registered()})
    return sandbox


@pytest.fixture
def engine(sandbox):
    return Engine(Fhir(), sandbox.url, **NAMED, **SIGNS_IN)


def person(number=0):
    return wanted(fields={SALE: OUT}, identifiers=[mrn(str(number))], now=datetime.now(UTC))


def calls(engine):
    return [f"{call.method} {call.path}".strip() for call in engine.calls]


def sign_ins(engine):
    return [call for call in engine.calls if call.form]


@pytest.mark.parametrize("pem", [PEM, OTHER], ids=["ES384", "RS384"])
def test_it_finds_out_where_tokens_come_from_and_proves_itself(engine, sandbox, pem):
    sandbox.seed(registered(pem))
    engine.settings.values = {**engine.settings.values, "private_key": pem}

    assert isinstance(engine.deliver(person()), Done)
    assert calls(engine)[:3] == ["GET /.well-known/smart-configuration", "POST", "GET /Patient"]
    assert sign_ins(engine)[0].form["scope"] == "system/Patient.rs system/Consent.crus"


def test_one_token_serves_many_people_and_the_next_batch(engine):
    engine.deliver(person(0), person(1))
    first = len(sign_ins(engine))
    engine.deliver(person(2))

    assert (first, len(sign_ins(engine))) == (1, 0)


def test_where_the_token_address_is_entered_nothing_is_looked_up(sandbox):
    engine = Engine(Fhir(), sandbox.url, **NAMED, **SIGNS_IN, token_url=f"{sandbox.url}/token")

    assert isinstance(engine.deliver(person()), Done)
    assert calls(engine)[0] == "POST"


def test_a_token_that_ends_amid_a_batch_is_renewed_once(engine, sandbox):
    engine.before[4] = sandbox.end_sessions
    engine.deliver(person(0), person(1), person(2))

    assert [type(each) for each in engine.outcomes.values()] == [Done] * 3
    assert len(sign_ins(engine)) == 2


def test_a_server_that_refuses_every_token_is_not_asked_for_ever(engine, sandbox):
    engine.deliver(person())
    sandbox.faults.set(Fault(status=401))
    outcome = engine.deliver(person(1))

    assert (outcome.reason, len(engine.calls)) == (Reason.REJECTED_AUTH, 2)


@pytest.mark.parametrize(
    "known",
    [{"Client": [{"id": "heed", "jwks": {"keys": []}}]}, registered(OTHER), registered(OTHER, "heed-1")],
    ids=["revoked", "another key", "another key of the same name"],
)
def test_a_key_that_is_not_in_force_there_is_said_in_words_that_help(sandbox, known):
    sandbox.seed(known)
    engine = Engine(Fhir(), sandbox.url, **NAMED, **SIGNS_IN, kid="heed-1")
    outcome = engine.deliver(person())

    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.REJECTED_AUTH
    assert outcome.detail.startswith("invalid_client at sign-in: is this public key registered")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"private_key": "-----BEGIN PRIVATE KEY-----"}, "the private key cannot be read"),
        ({"private_key": pem_of(ec.generate_private_key(ec.SECP256R1()))}, "RSA of 2048 bits or more, or on"),
        ({"private_key": ""}, "enter a bearer token, or a client id and its private key"),
        ({"client_id": ""}, "enter a bearer token, or a client id and its private key"),
    ],
)
def test_what_staff_must_put_right_is_said(engine, changed, words):
    engine.settings.values = {**engine.settings.values, **changed}
    outcome = engine.deliver(person())

    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.REJECTED_CONFIG
    assert words in outcome.detail


@pytest.mark.parametrize("said", [{}, {"token_endpoint": 7}, None], ids=["no address", "a number", "404"])
def test_a_server_that_does_not_say_where_tokens_come_from(engine, sandbox, monkeypatch, said):
    silent = Answer(404) if said is None else Answer(body=said)
    monkeypatch.setattr(FhirSandbox, "smart", lambda self, request: silent)
    outcome = engine.deliver(person())

    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.REJECTED_CONFIG
    assert outcome.detail.endswith("where tokens come from: enter the token address")


def test_a_token_service_that_is_down_is_tried_later(engine, sandbox):
    engine.before[2] = lambda: sandbox.faults.set(Fault(status=503, times=1))
    outcome = engine.deliver(person())

    assert isinstance(outcome, Later)
    assert outcome.reason is Reason.UNAVAILABLE


def signing_in(sandbox, proof, **changed):
    form = {"grant_type": "client_credentials", "client_assertion_type": CLIENT_ASSERTION}
    return requests.post(
        f"{sandbox.url}/token", data={**form, "client_assertion": proof, **changed}, timeout=5
    )


def test_the_sandbox_takes_a_proof_once_and_only_a_whole_one(sandbox):
    now, here = datetime.now(UTC), f"{sandbox.url}/token"
    proof = assertion(PEM, "heed", here, now)
    told = [
        signing_in(sandbox, proof),
        signing_in(sandbox, proof),
        signing_in(sandbox, assertion(PEM, "heed", "https://elsewhere.example/token", now)),
        signing_in(sandbox, assertion(PEM, "somebody", here, now)),
        signing_in(sandbox, assertion(PEM, "heed", here, now - timedelta(minutes=5))),
        signing_in(sandbox, assertion(PEM, "heed", here, now + timedelta(minutes=5))),
        signing_in(sandbox, assertion(PEM, "heed", here, now), client_assertion_type="jwt"),
    ]

    assert [each.status_code for each in told] == [200, 400, 400, 400, 400, 400, 400]
    assert {each.json()["error"] for each in told[1:]} == {"invalid_client"}


def test_a_test_of_the_connection_signs_in(engine, sandbox):
    assert "Heed's key is accepted: the server has given it a token." in [
        each.words for each in engine.probe()
    ]

    sandbox.end_sessions()
    sandbox.seed(registered(OTHER))
    engine.settings.memory.clear()
    with pytest.raises(Refused):
        engine.probe()


def test_a_key_without_its_line_breaks_is_read_and_a_new_key_has_a_name_of_its_own():
    flat = public_key(PEM.replace("\n", ""))

    assert flat == public_key(PEM)
    assert flat["kid"] != public_key(OTHER)["kid"]
    assert set(flat) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
