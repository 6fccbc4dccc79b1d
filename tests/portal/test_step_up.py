"""A link may have been passed on: it opts out, and for all else a code is asked for first."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal import sending
from portal.links import link_for
from portal.models import Code
from preferences import identity, services
from preferences.models import Change, Holding, Source
from preferences.selectors import decide
from preferences.services import Call, Said
from preferences.terms import Actor, IdentifierKind, RestrictionKind
from tests.factories import SourceFactory
from tests.portal import codes, people
from tests.portal.forms import open_form, save, words
from tests.portal.story import choices_of, read_first, result


def test_a_no_needs_no_code(visit, joan):
    answer = save(visit, appointment_reminders__sms="no")

    assert answer.headers["Location"] == "/p/saved"
    assert not decide(joan, "appointment_reminders", "sms").allowed
    assert not Code.objects.exists()


def test_a_yes_counts_once_the_code_was_entered_and_need_not_be_said_again(visit, joan):
    answer = save(visit, phone_outreach__sms="yes")

    assert answer.headers["Location"] == "/p/code"
    assert not decide(joan, "phone_outreach", "sms").allowed

    assert codes.step_up(visit).headers["Location"] == "/p/saved"
    assert decide(joan, "phone_outreach", "sms").allowed
    assert "Phone outreach: Text message Yes" in result(visit)


def test_only_where_something_was_filled_in_the_page_says_that_it_is_kept(visit):
    visit.get("/p/history")
    assert "What you have filled in is kept." not in visit.get("/p/code").text

    save(visit, phone_outreach__sms="yes")
    assert "What you have filled in is kept." in visit.get("/p/code").text


def test_a_no_on_the_same_form_counts_at_once_and_both_are_shown_in_the_end(visit, joan):
    save(visit, phone_outreach__sms="yes", appointment_reminders__sms="no")

    assert not decide(joan, "appointment_reminders", "sms").allowed

    codes.step_up(visit)
    assert "Appointment reminders: Text message No" in result(visit)
    assert "Phone outreach: Text message Yes" in result(visit)


def test_to_say_where_a_code_may_go_takes_no_more_queries_for_many_addresses(visit, joan):
    save(visit, phone_outreach__sms="yes")
    with CaptureQueriesContext(connection) as for_one:
        visit.get("/p/code")
    known = identity.named(IdentifierKind.EXTERNAL_ID, f"patient {people.EMAIL}{people.PHONE}", "clinic")
    for number in range(4):
        email = identity.named(IdentifierKind.EMAIL, f"joan.{number}@example.net")
        told = people.said(SourceFactory.create(slug=f"list-{number}"))
        services.identify(call=Call((known, email)), said=told)

    with CaptureQueriesContext(connection) as for_five:
        page = visit.get("/p/code").text

    assert page.count('name="address"') == 5
    assert len(for_five) == len(for_one)


def test_a_yes_that_is_asked_twice_is_asked_after_the_code(visit, joan):
    save(visit, sale_or_sharing__="yes")

    assert codes.step_up(visit).headers["Location"] == "/p/confirm"
    visit.post("/p/confirm", {"act": "yes"})

    assert decide(joan, "sale_or_sharing").allowed


def test_a_no_said_elsewhere_while_the_code_came_is_shown_and_asked_again(visit, joan):
    save(visit, open_form(visit), appointment_reminders__sms="yes", patient_surveys__email="no")
    people.chose(joan, ("appointment_reminders", "sms", people.OUT))

    answer = codes.step_up(visit)

    assert answer.status_code == 409
    assert "We saved your other choices." in words(answer.text)
    assert not decide(joan, "appointment_reminders", "sms").allowed


def test_whoever_leaves_without_the_code_has_saved_the_noes_only(visit, joan):
    save(visit, phone_outreach__sms="yes", appointment_reminders__sms="no")

    answer = visit.post("/p/code", {"act": "leave"})

    assert answer.headers["Location"] == "/p/saved"
    assert "Phone outreach" not in result(visit)
    codes.step_up(visit)
    assert choices_of(joan) == [("appointment_reminders", "sms", "opted_out")]


def test_one_code_is_enough_for_a_visit(visit_by_code, joan):
    save(visit_by_code, phone_outreach__sms="yes")
    save(visit_by_code, care_follow_ups__mail="yes")

    assert decide(joan, "phone_outreach", "sms").allowed
    assert len(mail.outbox) == 1


def test_opening_the_link_again_leaves_what_the_code_showed(visit_by_code, joan):
    visit_by_code.get(link_for(joan))

    assert save(visit_by_code, phone_outreach__sms="yes").headers["Location"] == "/p/saved"


def test_a_link_to_another_address_does_not_pass_for_the_code(visit_by_code, joan):
    phone = people.address("phone", people.PHONE)
    visit_by_code.get(link_for(joan, address_id=phone))

    save(visit_by_code, appointment_reminders__sms="no")

    assert not Holding.objects.filter(identifier=phone, verified_how="code").exists()


def test_the_link_in_another_browser_is_a_link_alone(visit_by_code, joan):
    other = type(visit_by_code)()
    other.get(link_for(joan))

    assert save(other, phone_outreach__sms="yes").headers["Location"] == "/p/code"


def test_the_session_gets_a_new_key_with_the_code(visit):
    before = visit.session.session_key

    codes.step_up(visit)

    assert visit.session.session_key != before


def test_the_address_that_the_code_went_to_is_verified_by_code(visit_by_code, joan):
    save(visit_by_code, patient_surveys__sms="no")

    [verified] = Holding.objects.filter(profile=joan, verified_at__isnull=False)
    assert (verified.identifier.kind, verified.verified_how) == ("email", "code")


def test_the_addresses_on_offer_are_masked(visit):
    page = visit.get("/p/code").text

    assert "j•••@e•••.org" in page
    assert people.EMAIL not in page
    assert people.PHONE not in page


def test_what_was_filled_in_waits_where_nobody_can_read_it(visit):
    save(visit, phone_outreach__sms="yes")

    assert "phone_outreach" not in str(dict(visit.session)["portal.wanted"])


def test_an_address_of_somebody_else_is_sent_nothing(visit):
    people.person(email="mary@example.net", phone="")
    mary = people.address("email", "mary@example.net")

    for address in (mary, "nonsense", ""):
        answer = visit.post("/p/code", {"act": "send", "address": address})
        assert answer.status_code == 422
        assert "Please choose where to send the code." in answer.text

    assert not Code.objects.exists()


def test_a_suppressed_address_is_not_on_offer(visit):
    services.restrict(
        identifier_id=people.address("email", people.EMAIL),
        kind=RestrictionKind.SUPPRESSED,
        said=people.said(),
    )

    page = visit.get("/p/code").text

    assert "j•••@e•••.org" not in page
    assert "We have no email or phone of yours that we may send a code to." in page


def test_what_became_forbidden_while_the_mail_waited_is_not_sent(visit):
    codes.send_here(visit)
    services.restrict(
        identifier_id=people.address("email", people.EMAIL),
        kind=RestrictionKind.SUPPRESSED,
        said=people.said(),
    )

    assert sending.send_due() == 0
    assert not mail.outbox


def test_a_wrong_code_says_how_many_tries_are_left_and_five_are_all(visit, joan):
    save(visit, phone_outreach__sms="yes")
    codes.send_here(visit)
    wrong, right = codes.wrong(), codes.arrived()

    for left in (4, 3, 2):
        assert f"You can try {left} more times." in words(visit.post("/p/code", {"code": wrong}).text)
    assert "You can try 1 more time." in words(visit.post("/p/code", {"code": wrong}).text)
    for given in (wrong, right):
        answer = visit.post("/p/code", {"code": given})
        assert answer.status_code == 422
        assert "This code does not work any more." in answer.text

    assert not decide(joan, "phone_outreach", "sms").allowed


def test_a_new_code_may_be_asked_for_and_lets_in(visit, joan):
    save(visit, phone_outreach__sms="yes")
    codes.send_here(visit)
    first = codes.arrived()
    visit.post("/p/code", {"act": "send"})
    second = codes.arrived()

    assert first != second
    assert visit.post("/p/code", {"code": first}).status_code == 422
    assert visit.post("/p/code", {"code": second}).headers["Location"] == "/p/saved"


@pytest.mark.parametrize("typed", ["{} ", "{0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]}", "code: {}"])
def test_blanks_in_a_code_are_no_obstacle(visit, typed):
    codes.send_here(visit)

    assert visit.post("/p/code", {"code": typed.format(codes.arrived())}).status_code == 303


@pytest.mark.parametrize("nonsense", ["", "12345", "1234567", "abcdef", "²²²²²²"])
def test_what_is_no_code_is_no_try(visit, nonsense):
    codes.send_here(visit)

    answer = visit.post("/p/code", {"code": nonsense})

    assert answer.status_code == 422
    assert "A code has 6 digits." in answer.text
    assert Code.objects.get().tries == 0


def test_a_code_is_over_after_ten_minutes(visit):
    codes.send_here(visit)
    code = codes.arrived()
    Code.objects.update(until=timezone.now() - timedelta(seconds=1))

    assert visit.post("/p/code", {"code": code}).status_code == 422


def test_an_order_given_meanwhile_ends_the_code_with_the_visit(visit, joan):
    codes.send_here(visit)
    code = codes.arrived()
    said = Said(Source.objects.get(slug="staff"), Actor.STAFF, timezone.now(), who="ruth")
    phone = services.Allowed("sms", identity.named("phone", "+12025550777"))
    services.order(profile_id=joan, allowed=[phone], said=said)

    assert visit.post("/p/code", {"code": code}).status_code == 403


def test_of_two_tabs_that_wait_for_a_code_the_last_is_saved_and_the_other_is_not_lost_in_silence(visit, joan):
    save(visit, phone_outreach__sms="yes")
    save(visit, phone_outreach__phone="yes")

    codes.step_up(visit)

    page = read_first(visit.get("/p/saved").text)
    assert "Phone outreach: Phone call Yes" in page
    assert "Something else that you had filled in before was not saved." in page
    assert not decide(joan, "phone_outreach", "sms").allowed


def test_nothing_is_called_lost_that_was_answered_anew(visit, joan):
    save(visit, phone_outreach__sms="yes", marketing_emails__email="no")
    save(visit, phone_outreach__sms="no", phone_outreach__phone="yes")

    codes.step_up(visit)

    assert "Something else" not in visit.get("/p/saved").text
    assert decide(joan, "phone_outreach", "phone").allowed


def test_a_look_at_the_history_meanwhile_loses_nothing_that_was_filled_in(visit, joan):
    save(visit, phone_outreach__sms="yes")
    assert visit.get("/p/history").headers["Location"] == "/p/code"
    assert "What you have filled in is kept." in words(visit.get("/p/code").text)

    codes.step_up(visit)

    assert decide(joan, "phone_outreach", "sms").allowed
    assert visit.get("/p/history").status_code == 200


def test_the_same_sent_twice_leaves_nothing_out(visit):
    save(visit, phone_outreach__sms="yes")
    save(visit, phone_outreach__sms="yes")

    codes.step_up(visit)

    assert "Something else" not in visit.get("/p/saved").text


def test_looking_does_nothing(visit):
    save(visit, phone_outreach__sms="yes")
    before = Change.objects.count()

    for _ in range(3):
        visit.get("/p/code")
        visit.head("/p/code")

    assert (Change.objects.count(), Code.objects.count()) == (before, 0)


def test_without_a_visit_there_is_nothing_to_step_up(client, db):
    assert client.get("/p/code").status_code == 403
    assert client.post("/p/code", {"code": "123456"}).status_code == 403


def test_a_stranger_who_asks_for_codes_to_their_address_keeps_none_from_them(visit, joan):
    for _ in range(6):
        codes.ask(Client(REMOTE_ADDR="198.51.100.7"), people.EMAIL)

    assert codes.step_up(visit).status_code == 303
    assert visit.get("/p/history").status_code == 200


def test_who_is_to_prove_that_an_address_is_theirs_keeps_no_code_from_whoever_has_it(visit_by_code):
    people.person(email="mary@example.net", phone="")
    for _ in range(6):
        visit_by_code.post("/p/addresses", {"address": "mary@example.net"})

    assert codes.ask(Client(REMOTE_ADDR="198.51.100.7"), "mary@example.net").status_code == 303


def test_within_one_page_five_codes_an_hour_are_all(visit):
    answers = [codes.send_here(visit).status_code] + [
        visit.post("/p/code", {"act": "send"}).status_code for _ in range(5)
    ]

    assert answers == [303] * 5 + [429]
