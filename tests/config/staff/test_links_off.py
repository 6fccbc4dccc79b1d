"""Staff switch off all links to somebody's page: what ends in the patient's browser, and what goes on."""

import pytest
from django.test import Client

from portal.links import link_for
from portal.terms import Purpose
from preferences import services
from preferences.models import Change, Outbox, Profile, ViewLog
from preferences.selectors import decide
from preferences.verify import verify
from tests.config.staff import desk
from tests.portal import codes, people
from tests.portal.test_history import history

pytestmark = pytest.mark.django_db
BROKEN_INTO = "their mailbox was broken into"


@pytest.fixture
def phone():
    """The patient's own browser."""
    return Client()


@pytest.fixture
def mary():
    return people.person(email="mary@example.net", phone="")


def path(person):
    return f"/admin/people/{person}/links/off/"


def seen(staff, person):
    """What the form has in it that staff don't see."""
    return staff.get(path(person)).context["page"].form["seen"].value()


def switch_off(staff, person, reason=BROKEN_INTO):
    """Opened, filled in and sent."""
    answer = staff.post(path(person), {"seen": seen(staff, person), "reason": reason})
    assert not [finding for part in verify() for finding in part.findings]
    return answer


def mailed(person, email=people.EMAIL, **how):
    return link_for(person, address_id=people.address("email", email), **how)


def merge(survivor, other):
    services.merge(survivor_id=survivor, other_id=other, said=people.by_staff(), reason="same birthday")


def part(person):
    services.part(profile_id=person, said=people.by_staff(), reason="twins")


def story(staff, person):
    """What each entry says on staff's page, newest first."""
    events = staff.get(f"/admin/people/{person}/").context["page"].events
    return [line.what.words for event in events for line in event.lines]


def test_a_link_in_an_old_message_no_longer_works_and_says_what_to_do(staff, joan, phone):
    link = mailed(joan)

    switch_off(staff, joan)
    answer = phone.get(link)

    assert answer.status_code == 410
    assert "This link no longer works" in answer.text
    assert 'href="/">Or enter your email or phone, and we send you a code.' in answer.text


@pytest.mark.parametrize("by_code", [False, True])
def test_a_page_that_is_open_closes_at_the_next_click_and_saves_nothing(staff, joan, phone, by_code):
    phone.get(mailed(joan))
    if by_code:
        codes.step_up(phone)
    assert phone.get("/p").status_code == 200

    switch_off(staff, joan)

    assert phone.post("/p", {"act": "stop"}).status_code == 403
    assert phone.get("/p").status_code == 403
    assert decide(joan, "appointment_reminders", "email").allowed


def test_a_page_that_was_chosen_at_a_shared_mailbox_is_not_chosen_again_without_a_new_code(
    staff, joan, phone
):
    sam = people.person(email=people.EMAIL, phone="+12025550100")
    for who in (joan, sam):
        codes.ask(phone, people.EMAIL)
        codes.enter(phone, codes.arrived())
        phone.post("/whose", {"person": str(who)})
        assert phone.get("/p").status_code == 200

        switch_off(staff, who)
        phone.post("/whose", {"person": str(who)})

        assert phone.get("/p").status_code == 403


def test_an_unsubscribe_link_goes_on(staff, joan, phone):
    link = mailed(joan, category="patient_surveys", purpose=Purpose.UNSUBSCRIBE)

    switch_off(staff, joan)

    assert phone.post(link).status_code == 200
    assert not decide(joan, "patient_surveys", "email").allowed


def test_whoever_chooses_for_them_goes_on_by_a_link_of_their_own(staff, joan, mary, phone):
    people.looks_after(joan, mary)
    phone.get(mailed(joan))
    codes.step_up(phone)
    phone.post("/p/for", {"person": str(mary)})

    switch_off(staff, mary)
    assert "You are choosing for someone else" in phone.get("/p").text

    switch_off(staff, joan)
    assert phone.get("/p").status_code == 403


def test_the_next_link_and_a_code_open_the_page_and_its_history_says_what_was_done(staff, joan, phone):
    switch_off(staff, joan)

    phone.get(mailed(joan))
    codes.step_up(phone)

    told = history(phone)
    assert "Links to your page in older messages Switched off to protect you Your care team" in told
    assert BROKEN_INTO not in told


