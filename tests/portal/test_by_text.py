"""Phones, where Heed can text: a code comes by text, and STOP stays with the phone (R16, R21)."""

import re

import pytest

from destinations.services.texts_leaving import send_due as texts_leave
from portal import sending
from preferences import services
from preferences.models import Holding
from preferences.selectors import decide
from preferences.terms import RestrictionKind
from tests.destinations.twilios import connection, sandbox, twilio
from tests.portal import codes, people
from tests.portal.forms import words

pytestmark = pytest.mark.django_db
__all__ = ["connection", "sandbox"]  # fixtures
NEW = "+12025550166"


def texts(sandbox, number):
    """What stands on the phone, once the background work has sent what is due."""
    sending.send_due()
    texts_leave()
    return [each.body for each in twilio(sandbox.url).messages.list(to=number)]


def code(sandbox, number):
    [found] = re.findall(r"\b\d{6}\b", texts(sandbox, number)[0])
    return found


def test_only_who_gets_mail_is_sent_to_the_spam_folder(client, connection, joan):
    codes.ask(client, people.EMAIL)
    assert "spam" in client.get("/code").text
    codes.ask(client, people.PHONE)
    assert "spam" not in client.get("/code").text


def test_a_phone_and_the_code_that_was_texted_open_the_page_for_all_that_it_offers(
    client, joan, connection, sandbox
):
    codes.ask(client, people.PHONE)

    assert codes.enter(client, code(sandbox, people.PHONE)).headers["Location"] == "/p"
    assert client.get("/p/only").status_code == 200  # no further code is asked for


def test_a_new_phone_is_theirs_once_the_code_was_texted_there(visit_by_code, joan, connection, sandbox):
    old = people.address("phone", people.PHONE)
    visit_by_code.post("/p/addresses", {"old": str(old), "address": "202 555 0166", "act": "send"})
    visit_by_code.post("/p/addresses/code", {"code": code(sandbox, NEW)})

    now = Holding.objects.filter(profile=joan, until__isnull=True, identifier__kind="phone")
    assert [each.identifier_id for each in now] == [people.address("phone", NEW)]
    assert texts(sandbox, people.PHONE) == []  # the former one is told nothing


def test_a_phone_that_sent_stop_gets_no_code(visit_by_code, joan, connection, sandbox):
    people.person(email="mary@example.net", phone=NEW)
    people.texted_stop(NEW)

    visit_by_code.post("/p/addresses", {"old": "", "address": NEW, "act": "send"})

    assert texts(sandbox, NEW) == []
    assert "Text START from it first." in words(visit_by_code.get("/p/addresses/code").text)


def test_stop_does_not_leave_a_phone_with_its_holder(visit_by_code, joan, connection, sandbox):
    people.texted_stop(people.PHONE)
    old = people.address("phone", people.PHONE)
    visit_by_code.post("/p/addresses", {"old": str(old), "address": NEW, "act": "send"})
    visit_by_code.post("/p/addresses/code", {"code": code(sandbox, NEW)})
    mary = people.person(email="mary@example.net", phone=people.PHONE)

    assert decide(joan, "appointment_reminders", "sms").allowed
    assert not decide(mary, "appointment_reminders", "sms").allowed


def test_a_suppression_of_one_kind_of_message_is_said_on_the_page(visit_by_code, joan):
    people.person(email="mary@example.net", phone="")
    services.restrict(
        identifier_id=people.address("email", "mary@example.net"),
        kind=RestrictionKind.SUPPRESSED,
        said=people.said(),
        category="marketing_emails",
    )
    visit_by_code.post("/p/addresses", {"old": "", "address": "mary@example.net", "act": "send"})
    visit_by_code.post("/p/addresses/code", {"code": codes.arrived()})

    assert "Off: we were asked not to use m•••@e•••.net for this." in words(visit_by_code.get("/p").text)
