"""Texts that Heed itself sends, by Twilio's sandbox."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from twilio.request_validator import RequestValidator

from destinations.models import Inbound, InboundEvent, OutgoingText
from destinations.sandbox import TwilioSandbox
from destinations.sandbox.faults import Fault
from destinations.services import texting_out
from destinations.services.hearing import hear, keep
from destinations.services.listening import save_inbound
from destinations.services.texts_leaving import send_due
from destinations.tasks import sweep
from destinations.terms import EventState, TextPurpose, TextState
from destinations.vendors.contract import Item
from preferences import identity, selectors
from preferences.errors import Malformed, NotFound
from preferences.identity import named
from preferences.models import Change, Source
from preferences.services import Allowed, Said, order, restrict, set_deceased
from preferences.terms import Actor, RestrictionKind
from tests.destinations.twilios import ACCOUNT, KEY, SERVICE, connection, sandbox, twilio
from tests.factories import PatientFactory

__all__ = ["connection", "sandbox"]  # fixtures

CODE = "123456 is your code for Riverside Health."
NUMBER = "+12025550143"


@pytest.fixture
def phone(db: None) -> Any:
    ana = PatientFactory.create(phone=NUMBER)
    return ana, identity.find([named("phone", NUMBER)])[named("phone", NUMBER)]


@pytest.fixture
def code(connection: Inbound, phone: Any) -> Callable[..., OutgoingText]:
    """A sign-in code is asked for, for Ana's phone."""

    def ask(key: str = "ana 1", words: str = CODE, minutes: int = 10) -> OutgoingText:
        until = timezone.now() + timedelta(minutes=minutes)
        return texting_out.send(
            phone=phone[1], words=words, purpose=TextPurpose.SIGN_IN_CODE, key=key, until=until
        )

    return ask


def arrived(sandbox: TwilioSandbox) -> list[str]:
    return [each.body for each in twilio(sandbox.url).messages.list(to=NUMBER)]


def time_passes() -> None:
    OutgoingText.objects.filter(due_at__isnull=False).update(due_at=timezone.now())


def said(by: Actor = Actor.STAFF) -> Said:
    return Said(Source.objects.get(slug="staff"), by, timezone.now(), who="nurse")


def test_a_code_arrives_and_its_words_are_gone(code, sandbox):
    code()
    assert send_due() == 1
    assert arrived(sandbox) == [CODE]
    text = OutgoingText.objects.get()
    assert (text.state, text.body) == (TextState.SENT, None)
    [call] = [each for each in sandbox.requests if each["method"] == "POST"]
    assert "StatusCallback=https%3A%2F%2Fheed.example%2Finbound%2Ftexts" in call["body"]


def test_nobody_reads_the_words_in_the_database(code):
    assert CODE.encode() not in bytes(code().body)


def test_asked_for_twice_it_is_sent_once(code, sandbox):
    assert code() == code()
    send_due()
    code()
    send_due()
    assert arrived(sandbox) == [CODE]


def test_what_a_killed_worker_has_sent_is_not_sent_again(code, sandbox, monkeypatch):
    code()

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as worker:
        worker.setattr("destinations.services.texts_leaving._settle", killed)
        with pytest.raises(KeyboardInterrupt):
            send_due()
    assert OutgoingText.objects.get().state == TextState.SENDING
    assert send_due() == 0  # it may still be at it
    time_passes()
    send_due()
    assert arrived(sandbox) == [CODE]
    text = OutgoingText.objects.get()
    assert (text.state, text.body) == (TextState.SENT, None)


def test_what_a_killed_worker_has_not_sent_is_sent(code, sandbox, monkeypatch):
    code()

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as worker:
        worker.setattr("destinations.services.texts_leaving._called", killed)
        with pytest.raises(KeyboardInterrupt):
            send_due()
    assert arrived(sandbox) == []
    time_passes()
    send_due()
    assert arrived(sandbox) == [CODE]


@pytest.mark.parametrize("apply", [True, False])
def test_where_an_answer_is_lost_twilio_is_asked_whether_it_left(code, sandbox, apply):
    code()
    send_due()
    code("ana 2")  # the same words: what left before is not taken for it
    sandbox.faults.set(Fault(status=503, times=1, apply=apply))
    send_due()
    assert OutgoingText.objects.latest("id").state == TextState.SENDING
    time_passes()
    send_due()
    assert arrived(sandbox) == [CODE] * 2
    assert OutgoingText.objects.latest("id").state == TextState.SENT


@pytest.mark.parametrize("status", [429, 503])
def test_what_twilio_cannot_take_now_it_takes_later(code, sandbox, status):
    code()
    sandbox.faults.set(Fault(status=status, times=1))
    send_due()
    time_passes()
    send_due()
    assert arrived(sandbox) == [CODE]


def test_tries_are_bounded_and_end_before_staff(code, sandbox, admin_client):
    code()
    sandbox.faults.set(Fault(status=503))
    for _ in range(10):
        time_passes()
        send_due()
    text = OutgoingText.objects.get()
    assert (text.state, text.body) == (TextState.TOO_LATE, None)
    page = admin_client.get("/admin/destinations/outgoingtext/").content.decode()
    assert "Not sent in time" in page
    assert "whether it left is not known" in page


def test_a_code_that_is_of_no_use_any_more_is_not_sent(code, sandbox):
    code(minutes=-1)
    send_due()
    assert arrived(sandbox) == []
    assert OutgoingText.objects.get().state == TextState.TOO_LATE


def test_no_code_goes_where_stop_was_texted(code, sandbox, phone):
    code()
    restrict(identifier_id=phone[1], kind=RestrictionKind.STOP, said=said())
    send_due()
    assert arrived(sandbox) == []
    text = OutgoingText.objects.get()
    assert (text.state, text.fault, text.body) == (TextState.DENIED, "the address may not be used", None)


