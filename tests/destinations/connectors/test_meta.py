"""A Meta audience: people are taken out of it, and nobody else is ever named."""

import json
from hashlib import sha256

import pytest
import requests

from destinations.connectors import CONNECTORS
from destinations.connectors.meta import Meta
from destinations.contract import Done, Identified, Reason, Stuck
from destinations.mappers import system_of
from destinations.mapping.checking import problems
from destinations.models import Propagation
from destinations.sandbox import MetaSandbox, running
from destinations.sandbox.exchange import Answer
from destinations.services import save_destination
from preferences.errors import Malformed
from tests.destinations.conftest import world
from tests.destinations.connectors.conftest import IN, LEAVE, OUT, Engine, email, phone, wanted
from tests.world import out

__all__ = ["world"]
ANA = "Ana@example.org"
IN_IT = Identified("external_id", "ads", "7")


@pytest.fixture
def sandbox(stack):
    sandbox = stack.enter_context(running(MetaSandbox()))
    sandbox.seed({"audiences": [{"id": "a1"}]})
    for number in range(20):
        sandbox.seed({"members": [{"audience": "a1", "email": f"p{number}@example.org"}]})
    sandbox.seed({"members": [{"audience": "a1", "email": ANA}, {"audience": "a1", "phone": "+12025550143"}]})
    return sandbox


def engine_for(sandbox, **settings):
    given = {"audience_id": "a1", "access_token": "EAAtest", "audience_source": "ads", **settings}
    return Engine(Meta(), sandbox.url, **given)


@pytest.fixture
def engine(sandbox):
    return engine_for(sandbox)


def person(*identifiers, field=OUT):
    return wanted(fields={"removed": field}, identifiers=[*identifiers, IN_IT])


def is_in(sandbox, who):
    return sandbox.found([who]).record["in"]


def test_who_says_no_is_taken_out_by_every_address(engine, sandbox):
    assert engine.deliver(person(email(ANA, current=False), phone("+12025550143"))) == Done({})

    assert not is_in(sandbox, "email:ana@example.org")
    assert not is_in(sandbox, "phone:+12025550143")
    assert is_in(sandbox, "email:p1@example.org")


def test_only_hashes_leave_and_no_word_of_a_category(engine):
    engine.deliver(person(email(ANA)))
    [call] = engine.calls

    told = json.loads(call.form["payload"])
    assert told == {
        "schema": ["EMAIL_SHA256", "PHONE_SHA256"],
        "data": [[sha256(b"ana@example.org").hexdigest(), ""]],
    }
    assert set(call.form) == {"payload"}


def test_who_is_not_known_to_be_in_it_is_never_named(sandbox, engine):
    stranger = wanted(
        fields={"removed": OUT}, identifiers=[email(ANA), Identified("external_id", "crm", "7")]
    )
    assert engine.deliver(stranger) == Done({}, absent=True)
    assert engine.calls == []

    unset = engine_for(sandbox, audience_source="")
    nameless = wanted(fields={"removed": OUT}, identifiers=[email(ANA), Identified("external_id", "", "7")])
    assert unset.deliver(nameless) == Done({}, absent=True)
    assert unset.calls == []


@pytest.mark.parametrize("fields", [{}, {"removed": IN}, {"removed": LEAVE}])
def test_nobody_is_put_in_and_a_yes_says_nothing(engine, fields):
    who = wanted(fields=fields, identifiers=[email(ANA), IN_IT])

    assert engine.deliver(who) == Done({})
    assert engine.calls == []


def test_one_that_cannot_be_read_is_found_by_halves(engine, sandbox, monkeypatch):
    people = [person(email(f"p{number}@example.org")) for number in range(16)]
    true, bad = sandbox.remove, sha256(b"p5@example.org").hexdigest()

    def spoilt(request, **parts):
        return (
            sandbox.error(400, "Invalid parameter")
            if bad in request.body.decode()
            else true(request, **parts)
        )

    monkeypatch.setattr(sandbox, "remove", spoilt)
    engine.deliver(*people)

    assert [each.reason for each in engine.outcomes.values() if isinstance(each, Stuck)] == [
        Reason.REJECTED_DATA
    ]
    assert isinstance(engine.outcomes[people[5].id], Stuck)
    assert not is_in(sandbox, "email:p6@example.org")
    assert len(engine.calls) == 9


