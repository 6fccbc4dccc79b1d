"""*Contact me only in these ways*: a confidential-communications order on the person's own page (R8)."""

import json
import re

import pytest
from django.core import mail
from django.test import Client

from portal import sending
from portal.links import link_for
from portal.models import Code
from preferences import identity, services
from preferences.appearance import LANGUAGE
from preferences.models import Change, Holding, Outbox, Profile
from preferences.selectors import decide
from preferences.services import Allowed
from preferences.terms import Relation, RevisionKind
from tests.portal import codes, people
from tests.portal.forms import words
from tests.portal.test_telling import destination, row

pytestmark = pytest.mark.django_db
NEW = "safe@example.net"


def the(value):
    return people.address("email" if "@" in value else "phone", value)


def ask_for(client, *ways, letter="", act="order", address=""):
    """Tick these, and press a button."""
    return client.post("/p/only", {"way": list(ways), "letter": letter, "act": act, "address": address})


def show_to_be_theirs(client, address, *ticked, letter=""):
    """A code goes to an address that we do not know yet, and comes back."""
    ask_for(client, *ticked, act="another", address=address, letter=letter)
    return client.post("/p/addresses/code", {"code": codes.arrived()})


def way(channel, value):
    return f"{channel}:{the(value)}"


def allowed(who):
    order = Profile.objects.get(pk=who).order
    order = json.loads(order) if isinstance(order, str) else order
    return {tuple(each) for each in order["allowed"]} if order else None


def test_only_a_way_that_we_know_already(visit_by_code, joan):
    answer = ask_for(visit_by_code, way("sms", people.PHONE))

    assert answer.headers["Location"] == "/p/saved"
    assert allowed(joan) == {("sms", str(the(people.PHONE)))}
    assert not decide(joan, "marketing_emails", "email").allowed
    assert not decide(joan, "care_follow_ups", "phone").allowed
    assert decide(joan, "appointment_reminders", "sms").allowed
    assert "Reach me in this way only Text message ••• ••• 0143" in words(visit_by_code.get("/p/saved").text)
    page = words(visit_by_code.get("/p/only").text)
    assert "Text message ••• ••• 0143" in page
    assert "Only our staff can end this, and only when you ask." in page


def test_only_a_new_email_that_a_code_has_reached(visit_by_code, joan):
    assert show_to_be_theirs(visit_by_code, NEW).headers["Location"] == "/p/only"
    assert allowed(joan) is None
    assert not Holding.objects.filter(identifier=the(NEW)).exists()
    assert f'value="{way("email", NEW)}" checked' in visit_by_code.get("/p/only").text

    ask_for(visit_by_code, way("email", NEW))

    assert allowed(joan) == {("email", str(the(NEW)))}
    [holding] = Holding.objects.filter(profile=joan, identifier=the(NEW))
    assert (holding.confidential, holding.verified_how) == (True, "code")


def test_after_it_nothing_goes_to_the_old_email_and_old_links_show_nothing_new(visit_by_code, joan):
    old = link_for(joan, address_id=the(people.EMAIL))
    elsewhere = Client()
    elsewhere.get(old)
    show_to_be_theirs(visit_by_code, NEW)
    ask_for(visit_by_code, way("email", NEW))
    sent = len(mail.outbox)

    asked = Client()
    assert codes.ask(asked, people.EMAIL).headers["Location"] == "/code"
    sending.send_due()

    assert len(mail.outbox) == sent
    for page in (Client().get(old), elsewhere.get("/p"), elsewhere.get("/p/addresses")):
        assert page.status_code in {403, 410}
        assert "s•••@e•••.net" not in page.text
    assert "s•••@e•••.net" in visit_by_code.get("/p/only").text  # in the visit that gave it, still
    codes.ask(asked, NEW)
    assert codes.enter(asked, codes.arrived()).headers["Location"] == "/p"


def test_what_was_ticked_and_written_is_kept_while_a_code_comes(visit_by_code):
    show_to_be_theirs(visit_by_code, NEW, way("sms", people.PHONE), letter="1 Oak Street")

    page = visit_by_code.get("/p/only").text

    assert f'value="{way("sms", people.PHONE)}" checked' in page
    assert f'value="{way("phone", people.PHONE)}" checked' not in page
    assert ">1 Oak Street</textarea>" in page
    assert "Oak" not in str(dict(visit_by_code.session))


def test_what_was_just_typed_is_changed_where_it_was_typed(visit_by_code):
    ask_for(visit_by_code, act="another", address=NEW)

    assert 'href="/p/only?change=1"' in visit_by_code.get("/p/addresses/code").text
    assert f'value="{NEW}"' in visit_by_code.get("/p/only?change=1").text