def test_the_story_says_who_did_it_and_why_and_it_is_never_voided(staff, joan):
    assert "All links are switched off" in staff.get(switch_off(staff, joan).url).text

    event = staff.get(f"/admin/people/{joan}/").context["page"].events[0]
    assert [line.what.words for line in event.lines] == ["All links to their page were switched off"]
    assert event.by == "staff (maria)"
    assert event.evidence == (("Reason", BROKEN_INTO),)
    assert not event.may_void
    assert BROKEN_INTO not in "".join(Change.objects.values_list("entries", flat=True))


def test_no_system_is_told(staff, joan):
    before = Outbox.objects.count()

    switch_off(staff, joan)

    assert Outbox.objects.count() == before


def test_two_clicks_on_one_form_are_one_act_and_a_second_form_is_another(staff, joan, phone):
    form = {"seen": seen(staff, joan), "reason": BROKEN_INTO}
    staff.post(path(joan), form)
    link = mailed(joan)

    again = staff.post(path(joan), form, follow=True)

    assert "Nothing more was done" in again.text
    assert phone.get(link).status_code == 303
    switch_off(staff, joan)
    assert phone.get(link).status_code == 410
    assert story(staff, joan).count("All links to their page were switched off") == 2


@pytest.mark.parametrize("reason", ["", "  "])
def test_it_asks_why(staff, joan, phone, reason):
    link = mailed(joan)

    assert switch_off(staff, joan, reason).status_code == 422
    assert phone.get(link).status_code == 303


# --- records that are one person ---


def test_links_of_a_record_that_was_merged_end_as_well_and_it_is_told_once(staff, joan, mary, phone):
    links = [mailed(joan), mailed(mary, "mary@example.net")]
    merge(joan, mary)
    links.append(mailed(mary, "mary@example.net"))

    switch_off(staff, joan)

    assert [phone.get(link).status_code for link in links] == [410, 410, 410]
    assert phone.get(mailed(mary, "mary@example.net")).status_code == 303
    assert story(staff, joan).count("All links to their page were switched off") == 1
    phone.get(mailed(joan))
    codes.step_up(phone)
    assert history(phone).count("Links to your page in older messages") == 1


def test_what_was_switched_off_stays_off_when_they_part_and_is_told_to_both(staff, joan, mary, phone):
    links = [mailed(joan), mailed(mary, "mary@example.net")]
    merge(joan, mary)
    switch_off(staff, joan)

    part(mary)

    assert [phone.get(link).status_code for link in links] == [410, 410]
    assert not [finding for part in verify() for finding in part.findings]
    assert "All links to their page were switched off" in story(staff, joan)
    assert "All links to their page were switched off, when this record was part of" in story(staff, mary)


def test_a_merge_switches_nothing_off_or_on(staff, joan, mary, phone):
    old = mailed(joan)
    switch_off(staff, joan)
    links = [mailed(joan), mailed(mary, "mary@example.net")]

    merge(mary, joan)

    assert [phone.get(link).status_code for link in links] == [303, 303]
    assert phone.get(old).status_code == 410
    assert story(staff, mary).count("All links to their page were switched off") == 1
    switch_off(staff, mary)
    assert [phone.get(link).status_code for link in links] == [410, 410]


# --- who, and what it costs ---


def test_the_front_desk_may_and_every_look_is_noted(client, django_user_model, joan):
    clerk = django_user_model.objects.create_user("c", is_staff=True)
    client.force_login(desk.allow(clerk, "view_profile", "add_change"))

    assert "Switch off all links" in client.get(f"/admin/people/{joan}/").text
    asks = client.get(path(joan)).text

    assert "Unsubscribe links" in asks
    assert ViewLog.objects.filter(profile=joan, page="switch off all links").count() == 1


def test_nobody_else_may(client, django_user_model, joan):
    reader = django_user_model.objects.create_user("r", is_staff=True)
    client.force_login(desk.allow(reader, "view_profile", "set_order"))

    assert client.post(path(joan), {"reason": BROKEN_INTO, "seen": 0}).status_code == 403
    assert "links/off" not in client.get(f"/admin/people/{joan}/").text
    assert Profile.objects.get(pk=joan).link_epoch == 0


def test_opening_a_link_takes_the_queries_that_it_took_before(
    staff, joan, mary, phone, django_assert_num_queries
):
    merge(joan, mary)
    switch_off(staff, joan)
    link = mailed(mary, "mary@example.net")

    with django_assert_num_queries(7):
        phone.get(link)


def test_verify_ledger_finds_links_that_were_put_on_again(staff, joan):
    switch_off(staff, joan)

    Profile.objects.filter(pk=joan).update(link_epoch=0)

    [found] = [finding for part in verify() for finding in part.findings]
    assert found.what == "links that were switched off are on again"
