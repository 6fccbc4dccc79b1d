"""Texts that come in by Twilio."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from twilio.request_validator import RequestValidator

from destinations.models import InboundEvent
from destinations.services.hearing import hear
from destinations.services.listening import save_inbound
from destinations.services.texting import NOT_A_STOP, decide_text
from preferences import identity, selectors
from preferences.identity import named
from preferences.models import Source
from preferences.services import Said, restrict
from preferences.terms import Actor, RestrictionKind
from tests.factories import PatientFactory

URL = "https://heed.example/inbound/texts"
OURS = "+12025550100"


@pytest.fixture
def text(db: None, client: Client, settings: Any) -> Callable[..., Any]:
    """Somebody texts us; Twilio signs as its own library does."""
    settings.PUBLIC_URL = "https://heed.example"
    save_inbound(slug="texts", name="Texts", vendor="twilio", settings={}, secrets={"auth_token": "12345"})

    def send(
        sender: str, body: str, *, sid: str = "SM1", token: str = "12345", read: bool = True, **more: str
    ) -> Any:
        form = {"From": sender, "To": OURS, "Body": body, "MessageSid": sid, **more}
        signature = RequestValidator(token).compute_signature(URL, form)
        answer = client.post(
            "/inbound/texts",
            urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        )
        if read:
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


@pytest.mark.parametrize("twilio_reads_it", [True, False])
def test_a_start_ends_no_hold_and_says_what_it_did(text, twilio_reads_it):
    ana = PatientFactory.create()
    read = {"OptOutType": "START"} if twilio_reads_it else {}
    text(ana.phone, "cancel everything")
    text(ana.phone, "START", sid="SM2", **read)
    assert not may_text(ana.phone)
    assert InboundEvent.objects.latest("id").became == (
        "START: no STOP stood; nothing is turned on; texts stay held until somebody has read what came before"
    )
    decide_text(event=InboundEvent.objects.earliest("id"), means=NOT_A_STOP, by="nurse")
    assert may_text(ana.phone)


def test_a_start_outlasts_an_earlier_text_that_is_read_as_a_stop_afterwards(text):
    ana = PatientFactory.create()
    text(ana.phone, "cancel everything")
    text(ana.phone, "START", sid="SM2")
    decide_text(event=InboundEvent.objects.earliest("id"), means="stop", by="nurse")
    assert may_text(ana.phone)


def test_a_start_that_lifts_a_stop_says_so(text):
    ana = PatientFactory.create()
    text(ana.phone, "STOP")
    text(ana.phone, "START", sid="SM2")
    became = "START: STOP is lifted; nothing that was off is turned on"
    assert InboundEvent.objects.latest("id").became == became


@pytest.mark.parametrize("words", ["I'll stop by at 3", "can you cancel my appointment?", "yes"])
def test_what_is_no_stop_changes_nothing(text, words):
    ana = PatientFactory.create()
    text(ana.phone, words)
    assert may_text(ana.phone)


def test_a_wrong_signature_is_refused(text):
    ana = PatientFactory.create()
    assert text(ana.phone, "STOP", token="other").status_code == 401
    assert may_text(ana.phone)


@pytest.mark.parametrize("before", [True, False])
def test_what_somebody_else_refused_at_that_number_outlasts_a_hold(text, before):
    ana = PatientFactory.create()
    [phone] = identity.find([named("phone", ana.phone)]).values()
    said = Said(Source.objects.get(slug="staff"), Actor.STAFF, timezone.now())

    def suppress():
        restrict(identifier_id=phone, kind=RestrictionKind.SUPPRESSED, said=said, channel="sms")

    if before:
        suppress()
    text(ana.phone, "cancel everything")
    if not before:
        suppress()
    decide_text(event=InboundEvent.objects.get(), means=NOT_A_STOP, by="nurse")
    assert not may_text(ana.phone)


def test_a_start_that_waited_to_be_read_lifts_no_later_stop(text):
    ana = PatientFactory.create()
    text(ana.phone, "START", read=False)
    InboundEvent.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    text(ana.phone, "STOP", sid="SM2")
    InboundEvent.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    hear()
    assert not may_text(ana.phone)


def test_a_text_that_waited_while_the_hold_on_another_ended_is_held_all_the_same(text):
    ana = PatientFactory.create()
    text(ana.phone, "cancel everything")
    first = InboundEvent.objects.get()
    text(ana.phone, "enough", sid="SM2", read=False)
    decide_text(event=first, means=NOT_A_STOP, by="nurse")
    assert may_text(ana.phone)
    hear()
    assert not may_text(ana.phone)