def test_while_it_stands_the_page_says_who_changes_an_address_and_how(visit_by_code):
    assert 'href="/p/addresses"' in visit_by_code.get("/p").text
    ask_for(visit_by_code, way("email", people.EMAIL))

    page = visit_by_code.get("/p").text
    assert 'href="/p/addresses"' not in page
    assert "To change your email or phone, ask at a front desk, or call us." in words(page)


def test_only_letters(visit_by_code, joan):
    ask_for(visit_by_code, letter="1 Oak Street, Springfield")

    assert allowed(joan) == {("mail", "")}
    assert b"Oak" not in Change.objects.latest("id").entries.encode()


@pytest.mark.parametrize("letter", ["  ", " \u200b\r\n"])
def test_nothing_ticked_is_an_error_and_changes_nothing(visit_by_code, joan, letter):
    answer = ask_for(visit_by_code, letter=letter)

    assert answer.status_code == 422
    assert "Choose at least one way in which we may reach you." in answer.text
    assert allowed(joan) is None


def test_an_address_that_is_not_theirs_and_that_no_code_reached_is_not_allowed(visit_by_code, joan):
    people.person(email="mary@example.net", phone="")

    answer = ask_for(visit_by_code, way("email", "mary@example.net"), "email:nonsense", "fax:1")

    assert answer.status_code == 422
    assert allowed(joan) is None


def test_the_latest_stands(visit_by_code, joan):
    ask_for(visit_by_code, way("sms", people.PHONE))
    ask_for(visit_by_code, way("email", people.EMAIL), way("sms", people.PHONE))

    assert allowed(joan) == {("email", str(the(people.EMAIL))), ("sms", str(the(people.PHONE)))}


def choose_again(client, **changed):
    """As a browser sends the page when only this was changed."""
    html = client.get("/p/only").text
    [letter] = re.findall(r"(?s)<textarea[^>]*>(.*?)</textarea>", html)
    [standing] = re.findall(r'name="standing" value="(\d+)"', html)
    form = {
        "way": re.findall(r'name="way" value="([^"]+)" checked', html),
        "standing": standing,
        "letter": letter.replace("\n", "\r\n"),
        "act": "order",
    }
    return client.post("/p/only", {**form, **changed})


def test_choosing_again_begins_with_what_stands(visit_by_code):
    ask_for(visit_by_code, way("sms", people.PHONE), letter="1 Oak Street\r\nSpringfield")

    page = visit_by_code.get("/p/only").text

    assert f'value="{way("sms", people.PHONE)}" checked' in page
    assert f'value="{way("email", people.EMAIL)}" checked' not in page
    assert ">1 Oak Street\nSpringfield</textarea>" in page


def test_an_order_equal_to_the_one_that_stands_writes_nothing_and_says_so(visit_by_code):
    ask_for(visit_by_code, way("sms", people.PHONE), letter="1 Oak Street\r\nSpringfield")
    before = Change.objects.count()

    answer = choose_again(visit_by_code)

    assert answer.headers["Location"] == "/p/saved"
    assert "Nothing was changed" in words(visit_by_code.get("/p/saved").text)
    assert Change.objects.count() == before
    assert visit_by_code.get("/p/only").status_code == 200


@pytest.mark.parametrize(
    ("changed", "heading"),
    [
        ({"letter": "2 Elm Street"}, "Reach me only in these ways"),
        ({"letter": ""}, "Reach me in this way only"),
        ({"way": []}, "Reach me in this way only"),
    ],
)
def test_whatever_differs_is_a_new_order(visit_by_code, changed, heading):
    ask_for(visit_by_code, way("sms", people.PHONE), letter="1 Oak Street")
    before = Change.objects.count()

    choose_again(visit_by_code, **changed)

    assert Change.objects.count() == before + 1
    assert heading in words(visit_by_code.get("/p/saved").text)


def test_a_button_pressed_twice_gives_one_order_and_shows_it_as_saved(visit_by_code):
    before = Change.objects.count()
    for _ in range(2):
        ask_for(visit_by_code, way("sms", people.PHONE))

    assert Change.objects.count() == before + 1
    assert "Reach me in this way only Text message" in words(visit_by_code.get("/p/saved").text)


