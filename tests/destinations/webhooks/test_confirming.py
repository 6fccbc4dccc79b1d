"""The one text that confirms a STOP, and what an answer to it leaves out."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from twilio.request_validator import RequestValidator

from destinations.models import Inbound, InboundEvent, OutgoingText
from destinations.sandbox import TwilioSandbox
from destinations.services.hearing import hear
from destinations.services.texts_leaving import send_due
from destinations.terms import TextState
from preferences import identity, selectors
from preferences.identity import named
from preferences.models import Change, Source
from preferences.services import Said, restrict
from preferences.terms import Actor, RestrictionKind
from preferences.verify import verify
from tests.destinations.twilios import connection, sandbox, twilio
from tests.factories import PatientFactory

__all__ = ["connection", "sandbox"]  # fixtures

NUMBER, OURS = "+12025550143", "+12025550100"
ASKS = (
    "Riverside Health: you will get no more texts from us. To keep some, reply with their numbers: "
    "1 Appointment reminders, 2 Patient surveys, 3 Care follow-ups. No reply: you get none."
)
KINDS = ("appointment_reminders", "patient_surveys", "care_follow_ups")
Says = Callable[..., None]


@pytest.fixture
def ana(db: None) -> Any:
    return PatientFactory.create(phone=NUMBER)


@pytest.fixture
def says(connection: Inbound, client: Client) -> Says:
    """Somebody texts us, and it is read; what that makes Heed send is sent."""
    connection.settings["confirms_stop"] = True
    connection.save()
    numbers = count(1)

    def text(body: str, sender: str = NUMBER, *, reads: bool = True, sends: bool = True, **more: str) -> None:
        form = {"From": sender, "To": OURS, "Body": body, "MessageSid": f"SM{next(numbers)}", **more}
        url = "https://heed.example/inbound/texts"
        signature = RequestValidator("12345").compute_signature(url, form)
        answer = client.post(
            "/inbound/texts",
            urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        )
        assert answer.status_code == 200
        if reads:
            hear()
        if sends:
            send_due()

    return text


def arrived(sandbox: TwilioSandbox, number: str = NUMBER) -> list[str]:
    return [each.body for each in twilio(sandbox.url).messages.list(to=number)]


def allowed(ana: Any) -> list[str]:
    return [kind for kind in KINDS if selectors.decide(ana.id, kind, "sms").allowed]


def said() -> Said:
    return Said(Source.objects.get(slug="staff"), Actor.STAFF, timezone.now(), who="nurse")


def test_it_is_off_until_staff_turn_it_on(ana, connection, says, sandbox):
    connection.settings["confirms_stop"] = False
    connection.save()
    says("STOP")
    assert arrived(sandbox) == []


@pytest.mark.parametrize("words", ["STOP", "take me off your list"])
def test_a_stop_is_confirmed_once_by_the_number_it_was_sent_to(ana, says, sandbox, words):
    says(words)
    says("STOP please")
    assert arrived(sandbox) == [ASKS]
    [sent] = twilio(sandbox.url).messages.list(to=NUMBER)
    assert sent.from_ == OURS
    assert allowed(ana) == []


@pytest.mark.parametrize(
    ("answer", "kinds"), [("1", KINDS[:1]), ("2 and 3", KINDS[1:]), ("reminders ok", KINDS[:1])]
)
def test_an_answer_leaves_out_what_it_names_and_the_stop_goes_on(ana, says, sandbox, answer, kinds):
    says("STOP")
    says(answer)
    assert allowed(ana) == list(kinds)
    assert not selectors.decide(ana.id, "phone_outreach", "sms").allowed
    assert arrived(sandbox) == [ASKS]  # nothing more is said
    change = Change.objects.latest("id")
    assert change.subject_kind == "identifier"
    assert InboundEvent.objects.latest("id").became == f"STOP goes on, but not for {', '.join(kinds)}"
    assert not any(each.findings for each in verify())


@pytest.mark.parametrize("answer", ["only surveys", "yes", "ok", "thank you", "2 pm", "stop 1", "4"])
def test_what_is_not_plain_changes_nothing(ana, says, answer):
    says("STOP")
    says(answer)
    assert allowed(ana) == []


def test_without_an_answer_all_stays_off(ana, says):
    says("STOP")
    assert allowed(ana) == []


def test_nobody_elses_phone_answers(ana, says):
    bo = PatientFactory.create(phone="+12025550144")
    says("STOP")
    says("1", sender="+12025550144")
    assert allowed(ana) == []
    assert len(allowed(bo)) == 3


def test_an_answer_to_another_number_of_ours_is_none(ana, says):
    says("STOP")
    says("1", To="+12025550199")
    assert allowed(ana) == []


def test_an_answer_that_comes_after_a_day_is_none(ana, says):
    says("STOP")
    OutgoingText.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    says("1")
    assert allowed(ana) == []


def test_where_nothing_was_asked_a_number_is_no_answer(ana, connection, says):
    connection.settings["confirms_stop"] = False
    connection.save()
    says("STOP")
    says("1")
    assert allowed(ana) == []


def test_a_stop_after_the_answer_is_whole_again_and_start_ends_it_all(ana, says, sandbox):
    says("STOP")
    says("1")
    says("STOP", sends=False)
    assert allowed(ana) == []
    says("START")
    assert allowed(ana) == list(KINDS)
    assert arrived(sandbox) == [ASKS]  # what START overtook was not sent


def test_what_was_off_before_the_stop_is_not_asked_about_and_stays_off(ana, says, sandbox):
    says("no more surveys")
    says("STOP")
    assert "Patient surveys" not in arrived(sandbox)[0]
    says("2")
    assert allowed(ana) == ["care_follow_ups"]


def test_it_asks_in_spanish_where_the_person_reads_spanish(says, sandbox):
    PatientFactory.create(phone="+12025550145", language="es")
    says("ALTO", sender="+12025550145")
    [words] = arrived(sandbox, "+12025550145")
    assert words.startswith("Riverside Health: ya no le enviaremos mensajes de texto.")


def test_a_number_that_nobody_has_is_confirmed_too(says, sandbox):
    says("STOP", sender="+12025550146")
    assert len(arrived(sandbox, "+12025550146")) == 1


def test_where_nothing_is_left_to_keep_nothing_is_asked(ana, says, sandbox):
    for kind in ("surveys", "reminders", "follow ups"):
        says(f"no more {kind}")
    says("STOP")
    assert arrived(sandbox) == ["Riverside Health: you will get no more texts from us."]
    says("1")
    assert allowed(ana) == []


def test_more_than_five_minutes_later_it_is_confirmed_no_more(ana, says, sandbox):
    says("STOP", sends=False)
    OutgoingText.objects.update(until=timezone.now())
    send_due()
    assert arrived(sandbox) == []
    assert OutgoingText.objects.get().state == TextState.TOO_LATE


def test_a_stop_that_waited_to_be_read_is_not_confirmed(ana, says, sandbox):
    says("STOP", reads=False)
    InboundEvent.objects.update(received_at=timezone.now() - timedelta(minutes=6))
    hear()
    send_due()
    assert allowed(ana) == []
    assert arrived(sandbox) == []


def test_where_twilio_answers_by_itself_heed_does_not(ana, says, sandbox):
    says("STOP", OptOutType="STOP")
    assert allowed(ana) == []
    assert arrived(sandbox) == []


def test_where_twilio_blocks_the_number_staff_read_why_and_nothing_else_changes(ana, says, sandbox):
    sandbox.seed({"opted_out": [{"phone": NUMBER}]})
    says("STOP")
    text = OutgoingText.objects.get()
    assert (text.state, "21610" in text.fault) == (TextState.FAILED, True)
    says("1")
    assert allowed(ana) == []


def test_nothing_is_confirmed_to_a_number_that_is_suppressed(ana, says, sandbox):
    [phone] = identity.find([named("phone", NUMBER)]).values()
    restrict(identifier_id=phone, kind=RestrictionKind.SUPPRESSED, said=said(), channel="sms")
    says("STOP")
    assert arrived(sandbox) == []


def test_what_came_by_whatsapp_is_not_answered_by_text(ana, says, sandbox):
    says("STOP", sender=f"whatsapp:{NUMBER}", To=f"whatsapp:{OURS}")
    assert allowed(ana) == []
    assert arrived(sandbox) == []


def test_staff_read_what_a_stop_leaves_out(ana, says, admin_client):
    says("STOP")
    says("1")
    page = admin_client.get(f"/admin/people/{ana.id}/").content.decode()
    assert "but not Appointment reminders" in page
    story = admin_client.get(f"/admin/preferences/change/{Change.objects.latest('id').pk}/change/")
    assert "STOP leaves out" in story.content.decode()
