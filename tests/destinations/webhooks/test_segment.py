"""What Segment's Webhooks destination says. The fixtures have the shape of its specification."""

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from destinations.models import Inbound, InboundEvent
from destinations.services.hearing import hear, read_again
from destinations.services.listening import save_inbound
from preferences import selectors
from preferences.identity import named
from preferences.models import Change, Review
from preferences.services import Choice, identify
from preferences.services.calls import Call
from preferences.terms import Actor, State
from tests.factories import PatientFactory, SaidFactory

FIXTURES = Path(__file__).parent / "fixtures" / "segment"
CATEGORIES = {
    "Newsletter": "marketing_emails email",
    "Advertising": "sale_or_sharing",
    "Reminders": "appointment_reminders sms",
}
SECRET = "a-shared-secret"


@pytest.fixture
def segment(db: None, client: Client) -> Callable[..., Any]:
    """Segment posts one of its events, signed as it signs; then it is read."""
    save_inbound(
        slug="segment",
        name="Segment",
        vendor="segment",
        settings={"categories": CATEGORIES, "namespace": "ehr"},
        secrets={"secret": SECRET},
        speaks_for_person=True,
    )

    def tell(name: str, *, secret: str = SECRET, body: bytes = b"", **more: Any) -> Any:
        event = {**json.loads((FIXTURES / f"{name}.json").read_text()), **more}
        body = body or json.dumps(event, separators=(",", ":")).encode()
        signed = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
        headers = {"X-Signature": signed, "User-Agent": "Segment.io/1.0"}
        answer = client.post("/inbound/segment", body, content_type="application/json", headers=headers)
        hear()
        return answer

    return tell


@pytest.fixture
def pat(db: None) -> Any:
    return PatientFactory.create(
        external_id="patient-1042", email="pat@riverside.example", jurisdiction="US-CA"
    )


def allowed(who: Any, category: str, channel: str = "") -> bool:
    return selectors.decide(who.id, category, channel).allowed


def test_what_somebody_decided_counts_by_category_and_channel_from_its_own_date(segment, pat):
    assert segment("consent_updated").status_code == 200
    assert not allowed(pat, "marketing_emails", "email")
    assert not allowed(pat, "sale_or_sharing")
    assert allowed(pat, "appointment_reminders", "sms")
    change = Change.objects.latest("id")
    assert change.occurred_at.isoformat() == "2026-05-01T09:30:00.630000+00:00"


def test_a_yes_counts_from_that_event(segment, pat):
    said = SaidFactory.create(by=Actor.PERSON)
    no = Choice("appointment_reminders", "sms", State.OUT)
    identify(call=Call((named("email", pat.email),), (no,)), said=said)
    segment("consent_updated", timestamp="2031-01-01T00:00:00Z")
    assert allowed(pat, "appointment_reminders", "sms")


def test_an_identify_that_restates_a_yes_turns_nothing_on(segment, pat):
    said = SaidFactory.create(by=Actor.PERSON)
    no = Choice("appointment_reminders", "sms", State.OUT)
    identify(call=Call((named("email", pat.email),), (no,)), said=said)
    segment("identify", timestamp="2031-01-01T00:00:00Z")
    assert not allowed(pat, "appointment_reminders", "sms")
    assert not allowed(pat, "marketing_emails", "email")  # its no counts
    assert allowed(pat, "sale_or_sharing")


def test_the_same_event_twice_counts_once(segment, pat):
    segment("consent_updated")
    before = Change.objects.count()
    segment("consent_updated")
    assert Change.objects.count() == before
    assert InboundEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("page", {}),
        ("identify", {"context": {}}),
        ("consent_updated", {"event": "Appointment Booked"}),
        ("page", {"type": "alias"}),
        ("page", {"type": "group"}),
    ],
)
def test_what_nobody_decided_means_nothing(segment, pat, name, more):
    before = Change.objects.count()
    segment(name, **more)
    assert InboundEvent.objects.get().state == "nothing"
    assert Change.objects.count() == before


@pytest.mark.parametrize("kind", ["delete", "audience_entered"])
def test_what_heed_does_not_know_is_kept_for_staff(segment, pat, kind):
    segment("delete", type=kind)
    event = InboundEvent.objects.get()
    assert (event.state, event.event) == ("kept", kind)


def test_a_category_that_is_mapped_to_none_is_put_before_staff_and_counts_once_it_is(segment, pat):
    consent = {"consent": {"categoryPreferences": {"C0004": False}}}
    segment("consent_updated", context=consent)
    event = InboundEvent.objects.get()
    assert event.state == "kept"
    assert Review.objects.filter(kind=Review.Kind.OPT_OUT_UNPLACED).exists()
    inbound = Inbound.objects.get()
    inbound.settings["categories"]["C0004"] = "patient_surveys"
    inbound.save()
    read_again(event=event, by="nurse")
    hear()
    assert not allowed(pat, "patient_surveys", "sms")


def test_an_event_about_a_browser_alone_is_about_that_browser(segment, db):
    segment("consent_updated", userId=None)
    assert InboundEvent.objects.get().state == "counted"


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"userId": None, "anonymousId": None}, "names nobody"),
        ({"context": {"consent": {"categoryPreferences": [1]}}}, "an object was expected"),
        ({"context": {"consent": {"categoryPreferences": {"Newsletter": "no"}}}}, "true or false"),
    ],
)
def test_what_cannot_be_read_is_kept_with_the_reason(segment, pat, more, fault):
    segment("consent_updated", **more)
    event = InboundEvent.objects.get()
    assert event.state == "kept"
    assert fault in event.fault


def test_a_batch_is_refused_for_segment_signs_its_first_event_only(segment, client, pat):
    first = (FIXTURES / "identify.json").read_bytes().strip()
    body = b"[" + first + b"," + first + b"]"
    signed = hmac.new(SECRET.encode(), first, hashlib.sha1).hexdigest()
    answer = client.post(
        "/inbound/segment", body, content_type="application/json", headers={"X-Signature": signed}
    )
    assert answer.status_code == 401
    assert "Turn batching off" in Inbound.objects.get().refused_why


@pytest.mark.parametrize("secret", ["another", ""])
def test_without_the_secret_nothing_is_heard(segment, pat, secret):
    assert segment("consent_updated", secret=secret or "x").status_code == 401
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"'])
def test_what_is_no_event_is_refused_with_what_was_expected(segment, body):
    assert segment("page", body=body).status_code == 400