def test_the_letter_of_an_order_that_staff_recorded_stands_there_too(visit_by_code, joan):
    email = identity.named("email", people.EMAIL)
    allowed = [Allowed("email", email), Allowed("mail", text="9 Elm Street")]
    services.order(profile_id=joan, allowed=allowed, said=people.by_staff())

    assert ">9 Elm Street</textarea>" in visit_by_code.get("/p/only").text


def test_while_it_stands_a_new_address_is_staffs_to_add(visit_by_code, joan):
    ask_for(visit_by_code, way("email", people.EMAIL))
    sent = len(mail.outbox)

    answer = ask_for(visit_by_code, act="another", address=NEW)
    sending.send_due()

    assert answer.status_code == 422
    assert "can be added only by our staff" in answer.text
    assert len(mail.outbox) == sent


def test_nobody_ends_it_here_and_staff_do(visit_by_code, joan):
    ask_for(visit_by_code, way("email", people.EMAIL))

    ask_for(visit_by_code)
    assert allowed(joan)

    services.end_order(profile_id=joan, said=people.by_staff())
    assert decide(joan, "appointment_reminders", "sms").allowed


def test_a_link_alone_asks_for_a_code_even_to_look(visit, joan):
    assert visit.get("/p/only").headers["Location"] == "/p/code"
    assert ask_for(visit, way("sms", people.PHONE)).headers["Location"] == "/p/code"
    assert allowed(joan) is None

    codes.step_up(visit)
    assert allowed(joan) == {("sms", str(the(people.PHONE)))}


def test_of_several_ways_the_page_says_so(visit_by_code):
    ask_for(visit_by_code, way("email", people.EMAIL), way("sms", people.PHONE))

    said = words(visit_by_code.get("/p/saved").text)
    assert re.search(
        r"Reach me only in these ways (Email|Text message) \S+( \S+)*, (Email|Text message)", said
    )


def test_every_system_hears_of_it(visit_by_code, joan):
    Outbox.objects.all().delete()

    ask_for(visit_by_code, way("sms", people.PHONE))

    assert str(joan) in {*Outbox.objects.values_list("subject", flat=True)}


def test_the_next_page_says_which_systems_have_been_told_and_by_when_all_must_know(visit_by_code, joan):
    row(destination("mail", "Our email service"), joan)
    ask_for(visit_by_code, way("sms", people.PHONE))

    for page in ("/p/saved", "/p/receipt"):
        text = words(visit_by_code.get(page).text)
        assert re.search(r"All of them must know by \w+\.? \d+, \d{4}\.", text)
        assert "Our email service Being told…" in text
        assert "Reach me in this way only Text message ••• ••• 0143" in text


def test_it_is_not_undone_here(visit_by_code, joan):
    ask_for(visit_by_code, way("sms", people.PHONE))

    assert "Undo" not in words(visit_by_code.get("/p/saved").text)
    visit_by_code.post("/p/undo", {"act": "undo"})
    assert allowed(joan)


def test_it_is_the_persons_own_word_and_no_reason_is_asked(visit_by_code, joan):
    ask_for(visit_by_code, way("sms", people.PHONE))

    [entry] = [each for each in json.loads(Change.objects.latest("id").entries) if each["do"] == "order"]
    assert entry["by"] == "person"
    assert 'name="reason"' not in visit_by_code.get("/p/only").text


def test_in_arabic_the_digits_of_a_phone_keep_their_order_and_a_comma_is_arabic(visit_by_code, joan):
    ask_for(visit_by_code, way("sms", people.PHONE), way("phone", people.PHONE))
    Profile.objects.filter(pk=joan).update(language="ar")
    services.publish(
        kind=RevisionKind.APPEARANCE,
        key=f"{LANGUAGE}ar",
        body={"reviewed": True, "translator": "A", "qualification": "B", "day": "2026-11-20"},
        author="editor",
        reason="Reviewed",
    )

    for path in ("/p/only", "/p/history"):
        assert "رسالة نصية \u2066••• ••• 0143\u2069" in words(visit_by_code.get(f"{path}?language=ar").text)
    assert "0143\u2069، " in words(visit_by_code.get("/p/history").text)


def test_nobody_asks_for_it_for_somebody_else(visit_by_code, joan):
    sam = people.person(email="sam@example.net", phone="+12025550188", jurisdiction="US-CA")
    people.looks_after(joan, sam, Relation.REPRESENTATIVE)
    visit_by_code.post("/p/for", {"person": str(sam)})

    answer = ask_for(visit_by_code, way("email", "sam@example.net"))

    assert answer.status_code == 403
    assert "This is for the person themselves." in words(answer.text)
    assert allowed(sam) is None
    assert not Code.objects.filter(profile=sam).exists()
