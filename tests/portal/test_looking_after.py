"""A parent or caregiver opens the page of somebody they look after, by a grant that staff recorded (R11)."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal import selectors
from portal import services as services_of_the_page
from portal.links import link_for
from portal.terms import Purpose
from preferences import identity, services
from preferences.models import Change, Profile, ProxyGrant
from preferences.selectors import decide
from preferences.services import Allowed, Call
from preferences.terms import ANY, IdentifierKind, Relation
from tests.portal import people
from tests.portal.forms import fields, names, open_form, save, words
from tests.portal.story import result


@pytest.fixture
def sam(db):
    return people.person(email="sam@example.net", phone="+12025550188", jurisdiction="US-CA")


@pytest.fixture
def grant(joan, sam):
    """Joan may choose about all messages for Sam."""

    def let(*categories):
        people.looks_after(joan, sam, categories=categories or [ANY])

    let()
    return let


def turn(client, who):
    return client.post("/p/for", {"person": str(who)})


def token(client):
    return str(client.get("/p").context["csrf_token"])


def test_what_is_chosen_there_counts_for_them_with_both_in_the_ledger(visit_by_code, joan, sam, grant):
    assert "You also look after: A person you care for (s•••@e•••.net, ••• ••• 0188)" in words(
        visit_by_code.get("/p").text
    )
    assert turn(visit_by_code, sam).headers["Location"] == "/p"
    assert "You are choosing for someone else:" in words(visit_by_code.get("/p").text)

    save(visit_by_code, appointment_reminders__sms="no", phone_outreach__sms="yes")

    assert not decide(sam, "appointment_reminders", "sms").allowed
    assert decide(sam, "phone_outreach", "sms").allowed
    assert decide(joan, "appointment_reminders", "sms").allowed
    assert "Appointment reminders: Text message No" in result(visit_by_code)
    change = Change.objects.filter(subject_id=sam).latest("id")
    marks = [(each["by"], each["who"]) for each in json.loads(change.entries) if each["do"] == "choice"]
    assert marks == [("proxy", str(joan))] * 2


@pytest.mark.parametrize("path", ["/p/addresses", "/p/only", "/p/saved", "/p/receipt"])
def test_every_page_says_for_whom_it_is(visit_by_code, joan, sam, grant, path):
    turn(visit_by_code, sam)
    save(visit_by_code, appointment_reminders__sms="no")

    page = words(visit_by_code.get(path).text)

    assert "You are choosing for someone else: A person you care for (s•••@e•••.net" in page
    turn(visit_by_code, "")
    assert "for someone else:" not in words(visit_by_code.get(path, follow=True).text)


def test_a_second_question_and_a_new_address_say_it_too(visit_by_code, joan, sam, grant):
    grant(ANY, "sale_or_sharing")
    people.looks_after(joan, sam, Relation.REPRESENTATIVE)
    turn(visit_by_code, sam)
    save(visit_by_code, sale_or_sharing__="yes")
    visit_by_code.post("/p/addresses", {"address": "new@example.net"})

    for path in ("/p/confirm", "/p/addresses/code"):
        assert "You are choosing for someone else:" in words(visit_by_code.get(path).text)


@pytest.mark.parametrize("path", ["/", "/p/no-link", "/u/no-link"])
def test_a_page_that_is_not_about_them_does_not_say_it(visit_by_code, sam, grant, path):
    turn(visit_by_code, sam)

    assert "for someone else:" not in words(visit_by_code.get(path).text)


def test_an_unsubscribe_link_of_their_own_is_not_said_to_be_about_them(visit_by_code, joan, sam, grant):
    turn(visit_by_code, sam)

    page = visit_by_code.get(link_for(joan, purpose=Purpose.UNSUBSCRIBE)).text

    assert "for someone else:" not in words(page)


def test_a_page_that_is_over_tells_nobody_whom_they_looked_after(visit_by_code, joan, sam, grant):
    turn(visit_by_code, sam)
    Profile.objects.filter(pk=joan).update(link_epoch=1)

    answer = visit_by_code.get("/p")

    assert answer.status_code == 403
    assert "s•••@e•••.net" not in answer.text


def test_who_turned_out_to_be_another_record_is_told_for_whom_it_is_too(visit_by_code, joan, sam):
    mary = people.person(email="mary@example.net", phone="")
    people.looks_after(mary, sam)
    services.merge(survivor_id=mary, other_id=joan, said=people.by_staff(), reason="The same birthday")

    turn(visit_by_code, sam)

    assert "You are choosing for someone else:" in words(visit_by_code.get("/p/addresses").text)


def test_children_who_have_only_their_parents_address_are_told_apart(visit_by_code, joan):
    born = timezone.now().date() - timedelta(days=3000)
    for number in ("7700123", "7700456"):
        mrn = identity.named(IdentifierKind.MRN, number, "main")
        child = services.identify(call=Call(identifiers=(mrn,)), said=people.said()).profile_id
        assert child
        people.looks_after(joan, child, Relation.PARENT, born=born)

    page = words(visit_by_code.get("/p").text)

    assert "Your child (•••123)" in page
    assert "Your child (•••456)" in page


def test_back_on_their_own_page_they_choose_for_themselves(visit_by_code, joan, sam, grant):
    turn(visit_by_code, sam)
    turn(visit_by_code, "")

    save(visit_by_code, appointment_reminders__sms="no")

    assert not decide(joan, "appointment_reminders", "sms").allowed
    assert decide(sam, "appointment_reminders", "sms").allowed


def test_a_page_left_open_is_saved_for_nobody_else(visit_by_code, joan, sam, grant):
    turn(visit_by_code, sam)
    of_sam = open_form(visit_by_code)
    visit_by_code.handler.enforce_csrf_checks = True
    visit_by_code.post("/p/for", {**fields(visit_by_code.get("/p").text), "person": ""})

    answer = save(visit_by_code, of_sam, appointment_reminders__sms="no")

    assert answer.status_code == 409
    assert "Another page is open now" in words(answer.text)
    assert 'href="/p"' in answer.text
    assert decide(joan, "appointment_reminders", "sms").allowed
    assert decide(sam, "appointment_reminders", "sms").allowed

    assert save(visit_by_code, appointment_reminders__sms="no").status_code == 303
    assert not decide(joan, "appointment_reminders", "sms").allowed


def test_a_page_that_was_slow_to_load_turns_nobody_back(visit_by_code, joan, sam, grant, monkeypatch):
    meanwhile, see = Client(), selectors.see_with_addresses
    meanwhile.cookies = visit_by_code.cookies

    def slowly(*of):
        monkeypatch.undo()
        turn(meanwhile, sam)
        return see(*of)

    monkeypatch.setattr(selectors, "see_with_addresses", slowly)
    visit_by_code.get("/p")

    save(visit_by_code, {}, appointment_reminders__sms="no")
    assert decide(joan, "appointment_reminders", "sms").allowed
    assert not decide(sam, "appointment_reminders", "sms").allowed


@pytest.mark.parametrize("page", ["saved", "confirm", "undo"])
def test_what_was_slow_to_be_saved_for_themselves_is_not_told_or_confirmed_for_them(
    visit_by_code, joan, sam, monkeypatch, page
):
    people.looks_after(joan, sam, categories=[ANY, "sale_or_sharing"])
    meanwhile, slow = Client(), services_of_the_page.save
    meanwhile.cookies = visit_by_code.cookies

    def saved_slowly(**said):
        monkeypatch.undo()
        came = slow(**said)
        turn(meanwhile, sam)
        return came

    monkeypatch.setattr(services_of_the_page, "save", saved_slowly)
    save(visit_by_code, appointment_reminders__sms="no", sale_or_sharing__="yes")
    visit_by_code.post(f"/p/{page}", {"act": "yes"})

    assert visit_by_code.get(f"/p/{page}", follow=True).redirect_chain[-1] == ("/p", 303)
    assert not decide(joan, "appointment_reminders", "sms").allowed
    assert not Change.objects.filter(subject_id=sam, entries__contains='"do":"choice"').exists()


def test_who_opens_their_own_link_has_nothing_left_of_the_other_page(visit_by_code, joan, sam, grant):
    turn(visit_by_code, sam)
    save(visit_by_code, appointment_reminders__sms="no")
    services.revoke_proxy(grant_id=ProxyGrant.objects.get().pk, said=people.by_staff())
    visit_by_code.get(link_for(joan, address_id=people.address("email", people.EMAIL)))

    assert visit_by_code.get("/p/saved").headers["Location"] == "/p"
    visit_by_code.post("/p/undo", {"act": "undo"})

    assert not decide(sam, "appointment_reminders", "sms").allowed


def test_everything_stops_what_the_grant_covers(visit_by_code, sam, grant):
    turn(visit_by_code, sam)

    save(visit_by_code, act="stop")

    assert not decide(sam, "marketing_emails", "email").allowed
    assert not decide(sam, "care_follow_ups", "mail").allowed


def test_what_still_comes_tells_of_nothing_that_the_grant_does_not_cover(visit_by_code, sam, grant):
    people.publish_category({**people.body_of("care_follow_ups"), "sensitive": True})
    turn(visit_by_code, sam)

    save(visit_by_code, act="stop")

    assert "Care follow-ups" not in result(visit_by_code)


def test_uses_of_data_are_not_shown_unless_they_were_granted_by_name(visit_by_code, sam, grant):
    turn(visit_by_code, sam)
    assert "choice.sale_or_sharing." not in names(visit_by_code.get("/p").text)

    save(visit_by_code, sale_or_sharing__="no")
    assert decide(sam, "sale_or_sharing").allowed

    grant("sale_or_sharing")
    assert "choice.sale_or_sharing." in names(visit_by_code.get("/p").text)


def test_a_link_alone_tells_of_nobody_else(visit, sam, grant):
    assert "You also look after" not in visit.get("/p").text
    assert turn(visit, sam).headers["Location"] == "/p/code"


def test_nobody_turns_to_somebody_whom_they_do_not_look_after(visit_by_code, sam):
    turn(visit_by_code, sam)

    assert "s•••@e•••.net" not in visit_by_code.get("/p").text
    save(visit_by_code, appointment_reminders__sms="no")
    assert decide(sam, "appointment_reminders", "sms").allowed


def test_once_the_grant_has_ended_nothing_is_saved_for_anybody(visit_by_code, joan, sam, grant):
    turn(visit_by_code, sam)
    services.revoke_proxy(grant_id=ProxyGrant.objects.get().pk, said=people.by_staff())

    assert save(visit_by_code, {}, appointment_reminders__sms="no").status_code == 403
    assert decide(joan, "appointment_reminders", "sms").allowed
    assert decide(sam, "appointment_reminders", "sms").allowed


def test_that_it_has_ended_is_said_and_leads_back_to_their_own_page(visit_by_code, sam, grant):
    turn(visit_by_code, sam)
    services.revoke_proxy(grant_id=ProxyGrant.objects.get().pk, said=people.by_staff())

    page = words(visit_by_code.get("/p").text)

    assert "You can no longer choose for this person here" in page
    assert "15 minutes" not in page
    assert "This page is for j•••@e•••.org" in words(visit_by_code.get("/p").text)


def test_sent_once_more_after_that_it_is_not_saved_on_their_own_page(visit_by_code, joan, sam, grant):
    visit_by_code.handler.enforce_csrf_checks = True
    turn_to_sam = {"person": str(sam), "csrfmiddlewaretoken": token(visit_by_code)}
    visit_by_code.post("/p/for", turn_to_sam)
    form = {"csrfmiddlewaretoken": token(visit_by_code), "choice.appointment_reminders.sms": "opted_out"}
    services.revoke_proxy(grant_id=ProxyGrant.objects.get().pk, said=people.by_staff())

    answers = [visit_by_code.post("/p", {**form, "act": "save"}) for _ in range(2)]

    assert [each.status_code for each in answers] == [403, 409]
    assert decide(joan, "appointment_reminders", "sms").allowed


def test_an_order_of_their_own_closes_their_page_to_others(visit_by_code, sam, grant):
    turn(visit_by_code, sam)
    new = Allowed("email", identity.named("email", "s2@example.net"))
    services.order(profile_id=sam, allowed=[new], said=people.by_staff())

    assert visit_by_code.get("/p").status_code == 403


def test_the_privacy_signal_of_their_browser_is_about_themselves_only(visit_by_code, sam, grant):
    grant("sale_or_sharing")
    turn(visit_by_code, sam)

    visit_by_code.get("/p", headers={"Sec-GPC": "1"})

    assert decide(sam, "sale_or_sharing").allowed


def test_told_of_that_signal_they_do_not_overrule_the_persons_own(visit_by_code, sam, grant):
    signal = {"Sec-GPC": "1"}
    grant("sale_or_sharing")
    turn(visit_by_code, sam)
    save(visit_by_code, sale_or_sharing__="no")
    assert "Opt-out request honored" not in words(visit_by_code.get("/p", headers=signal).text)
    save(visit_by_code, sale_or_sharing__="yes")
    visit_by_code.post("/p/confirm", {"act": "yes"}, headers=signal)
    assert decide(sam, "sale_or_sharing").allowed

    own = Client()
    own.get(link_for(sam, address_id=people.address("email", "sam@example.net")))
    own.get("/p", headers=signal)

    assert not decide(sam, "sale_or_sharing").allowed


def test_however_many_they_look_after_the_page_takes_the_same_queries(
    visit_by_code, joan, grant, django_assert_num_queries
):
    with CaptureQueriesContext(connection) as for_one:
        visit_by_code.get("/p")
    for number in range(3):
        people.looks_after(joan, people.person(email=f"kim{number}@example.net", phone=""))

    with django_assert_num_queries(len(for_one)):
        assert visit_by_code.get("/p").text.count("A person you care for") == 4


def test_a_pause_is_the_persons_own(visit_by_code, sam, grant):
    turn(visit_by_code, sam)
    assert "/p/pause" not in visit_by_code.get("/p").text

    visit_by_code.post("/p/pause", {"pause": "marketing_emails.30"})

    assert decide(sam, "marketing_emails", "email").allowed


def test_they_take_back_what_they_chose_for_them_and_the_ledger_says_who(visit_by_code, joan, sam, grant):
    turn(visit_by_code, sam)
    save(visit_by_code, appointment_reminders__sms="no")

    visit_by_code.post("/p/undo", {"act": "undo"})

    assert decide(sam, "appointment_reminders", "sms").allowed
    [void] = json.loads(Change.objects.filter(subject_id=sam).latest("id").entries)
    assert (void["do"], void["by"], void["who"]) == ("void", "proxy", str(joan))


def test_a_save_under_two_grants_is_told_and_taken_back_as_one(visit_by_code, sam, grant):
    grant("sale_or_sharing")
    turn(visit_by_code, sam)

    save(visit_by_code, appointment_reminders__sms="no", sale_or_sharing__="no")

    for page in ("/p/saved", "/p/receipt"):
        told = words(visit_by_code.get(page).text)
        assert "Appointment reminders: Text message No" in told
        assert "Sale or sharing" in told
    visit_by_code.post("/p/undo", {"act": "yes"})
    assert decide(sam, "appointment_reminders", "sms").allowed
    assert decide(sam, "sale_or_sharing").allowed


def test_once_the_grant_has_ended_nothing_is_taken_back(visit_by_code, sam, grant):
    turn(visit_by_code, sam)
    save(visit_by_code, appointment_reminders__sms="no")
    services.revoke_proxy(grant_id=ProxyGrant.objects.get().pk, said=people.by_staff())

    assert visit_by_code.post("/p/undo", {"act": "undo"}).status_code == 403
    assert not decide(sam, "appointment_reminders", "sms").allowed


def test_what_a_grant_does_not_cover_any_more_is_not_taken_back(visit_by_code, sam, grant):
    grant("sale_or_sharing")
    turn(visit_by_code, sam)
    save(visit_by_code, sale_or_sharing__="no")
    services.revoke_proxy(grant_id=ProxyGrant.objects.latest("change").pk, said=people.by_staff())

    assert visit_by_code.post("/p/undo", {"act": "yes"}).status_code == 403
    assert not decide(sam, "sale_or_sharing").allowed
