"""Systems that are sent events: what leaves, what never does, and how their answers are read."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest

from destinations.contract import Done, Identified, Job, Later, Reason, Settings, Stuck
from destinations.sandbox import running
from destinations.sandbox.exchange import Answer
from destinations.sandbox.faults import Fault
from tests.destinations.connectors.conftest import email, happened, phone
from tests.destinations.connectors.scenes import EVENTS

ANA = email("Ana@example.org")
BROWSER = Identified("anonymous_id", "web", "b1")
USER = Identified("external_id", "crm", "7")
NO, YES = {"sale_or_sharing": "denied"}, {"sale_or_sharing": "granted"}


@pytest.fixture
def connected(stack):
    def connected(slug, **settings):
        sandbox = stack.enter_context(running(EVENTS[slug].made()))
        engine = EVENTS[slug].engine(slug, sandbox)
        engine.settings = Settings({**engine.settings.values, **settings})
        return engine, sandbox

    return connected


def body(engine):
    [call] = engine.calls
    return call.json if call.json is not None else json.loads(call.body)


# --- Meta ---


def test_meta_is_told_hashes_the_browsers_own_marks_and_what_is_plain(connected):
    engine, sandbox = connected("meta_conversions", names={"appointment_booked": "Schedule"})
    properties = {
        "value": 40,
        "mrn": "4711",
        "fbp": "fb.1.2",
        "context.ip": "192.0.2.7",
        "context.userAgent": "Firefox",
        "context.page.url": "https://clinic.example/book?name=Ana#x",
    }
    event = happened(
        "appointment_booked",
        ANA,
        phone("+12025550143"),
        USER,
        properties=properties,
        plain=frozenset({"value", "context.page.url"}),
    )
    assert engine.deliver(event) == Done()

    [told] = body(engine)["data"]
    assert told == {
        "event_name": "Schedule",
        "event_time": int(event.occurred_at.timestamp()),
        "event_id": event.id,
        "action_source": "website",
        "event_source_url": "https://clinic.example/book",
        "user_data": {
            "em": [sha256(b"ana@example.org").hexdigest()],
            "ph": [sha256(b"12025550143").hexdigest()],
            "external_id": [sha256(b"7").hexdigest()],
            "client_ip_address": "192.0.2.7",
            "client_user_agent": "Firefox",
            "fbp": "fb.1.2",
        },
        "custom_data": {"value": 40},
        "data_processing_options": ["LDU"],
        "data_processing_options_country": 0,
        "data_processing_options_state": 0,
    }
    assert [each["name"] for each in sandbox.events] == ["Schedule"]


@pytest.mark.parametrize(
    ("jurisdiction", "consents", "flags"),
    [
        ("US-CA", {}, (["LDU"], 1, 1000)),
        ("US-CA", NO, (["LDU"], 1, 1000)),
        ("US-MT", NO, (["LDU"], 1, 1006)),
        ("US-CA", YES, None),
        ("US-NY", {}, (["LDU"], 0, 0)),
        ("US-NY", YES, None),
        ("", {}, (["LDU"], 0, 0)),
    ],
)
def test_limited_data_use_is_asked_for_unless_they_said_yes_and_never_by_an_empty_list(
    connected, jurisdiction, consents, flags
):
    engine, _ = connected("meta_conversions")
    engine.deliver(happened("x", ANA, jurisdiction=jurisdiction, consents=consents))

    [told] = body(engine)["data"]
    names = [f"data_processing_options{each}" for each in ("", "_country", "_state")]
    assert [told.get(name, "none") for name in names] == (list(flags) if flags else ["none"] * 3)


@pytest.mark.parametrize("jurisdiction", ["US-NY", "US-WA", ""])
def test_who_said_no_where_the_flag_does_not_bind_is_never_sent(connected, jurisdiction):
    engine, sandbox = connected("meta_conversions")
    opted_out = happened("x", ANA, jurisdiction=jurisdiction, consents=NO)
    other = happened("x", email("ben@example.org"))
    engine.deliver(opted_out, other)

    assert engine.outcomes[opted_out.id].reason is Reason.WITHHELD
    assert engine.outcomes[other.id] == Done()
    assert len(sandbox.events) == 1


def test_an_event_of_nobody_does_not_spoil_the_others(connected):
    engine, sandbox = connected("meta_conversions")
    nobody, ana = happened("x"), happened("x", ANA)
    engine.deliver(nobody, ana)

    assert engine.outcomes[nobody.id].reason is Reason.WITHHELD
    assert len(sandbox.events) == 1


def test_one_bad_event_refuses_meta_all_and_a_repeat_is_taken_once(connected):
    engine, sandbox = connected("meta_conversions")
    old = happened("x", ANA)
    old = happened("x", ANA, occurred_at=old.now - timedelta(days=8))
    good = happened("x", ANA)
    engine.deliver(good, old)
    assert {each.reason for each in engine.outcomes.values()} == {Reason.REJECTED_DATA}
    assert sandbox.events == []

    assert engine.deliver(good) == Done()
    assert engine.deliver(good) == Done()
    assert len(sandbox.events) == 1


def test_meta_that_does_not_say_that_it_has_all_is_asked_again(connected, monkeypatch):
    engine, sandbox = connected("meta_conversions")
    monkeypatch.setattr(sandbox, "take", lambda request, **parts: Answer(200, {"events_received": 0}))

    assert engine.deliver(happened("x", ANA)).reason is Reason.GARBLED


# --- GA4 ---


def test_ga4_is_told_of_a_browser_and_of_listed_plain_properties(connected):
    engine, sandbox = connected("ga4", params={"value": "value", "clinic": "place", "note": "note"})
    properties = {"value": 40, "clinic": "ana@example.org", "other": "1", "context.ip": "192.0.2.7"}
    event = happened(
        "booked", ANA, BROWSER, properties=properties, plain=frozenset({"value", "other"}), consents=YES
    )
    assert engine.deliver(event) == Done()

    assert body(engine) == {
        "client_id": "b1",
        "consent": {"ad_user_data": "GRANTED", "ad_personalization": "GRANTED"},
        "events": [
            {
                "name": "booked",
                "timestamp_micros": int(event.occurred_at.timestamp() * 1_000_000),
                "params": {"value": 40, "event_id": event.id},
            }
        ],
    }
    assert sandbox.dropped == []


@pytest.mark.parametrize("consents", [{}, NO, {"sale_or_sharing": "unasked"}])
def test_google_hears_denied_unless_they_said_yes(connected, consents):
    ga4, _ = connected("ga4")
    ga4.deliver(happened("x", BROWSER, consents=consents))
    assert set(body(ga4)["consent"].values()) == {"DENIED"}

    google, sandbox = connected("google_events")
    google.deliver(happened("x", ANA, consents=consents))
    assert set(sandbox.events[0]["event"]["consent"].values()) == {"CONSENT_DENIED"}


def test_ga4_gets_nothing_of_somebody_without_a_browser_nor_under_a_name_it_drops(connected):
    engine, sandbox = connected("ga4")
    batch = [happened("x", ANA), happened("no spaces", BROWSER), happened("ga_x", BROWSER)]
    engine.deliver(*batch)

    assert {each.reason for each in engine.outcomes.values()} == {Reason.WITHHELD}
    assert engine.calls == []


def test_ga4_is_told_at_most_25_events_a_call_in_their_order(connected):
    engine, sandbox = connected("ga4")
    other = Identified("anonymous_id", "web", "b2")
    batch = [
        *(happened(f"a{n}", BROWSER) for n in range(30)),
        happened("b", other),
        happened("c", BROWSER, consents=YES),
    ]
    engine.deliver(*batch)

    assert [len(call.json["events"]) for call in engine.calls] == [25, 5, 1, 1]
    assert [each["name"] for each in sandbox.events] == [each.name for each in batch]


def test_the_client_id_may_stand_in_a_property(connected):
    engine, _ = connected("ga4", client_id="context.ga")
    engine.deliver(happened("x", BROWSER, properties={"context.ga": "555.123"}))

    assert body(engine)["client_id"] == "555.123"


# --- Data Manager ---


def test_a_conversion_is_taken_and_asked_about_until_it_is_kept(connected):
    engine, sandbox = connected("google_events")
    properties = {"gclid": "click", "value": 40.5, "currency": "USD"}
    event = happened("booked", email("A.na+x@gmail.com"), properties=properties)
    outcome = engine.deliver(event)
    assert isinstance(outcome, Job)
    [told] = [each["event"] for each in sandbox.events]
    assert told["transactionId"] == event.id
    assert told["adIdentifiers"] == {"gclid": "click"}
    assert (told["conversionValue"], told["currency"]) == (40.5, "USD")
    hashes = {each["emailAddress"] for each in told["userData"]["userIdentifiers"]}
    assert hashes == {sha256(b"ana@gmail.com").hexdigest(), sha256(b"ana+x@gmail.com").hexdigest()}

    waits = happened(id=event.id, job=outcome.token)
    assert isinstance(engine.deliver(waits), Job)
    assert engine.deliver(waits) == Done({})


def test_a_request_that_failed_afterwards_goes_again_by_halves(connected, stack):
    engine, sandbox = connected("google_events")
    sandbox.fails_for = sha256(b"bad@example.org").hexdigest()
    batch = [happened("x", email(f"p{n}@example.org")) for n in range(3)]
    batch.append(happened("x", email("bad@example.org")))
    for _ in range(12):
        engine.deliver(*batch)
        jobs = {each.id: engine.outcomes[each.id] for each in batch}
        batch = [
            happened(each.name, *each.identifiers, id=each.id, job=jobs[each.id].token)
            for each in batch
            if isinstance(jobs[each.id], Job)
        ]
        if not batch:
            break

    assert len(sandbox.events) == 3
    assert isinstance(next(iter(jobs.values())), Stuck | Done)


def test_google_takes_no_event_of_nobody(connected):
    engine, _ = connected("google_events")

    assert engine.deliver(happened("x", BROWSER)).reason is Reason.WITHHELD
    assert engine.calls == []


# --- Segment ---


def test_segment_is_told_as_its_own_libraries_would(connected):
    engine, sandbox = connected("segment")
    other = Identified("external_id", "ehr", "MRN-1")
    properties = {"value": 40, "cart.size": 2, "context.page.path": "/book"}
    consents = {**NO, "sensitive_data": "unasked"}
    event = happened(
        "booked",
        USER,
        other,
        BROWSER,
        ANA,
        properties=properties,
        consents=consents,
    )
    assert engine.deliver(event) == Done()

    assert body(engine)["batch"] == [
        {
            "type": "track",
            "event": "booked",
            "messageId": event.id,
            "timestamp": event.occurred_at.isoformat(),
            "userId": "7",
            "anonymousId": "b1",
            "properties": {"value": 40, "cart": {"size": 2}},
            "context": {
                "page": {"path": "/book"},
                "consent": {"categoryPreferences": {"sale_or_sharing": False}},
            },
        }
    ]
    assert len(sandbox.events) == 1


def test_a_page_keeps_its_name(connected):
    engine, _ = connected("segment")
    engine.deliver(happened("page_viewed", USER, kind="page", properties={"name": "Home"}))

    [told] = body(engine)["batch"]
    assert (told["type"], told["name"]) == ("page", "Home")
    assert "event" not in told


def test_segment_is_never_sent_more_than_it_takes(connected):
    engine, sandbox = connected("segment")
    large = [happened("x", USER, properties={"text": "x" * 30_000}) for _ in range(40)]
    too_large = happened("x", USER, properties={"text": "x" * 32_000})
    nobody = happened("x", ANA)
    engine.deliver(*large, too_large, nobody)

    assert engine.outcomes[too_large.id].reason is Reason.REJECTED_DATA
    assert engine.outcomes[nobody.id].reason is Reason.WITHHELD
    assert len(sandbox.events) == 40
    assert len(engine.calls) == 3


# --- webhook ---


def test_a_webhook_is_signed_and_carries_the_events_own_id(connected):
    engine, sandbox = connected("webhook")
    event = happened("booked", ANA, properties={"value": 40}, consents=YES, jurisdiction="US-CA")
    assert engine.deliver(event) == Done()
    assert engine.deliver(event) == Done()

    told = body(engine)
    assert (told["type"], told["id"]) == ("event.tracked", event.id)
    assert told["data"] == {
        "event": "booked",
        "kind": "track",
        "occurred_at": event.occurred_at.isoformat(),
        "identifiers": [{"kind": "email", "namespace": "", "value": "Ana@example.org"}],
        "properties": {"value": 40},
        "consents": YES,
        "jurisdiction": "US-CA",
    }
    assert len(sandbox.events) == 1


@pytest.mark.parametrize("slug", ["webhook", "ga4"])
def test_what_comes_after_one_that_must_wait_waits_too(connected, slug):
    engine, sandbox = connected(slug)
    batch = [happened(f"x{n}", Identified("anonymous_id", "web", str(n))) for n in range(3)]
    engine.before[2] = lambda: sandbox.faults.set(Fault(status=503, times=1))
    engine.deliver(*batch)

    assert isinstance(engine.outcomes[batch[1].id], Later)
    assert batch[2].id not in engine.outcomes
    assert [each["name"] for each in sandbox.events] == ["x0"]


@pytest.mark.parametrize("slug", [slug for slug in EVENTS if slug != "webhook"])
def test_a_test_of_the_connection_says_nothing_of_anybody(connected, slug):
    engine, sandbox = connected(slug)

    assert all(each.ok for each in engine.probe())
    assert sandbox.events == []
