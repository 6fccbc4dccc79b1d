"""An address that a family shares: after the code, whose page, and no more there than by a link."""

import re

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal import sending
from preferences import identity, services
from preferences.selectors import decide
from preferences.services import Allowed, Call
from preferences.terms import IdentifierKind, Reason
from tests.portal import codes, people
from tests.portal.forms import save, words

pytestmark = pytest.mark.django_db
SAMS = "+12025550100"


@pytest.fixture
def sam(joan):
    """He reads the same mailbox as Joan, and has a phone of his own."""
    return people.person(email=people.EMAIL, phone=SAMS)


@pytest.fixture
def at_the_mailbox(client, sam):
    codes.ask(client, people.EMAIL)
    codes.enter(client, codes.arrived())
    return client


def test_a_widow_signs_in_at_the_mailbox_that_she_shared(client, joan, sam):
    services.set_deceased(profile_id=sam, deceased=True, said=people.by_staff())
    codes.ask(client, people.EMAIL)

    assert codes.enter(client, codes.arrived()).headers["Location"] == "/p"

    save(client, patient_surveys__email="yes")
    assert decide(joan, "patient_surveys", "email").reason == Reason.CHOICE


def only_by_a_new_phone(who):
    new = Allowed("sms", identity.named("phone", "+12025550777"))
    services.order(profile_id=who, allowed=[new], said=people.by_staff())


def test_who_is_to_be_reached_elsewhere_only_keeps_no_code_from_whom_they_shared_the_mailbox_with(
    client, joan, sam
):
    only_by_a_new_phone(sam)
    codes.ask(client, people.EMAIL)

    assert codes.enter(client, codes.arrived()).headers["Location"] == "/p"

    save(client, patient_surveys__email="yes")
    assert decide(joan, "patient_surveys", "email").reason == Reason.CHOICE


def test_only_those_who_may_be_reached_at_the_mailbox_are_on_offer(client, joan, sam):
    mary = people.person(email=people.EMAIL, phone="+12025550155")
    only_by_a_new_phone(sam)
    codes.ask(client, people.EMAIL)
    codes.enter(client, codes.arrived())

    page = client.get("/whose").text

    assert page.count('name="person"') == 2
    assert str(mary) in page
    assert "0100" not in page
    assert choose(client, sam).status_code == 200
    assert client.get("/p").status_code == 403


def test_in_a_visit_too_a_code_goes_to_whom_may_be_reached_there(visit, joan, sam):
    only_by_a_new_phone(sam)
    save(visit, phone_outreach__sms="yes")

    codes.step_up(visit)

    assert decide(joan, "phone_outreach", "sms").allowed


def test_nothing_is_sent_to_a_mailbox_of_people_who_are_to_be_reached_elsewhere_only(client, joan, sam):
    only_by_a_new_phone(sam)
    only_by_a_new_phone(joan)

    codes.ask(client, people.EMAIL)

    assert sending.send_due() == 0
    assert not mail.outbox


def test_nobody_signs_in_where_only_somebody_who_died_was_reached(client, joan):
    services.set_deceased(profile_id=joan, deceased=True, said=people.by_staff())

    codes.ask(client, people.EMAIL)

    assert sending.send_due() == 0
    assert not mail.outbox


def choose(client, who):
    return client.post("/whose", {"person": str(who)})


def test_people_are_told_apart_by_what_only_one_of_them_has_masked(at_the_mailbox, joan, sam):
    page = at_the_mailbox.get("/whose").text

    assert "The person we also reach at ••• ••• 0143" in words(page)
    assert "The person we also reach at ••• ••• 0100" in words(page)
    assert people.PHONE not in page
    assert "http" not in mail.outbox[0].body


def test_a_session_from_before_the_code_may_not_choose(client, joan, sam):
    codes.ask(client, people.EMAIL)
    planted = Client()
    planted.cookies["sessionid"] = client.cookies["sessionid"].value

    codes.enter(client, codes.arrived())

    assert planted.get("/whose").headers["Location"] == "/"
    assert client.get("/whose").status_code == 200


def test_the_page_of_the_one_who_was_chosen_opens(at_the_mailbox, joan, sam):
    assert choose(at_the_mailbox, sam).headers["Location"] == "/p"

    save(at_the_mailbox, appointment_reminders__email="no")

    assert not decide(sam, "appointment_reminders", "email").allowed
    assert decide(joan, "appointment_reminders", "sms").allowed


