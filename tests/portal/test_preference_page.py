"""What the page says: where each choice stands, honestly, and why some can't be chosen."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.links import Link, link_for, sign
from portal.terms import Purpose
from preferences import identity, services
from preferences.models import Notice, Profile, Source
from preferences.services import Allowed, Said
from preferences.terms import Actor, IdentifierKind, RestrictionKind, State
from tests.portal import people
from tests.portal.forms import names, words


def row(html: str, slug: str) -> str:
    """One category of the page, as it is read."""
    bodies = re.findall(r"(?s)<tbody.*?</tbody>|<div class=\"card use\">.*?</div>\s*</fieldset>", html)
    return next(words(each) for each in bodies if f"{slug}-note" in each)


def test_somebody_never_asked_is_told_what_holds_until_they_speak(visit):
    page = visit.get("/p").text

    assert "We have not asked you yet. We send these unless you say no." in row(page, "marketing_emails")
    assert "We do not send these unless you say yes." in row(page, "phone_outreach")
    assert "checked" not in page


def test_the_default_is_that_of_where_the_person_lives(client, db):
    quebec = people.person(email="luc@example.ca", phone="", jurisdiction="CA-QC")
    client.get(link_for(quebec))

    assert "We do not send these unless you say yes." in row(client.get("/p").text, "marketing_emails")


def test_choices_that_stand_are_shown_with_their_day(visit, joan):
    people.chose(joan, ("appointment_reminders", "sms", people.OUT))
    people.chose(joan, ("appointment_reminders", "email", people.IN))

    page = visit.get("/p").text

    assert re.search(r"Text message: You said no on \w+\. ?\d+", row(page, "appointment_reminders"))
    assert re.search(r"Email: You said yes on ", row(page, "appointment_reminders"))
    assert page.count(" checked") == 2


def test_a_number_that_sent_stop_gets_words_instead_of_a_dead_box(visit):
    people.texted_stop()

    page = visit.get("/p").text

    assert "Off: STOP was sent to us from ••• ••• 0143." in row(page, "appointment_reminders")
    assert "text START from that phone" in words(page)
    assert "choice.appointment_reminders.sms" not in names(page)
    assert "choice.appointment_reminders.email" in names(page)


def test_while_a_text_waits_to_be_read_the_page_says_so_and_not_that_somebody_refused(visit):
    people.texted_what_nobody_has_read()

    page = visit.get("/p").text

    waits = "Off for now: we got a text from ••• ••• 0143 and must read it first."
    assert waits in row(page, "appointment_reminders")
    assert "You do not have to do anything." in words(page)
    assert "we were asked not to" not in words(page)


def test_a_kind_that_was_refused_from_there_before_is_no_text_that_waits(visit):
    services.restrict(
        identifier_id=people.address(IdentifierKind.PHONE, people.PHONE),
        kind=RestrictionKind.SUPPRESSED,
        said=people.said(),
        category="patient_surveys",
        channel="sms",
    )
    people.texted_what_nobody_has_read()

    page = visit.get("/p").text

    assert "Off: we were asked not to use ••• ••• 0143 for this." in row(page, "patient_surveys")
    assert "must read it first" in row(page, "appointment_reminders")


def test_required_messages_are_locked_with_their_reason(visit):
    people.publish_required_category()

    page = visit.get("/p").text

    assert "The law asks us to send you these." in row(page, "service_notices")
    assert "Always sent" in row(page, "service_notices")
    assert not [name for name in names(page) if "service_notices" in name]
    assert "Only messages marked “Always sent” still come." in words(page)


def test_who_said_no_before_messages_became_required_reads_that_it_holds(visit, joan):
    people.chose(joan, ("patient_surveys", "email", State.OUT))
    body = people.body_of("patient_surveys")
    texts = {"en": {**body["texts"]["en"], "required_reason": "We must ask."}}
    people.publish_category({**body, "required": True, "texts": texts})

    page = visit.get("/p").text

    assert "You said no on" in row(page, "patient_surveys")
    assert "Always sent" in row(page, "patient_surveys")  # by text message, which they never refused
    assert not [name for name in names(page) if "patient_surveys" in name]


def test_calls_and_texts_that_need_consent_in_writing_show_its_wording_beside_the_choice(visit):
    page = visit.get("/p").text

    assert "you agree that Riverside Health may call or text you about this at ••• ••• 0143" in row(
        page, "phone_outreach"
    )
    assert "You do not have to say yes to get care" in row(page, "phone_outreach")
    assert "you agree" not in row(page, "patient_surveys")


def test_use_of_data_stands_apart_and_says_that_a_yes_is_asked_twice(visit):
    page = words(visit.get("/p").text)

    assert page.index("How we use your information") > page.index("Phone outreach")
    assert "If you say yes, we ask you once more to be sure." in page


def test_it_says_whose_page_it_is_without_giving_the_address_away(visit):
    page = visit.get("/p").text

    assert "This page is for j•••@e•••.org" in page
    assert people.EMAIL not in page
    assert "2025550143" not in page


def test_a_link_without_an_address_names_none(client, joan):
    client.get(link_for(joan))

    assert "This page is for" not in client.get("/p").text


def test_somebody_without_a_phone_is_told_that_we_have_none(client, db):
    client.get(link_for(people.person(phone="")))

    assert "Text message · Phone call we have none for you" in words(client.get("/p").text)


def test_the_kind_of_message_that_the_link_came_in_is_marked(client, joan):
    client.get(link_for(joan, "patient_surveys"))

    assert "You came from one of these" in row(client.get("/p").text, "patient_surveys")


def test_a_person_who_has_died_is_sent_nothing_and_nothing_can_be_chosen(visit, joan):
    Profile.objects.filter(pk=joan).update(deceased_at="2025-01-01T00:00:00Z")

    page = visit.get("/p").text

    assert "If that is wrong, please contact us." in words(page)
    assert "choice.patient_surveys.email" not in names(page)


def only_by_a_new_phone(joan):
    said = Said(Source.objects.get(slug="staff"), Actor.STAFF, timezone.now(), who="ruth")
    new = Allowed("sms", identity.named("phone", "+12025550777"))
    services.order(profile_id=joan, allowed=[new], said=said)


def test_under_an_order_the_way_that_it_allows_can_be_chosen_and_nothing_else_is_named(client, joan):
    only_by_a_new_phone(joan)
    client.get(link_for(joan, address_id=people.address("phone", "+12025550777")))

    page = client.get("/p").text

    assert "choice.appointment_reminders.sms" in names(page)
    assert "choice.appointment_reminders.email" not in names(page)
    assert "Off: you asked us to reach you in another way only." in words(page)
    assert "0777" in page
    assert "0143" not in page


def test_an_order_ends_visits_and_links_that_came_by_an_address_which_it_does_not_allow(visit, joan):
    old = link_for(joan, address_id=people.address("email", people.EMAIL))
    only_by_a_new_phone(joan)

    for page in (visit.get("/p"), visit.get("/p/code"), visit.get("/p/saved"), visit.get(old)):
        assert page.status_code in (403, 410)
        assert "0777" not in page.text
        assert "you asked us" not in page.text


def test_a_link_to_no_address_in_particular_opens_under_an_order_only_if_it_is_younger(client, joan):
    only_by_a_new_phone(joan)

    def opened(issued):
        return client.get(f"/p/{sign(Link(Purpose.VIEW, joan, 0, issued))}").status_code

    assert opened(timezone.now() - timedelta(minutes=1)) == 410
    assert opened(timezone.now() + timedelta(minutes=1)) == 303


def test_the_page_keeps_the_strict_content_policy(visit):
    answer = visit.get("/p")

    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<style|style=|onclick|<script(?! src=)", answer.text)


def test_every_group_of_answers_has_a_name_and_says_where_it_stands(visit, joan):
    people.chose(joan, ("patient_surveys", "sms", people.OUT))
    page = visit.get("/p").text
    ids = set(re.findall(r'id="([^"]+)"', page))

    for group in re.findall(r"(?s)<fieldset.*?</fieldset>", page):
        assert "<legend" in group
        described = re.findall(r'aria-describedby="([^"]*)"', group)[0].split()
        assert described
        assert set(described) <= ids
    assert len(ids) == len(re.findall(r'id="([^"]+)"', page))


def test_headings_descend_one_by_one(visit):
    levels = [int(each) for each in re.findall(r"<h(\d)", visit.get("/p").text)]

    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def test_looking_publishes_no_notice(visit):
    assert not Notice.objects.exists()


@pytest.mark.parametrize("choices", [0, 5])
def test_the_page_takes_the_same_number_of_queries_for_everyone(
    visit, joan, django_assert_num_queries, choices
):
    for _ in range(choices):
        people.chose(joan, ("patient_surveys", "sms", people.OUT))
    visit.get("/p")

    # The session, the epoch, the catalogue's version, the person and what they hold, two for the masked
    # addresses, and the session's new end (in a savepoint).
    with django_assert_num_queries(9):
        visit.get("/p")


@pytest.mark.parametrize("name", ["Acme {Care}", "Acme { Care", "Acme } Care"])
def test_the_organisation_may_be_called_anything(visit, settings, name):
    settings.HEED_ORGANISATION = name

    assert f"you agree that {name} may call or text you about this at ••• ••• 0143" in words(
        visit.get("/p").text
    )
