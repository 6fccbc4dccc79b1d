"""Texts that come in by Twilio."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from destinations.models import InboundEvent
from destinations.services.hearing import hear
from destinations.services.listening import save_inbound
from destinations.services.texting import NOT_A_STOP, decide_text
from preferences import selectors
from preferences.identity import named
from tests.factories import PatientFactory

URL = "https://heed.example/inbound/texts"
OURS = "+12025550100"


@pytest.fixture
def text(db: None, client: Client, settings: Any) -> Callable[..., Any]:
    """Somebody texts us; Twilio signs as its own library does."""
    settings.PUBLIC_URL = "https://heed.example"
    save_inbound(slug="texts", name="Texts", vendor="twilio", settings={}, secrets={"auth_token": "12345"})

    def send(sender: str, body: str, *, sid: str = "SM1", token: str = "12345", **more: str) -> Any:
        form = {"From": sender, "To": OURS, "Body": body, "MessageSid": sid, **more}
        signature = RequestValidator(token).compute_signature(URL, form)
        answer = client.post(
            "/inbound/texts",
            urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        )
        hear()
        return answer

    return send


def may_text(number: str, category: str = "appointment_reminders") -> bool:
    [found] = selectors.decide_many(category, "sms", [selectors.Question(named=named("phone", number))])
    return found.allowed


def test_stop_from_a_family_phone_denies_both_children_and_yes_to_a_reminder_lifts_nothing(text):
    number = "+12025550111"
    children = [PatientFactory.create(phone=number) for _ in range(2)]
    assert all(selectors.decide(each.id, "appointment_reminders", "sms").allowed for each in children)
    answer = text(number, "STOP")
    assert (answer.status_code, answer.content) == (200, b"<Response/>")
    text(number, "yes", sid="SM2")
    assert not any(selectors.decide(each.id, "appointment_reminders", "sms").allowed for each in children)
    text(number, "START", sid="SM3")
    assert all(selectors.decide(each.id, "appointment_reminders", "sms").allowed for each in children)


def test_what_advanced_opt_out_has_read_is_taken_as_it_says(text):
    ana = PatientFactory.create()
    text(ana.phone, "arrêtez", OptOutType="STOP")
    assert not may_text(ana.phone)


def test_free_text_stops_one_kind_only(text):
    ana = PatientFactory.create()
    text(ana.phone, "no more surveys please")
    assert not may_text(ana.phone, "patient_surveys")
    assert may_text(ana.phone)


def test_what_nobody_can_be_sure_of_holds_texts_until_it_is_read(text):
    ana = PatientFactory.create()
    text(ana.phone, "cancel everything")
    assert not may_text(ana.phone)
    event = InboundEvent.objects.get()
    assert event.state == "to_read"
    decide_text(event=event, means=NOT_A_STOP, by="nurse")
    assert may_text(ana.phone)


def test_a_hold_lasts_while_another_text_from_there_waits(text):
    ana = PatientFactory.create()
    text(ana.phone, "cancel everything")
    text(ana.phone, "enough", sid="SM2")
    first, second = InboundEvent.objects.order_by("id")
    decide_text(event=first, means=NOT_A_STOP, by="nurse")
    assert not may_text(ana.phone)
    decide_text(event=second, means="stop", by="nurse")
    assert not may_text(ana.phone)


@pytest.mark.parametrize("words", ["I'll stop by at 3", "can you cancel my appointment?", "yes"])
def test_what_is_no_stop_changes_nothing(text, words):
    ana = PatientFactory.create()
    text(ana.phone, words)
    assert may_text(ana.phone)


def test_a_wrong_signature_is_refused(text):
    ana = PatientFactory.create()
    assert text(ana.phone, "STOP", token="other").status_code == 401
    assert may_text(ana.phone)
