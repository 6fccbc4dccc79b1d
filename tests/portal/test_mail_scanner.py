"""Programs that guard mailboxes open every link of a message, and all behind it, before a person does."""

import re
from html import unescape

import pytest
from django.core import mail
from django.test import Client

from portal.links import link_for
from portal.terms import Purpose
from preferences.models import Change, Outbox, Profile
from preferences.selectors import decide
from preferences.terms import IdentifierKind
from tests.portal import people
from tests.portal.forms import save, words

TIMES = 5


@pytest.fixture
def message(joan):
    """The links that one message carries."""
    address = people.address(IdentifierKind.EMAIL, people.EMAIL)
    return {
        "preferences": link_for(joan, address_id=address),
        "stop marketing": link_for(joan, "marketing_emails", address, purpose=Purpose.UNSUBSCRIBE),
        "stop all": link_for(joan, "*", address, purpose=Purpose.UNSUBSCRIBE),
    }


def links_on(page):
    found = re.findall(r'(?:href|src|action|data-\w+)="(/[^"#]*)', page)
    return {unescape(each) for each in found if not each.startswith("/static/")}


def scan(client, first, method):
    """All that one program asks for, from this link on: each page, and whatever its pages point to."""
    waiting, seen = [first], []
    while waiting:
        path = waiting.pop()
        seen.append(path)
        answer = getattr(client, method)(path, follow=True)
        assert answer.status_code < 500, path
        page = answer.text if answer.headers["Content-Type"].startswith("text/html") else ""
        waiting += links_on(page) - {*seen, *waiting}
    return seen


def all_that_is_known(joan):
    known = Profile.objects.values("seq", "head", "choices", "link_epoch").get(pk=joan)
    return known, Change.objects.count(), Outbox.objects.count(), len(mail.outbox)


@pytest.mark.parametrize("cookies", ["kept from one look to the next", "forgotten"])
def test_what_it_looks_at_stays_as_it_was_and_the_person_comes_after(joan, message, cookies):
    before, client, walked = all_that_is_known(joan), Client(), set()

    for link in message.values():
        for method in ("get", "head"):
            for _ in range(TIMES):
                client = client if cookies.startswith("kept") else Client()
                walked |= set(scan(client, link, method))

    assert all_that_is_known(joan) == before
    assert {"/p", "/p/history", "/p/addresses", "/p/only", "/p/code"} <= {
        each.split("?")[0] for each in walked
    }

    person = Client()
    assert person.get(message["preferences"], follow=True).status_code == 200
    save(person, appointment_reminders__sms="no")
    assert not decide(joan, "appointment_reminders", "sms").allowed
    assert decide(joan, "patient_surveys", "email").allowed
    for link in ("stop marketing", "stop all"):
        assert "<button" in Client().get(message[link]).text
        pressed = Client().post(message[link], {"List-Unsubscribe": "One-Click"})
        assert "We will stop" in words(pressed.text)
    assert not decide(joan, "marketing_emails", "email").allowed
    assert not decide(joan, "patient_surveys", "email").allowed