def test_the_page_says_by_what_its_person_was_chosen_so_that_a_wrong_tap_is_noticed(
    at_the_mailbox, sam, joan
):
    choose(at_the_mailbox, sam)

    page = words(at_the_mailbox.get("/p").text)

    assert "The person we also reach at ••• ••• 0100 Not right? Choose again" in page
    choose(at_the_mailbox, joan)
    assert "at ••• ••• 0143 Not right?" in words(at_the_mailbox.get("/p").text)


def test_by_a_link_nobody_was_chosen(visit, sam):
    assert "Choose again" not in visit.get("/p").text


def test_no_link_is_blamed_where_none_was_used(at_the_mailbox, joan):
    choose(at_the_mailbox, joan)
    save(at_the_mailbox, phone_outreach__sms="yes")

    page = words(at_the_mailbox.get("/p/code").text)

    assert "Other people use that email or phone too." in page
    assert "Your link" not in page


def test_there_a_yes_takes_a_code_at_an_address_that_is_theirs_alone(at_the_mailbox, joan, settings):
    choose(at_the_mailbox, joan)

    assert save(at_the_mailbox, phone_outreach__sms="yes").headers["Location"] == "/p/code"
    assert "j•••@e•••.org" in at_the_mailbox.get("/p/code").text  # no texts here, so there is no other
    assert not decide(joan, "phone_outreach", "sms").allowed


def test_where_they_have_an_address_of_their_own_the_shared_one_is_not_on_offer(at_the_mailbox, joan):
    number = identity.named(IdentifierKind.EXTERNAL_ID, f"patient {people.EMAIL}{people.PHONE}", "clinic")
    own = identity.named("email", "own@example.org")
    ids = (number, own, identity.named("email", people.EMAIL))
    services.identify(call=Call(identifiers=ids), said=people.said())
    choose(at_the_mailbox, joan)

    page = at_the_mailbox.get("/p/code").text

    assert "o•••@e•••.org" in page
    assert "j•••@e•••.org" not in page


def test_who_is_known_by_a_record_number_only_is_told_by_its_end(client):
    number = identity.named(IdentifierKind.MRN, "7700123", "main")
    known_as = identity.named(IdentifierKind.EXTERNAL_ID, "the child", "clinic")
    ids = (number, known_as, identity.named("email", "family@example.org"))
    services.identify(call=Call(identifiers=ids), said=people.said())
    people.person(email="family@example.org", phone=SAMS)
    codes.ask(client, "family@example.org")
    codes.enter(client, codes.arrived())

    page = client.get("/whose").text
    assert "7700123" not in page
    [key] = re.findall(r'value="([^"]+)">The person with record', page)
    choose(client, key)
    assert "The person with record number •••123 Not right?" in words(client.get("/p").text)


def test_a_large_family_takes_no_more_queries(at_the_mailbox):
    with CaptureQueriesContext(connection) as of_two:
        at_the_mailbox.get("/whose")
    for number in range(5):
        people.person(email=people.EMAIL, phone=f"+1202555017{number}")
    codes.ask(at_the_mailbox, people.EMAIL)
    codes.enter(at_the_mailbox, codes.arrived())

    with CaptureQueriesContext(connection) as of_seven:
        page = at_the_mailbox.get("/whose").text

    assert page.count('name="person"') == 7
    assert len(of_seven) == len(of_two)


def test_who_can_not_be_told_apart_is_not_on_offer(client, joan):
    for who in ("a", "b"):
        number = identity.named(IdentifierKind.EXTERNAL_ID, who, "clinic")
        ids = (number, identity.named("email", "family@example.org"))
        services.identify(call=Call(identifiers=ids), said=people.said())
    codes.ask(client, "family@example.org")
    codes.enter(client, codes.arrived())

    page = words(client.get("/whose").text)

    assert "So it does not tell us whose page to open." in page
    assert "Someone of whom we know nothing else" not in page


def test_nobody_else_can_be_chosen(at_the_mailbox, joan):
    mary = people.person(email="mary@example.net", phone="+12025550155")

    for wanted in (mary, "nonsense", ""):
        assert choose(at_the_mailbox, wanted).status_code == 200
    assert at_the_mailbox.get("/p").status_code == 403


def test_without_the_code_nobody_is_shown(client, sam):
    codes.ask(client, people.EMAIL)

    assert client.get("/whose").headers["Location"] == "/"
    assert choose(Client(), sam).headers["Location"] == "/"


def test_who_asked_to_be_reached_elsewhere_meanwhile_is_not_on_offer(at_the_mailbox, sam, joan):
    only_by_a_new_phone(sam)

    page = at_the_mailbox.get("/whose").text

    assert "0777" not in page
    assert "0100" not in page
    choose(at_the_mailbox, sam)
    assert at_the_mailbox.get("/p").status_code == 403