def test_no_code_goes_to_a_number_that_an_order_does_not_allow(code, sandbox, phone):
    ana, _ = phone
    order(profile_id=ana.id, allowed=[Allowed("email", named("email", ana.email))], said=said())
    code()
    send_due()
    assert arrived(sandbox) == []


def test_no_code_goes_to_somebody_who_has_died(code, sandbox, phone):
    set_deceased(profile_id=phone[0].id, deceased=True, said=said())
    code()
    send_due()
    assert OutgoingText.objects.get().state == TextState.DENIED


def test_a_no_to_one_category_keeps_nobody_from_signing_in(code, sandbox, phone):
    restrict(identifier_id=phone[1], kind=RestrictionKind.SUPPRESSED, said=said(), category="patient_surveys")
    code()
    send_due()
    assert arrived(sandbox) == [CODE]


def test_a_stop_that_only_twilio_knows_of_counts_here_from_then_on(code, sandbox, phone):
    sandbox.seed({"opted_out": [{"phone": NUMBER}]})
    code()
    send_due()
    text = OutgoingText.objects.get()
    assert (text.state, "21610" in text.fault) == (TextState.FAILED, True)
    assert not selectors.decide(phone[0].id, "appointment_reminders", "sms").allowed


@pytest.mark.parametrize(("status", "fault"), [("undelivered", "30003"), ("delivered", "")])
def test_what_became_of_it_comes_in_by_the_same_connection(code, client: Client, status, fault):
    code()
    send_due()
    form = {"MessageSid": OutgoingText.objects.get().name, "SmsStatus": status, "MessageStatus": status}
    form |= {"To": NUMBER, "From": "+12025550100", "ErrorCode": fault} if fault else {"To": NUMBER}
    for reported in ({**form, "MessageStatus": "sent"}, form):
        signature = RequestValidator("12345").compute_signature(
            "https://heed.example/inbound/texts", reported
        )
        answer = client.post(
            "/inbound/texts",
            urlencode(reported),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        )
        assert answer.status_code == 200
    changes = Change.objects.count()
    hear()
    text = OutgoingText.objects.get()
    assert text.state == (TextState.FAILED if fault else TextState.DELIVERED)
    assert fault in text.fault
    assert Change.objects.count() == changes


def test_the_sweep_finds_what_a_lost_task_left(code, sandbox, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr("destinations.tasks.async_task", asked.append)
    code()
    sweep()
    assert "destinations.tasks.send_texts" in asked


def test_without_a_connection_that_sends_nothing_can_be_asked_for(db, phone):
    assert not texting_out.can_send()
    save_inbound(slug="texts", name="T", vendor="twilio", settings={}, secrets={"auth_token": "1"})
    assert not texting_out.can_send()
    with pytest.raises(NotFound, match="no connection sends texts"):
        texting_out.send(
            phone=phone[1], words="x", purpose=TextPurpose.SIGN_IN_CODE, key="1", until=timezone.now()
        )


def test_words_that_no_text_holds_are_refused(code):
    with pytest.raises(Malformed, match="1 to 1600"):
        code(words="x" * 1601)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"account_sid": ACCOUNT}, "enter API key and API key secret and Sender too"),
        ({"account_sid": "1", "api_key": KEY, "sender": SERVICE}, "Account: AC…"),
        ({"account_sid": ACCOUNT, "api_key": KEY, "sender": "Riverside"}, "Sender: A Messaging Service"),
    ],
)
def test_half_a_connection_is_refused_with_what_is_missing(db, given, complaint):
    secrets = {"auth_token": "1"} | ({"api_key_secret": "x"} if len(given) > 1 else {})
    with pytest.raises(Malformed, match=complaint):
        save_inbound(slug="texts", name="T", vendor="twilio", settings=given, secrets=secrets)


def test_no_number_and_no_words_in_what_is_logged(code, sandbox, caplog):
    sandbox.seed({"opted_out": [{"phone": NUMBER}]})
    code()
    send_due()
    logged = caplog.text + "".join(str(vars(each)) for each in caplog.records)
    assert caplog.records
    assert NUMBER[2:] not in logged
    assert "123456" not in logged


def test_who_may_not_see_texts_sees_none(db, client):
    user = get_user_model().objects.create_user("clerk", password="x", is_staff=True)
    client.force_login(user)
    assert client.get("/admin/destinations/outgoingtext/").status_code == 403


def test_the_list_and_the_page_of_a_text_name_no_number(code, admin_client):
    text = code()
    send_due()
    for page in ("", f"{text.pk}/change/"):
        shown = admin_client.get(f"/admin/destinations/outgoingtext/{page}").content.decode()
        assert "Sign-in code" in shown
        assert NUMBER not in shown
        assert "123456" not in shown


def test_a_report_that_comes_before_the_answer_to_sending_is_not_lost(code, connection):
    text = code()
    OutgoingText.objects.filter(pk=text.pk).update(state=TextState.SENDING)
    content = urlencode({"MessageSid": "SM1", "MessageStatus": "delivered", "To": NUMBER}).encode()
    keep(inbound=connection, items=[Item("SM1 delivered", content)], now=timezone.now())
    hear()
    assert InboundEvent.objects.get().state == EventState.LATER

    OutgoingText.objects.filter(pk=text.pk).update(state=TextState.SENT, name="SM1", due_at=None)
    hear(timezone.now() + timedelta(minutes=2))
    assert OutgoingText.objects.get().state == TextState.DELIVERED
    assert InboundEvent.objects.get().state == EventState.COUNTED