def test_an_audience_that_was_flagged_is_for_a_person(engine, sandbox):
    sandbox.seed({"audiences": [{"id": "a1", "flagged": True}]})
    people = person(email("p1@example.org")), person(email("p2@example.org"))
    engine.deliver(*people)

    assert {each.reason for each in engine.outcomes.values()} == {Reason.REJECTED_CONFIG}
    assert "has flagged this audience" in engine.outcomes[people[0].id].detail
    assert len(engine.calls) == 1
    assert [each.ok for each in probed(engine)] == [False]


def probed(engine):
    steps, answer = engine.connector.probe(engine.settings, [], None), None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as done:
            return done.value
        answer = engine._answer(requests.Session(), step, 5)


def test_a_test_reads_the_audience(engine):
    assert [each.ok for each in probed(engine)] == [True]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"code": 190}, Reason.REJECTED_AUTH),
        ({"code": 17}, Reason.THROTTLED),
        ({"code": 2}, Reason.UNAVAILABLE),
        ({"code": 99, "is_transient": True}, Reason.UNAVAILABLE),
        ({"code": 100, "error_subcode": 33}, Reason.REJECTED_CONFIG),
        ({"code": 2635}, Reason.REJECTED_CONFIG),
        ({"code": 100, "message": "ana@example.org"}, Reason.REJECTED_DATA),
    ],
)
def test_refusals_are_read_by_their_code(engine, sandbox, monkeypatch, error, reason):
    monkeypatch.setattr(sandbox, "remove", lambda request, **parts: Answer(400, {"error": error}))
    outcome = engine.deliver(person(email(ANA)))

    assert outcome.reason is reason
    assert "ana@" not in outcome.detail


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"num_received": 0, "num_invalid_entries": 0}, Reason.GARBLED),
        ({}, Reason.GARBLED),
        ({"num_received": 1, "num_invalid_entries": 1}, Reason.REJECTED_DATA),
    ],
)
def test_a_yes_that_is_none(engine, sandbox, monkeypatch, said, reason):
    monkeypatch.setattr(sandbox, "remove", lambda request, **parts: Answer(200, said))

    assert engine.deliver(person(email(ANA))).reason is reason


# --- what both audiences declare ---

ADS = {
    "meta": ({"audience_id": "a1"}, {"access_token": "EAA"}),
    "google": ({"account_id": "1", "audience_id": "2"}, {"service_account": "{}"}),
}


def connect(connector, **more):
    given, secrets = ADS[connector]
    facts = {
        "connector": connector,
        "slug": "ads",
        "name": "Ads",
        "public_label": "Our advertising",
        "purpose": "advertising",
        "state": "live",
        "settings": given,
        "secrets": secrets,
        "author": "ana",
    }
    return save_destination(**{**facts, **more})


def test_a_no_on_the_page_takes_them_out(world, sandbox, settings):
    settings.HEED_PRIVATE_HOSTS = {"ads": [sandbox.url.removeprefix("http://")]}
    given = {"base_url": sandbox.url, "audience_id": "a1", "audience_source": "crm"}
    connect("meta", settings=given)
    ana = world.registers(source="crm", external_id="7", email="p1@example.org").profile_id
    other = world.registers(source="ehr", mrn="RH2", email="p2@example.org").profile_id
    for who in (ana, other):
        world.chooses(who, out("sale_or_sharing"))
    world.drain()

    assert not is_in(sandbox, "email:p1@example.org")
    assert is_in(sandbox, "email:p2@example.org")
    rows = Propagation.objects.filter(destination__slug="ads")
    assert dict(rows.values_list("identifier", "state")) == {ana: "acknowledged", other: "absent"}


@pytest.mark.parametrize("connector", ADS)
def test_it_goes_live_without_an_agreement_for_no_health_information_goes_there(world, connector):
    assert connect(connector).state == "live"
    assert not CONNECTORS[connector].health_information
    with pytest.raises(Malformed):
        world.saves("sendgrid", agreement="")


@pytest.mark.parametrize("connector", ADS)
@pytest.mark.parametrize(
    "row",
    [
        {"target": "removed", "source": "answer:sensitive_data:"},
        {"target": "removed", "source": "answer:marketing_emails:email"},
        {"target": "removed", "source": "deceased"},
        {
            "target": "removed",
            "source": "yes",
            "steps": [{"do": "when", "answer": "answer:patient_surveys:email"}],
        },
        {"target": "name", "source": "answer:sale_or_sharing:"},
    ],
)
def test_its_rows_take_the_answer_on_sale_and_sharing_alone(world, connector, row):
    system = system_of(connect(connector))

    assert problems({"rows": [row]}, system)
    assert not problems({"rows": [dict(each) for each in system.connector.rows]}, system)
