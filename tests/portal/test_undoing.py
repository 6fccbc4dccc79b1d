"""The last save is taken back: its entries are voided, so that what stood before stands again."""

import pytest
from django.test import Client

from portal.links import link_for
from portal.terms import Purpose
from preferences.models import Change, Holding
from preferences.selectors import decide
from preferences.terms import Reason, State
from tests.portal import codes, people
from tests.portal.forms import fields, open_form, save, words
from tests.portal.story import choices_of, entries_of, read_first, result
from tests.portal.test_telling import destination, row


def undo(client):
    return client.post("/p/undo", {"act": "undo"})


def test_a_no_is_put_back_at_once(visit_by_code, joan):
    people.chose(joan, ("patient_surveys", "email", State.OUT))
    save(visit_by_code, patient_surveys__email="yes")

    undo(visit_by_code)

    assert not decide(joan, "patient_surveys", "email").allowed
    assert "It is as it was before" in result(visit_by_code)
    assert "Patient surveys: Email No" in result(visit_by_code)


def test_a_yes_is_put_back_after_a_code(visit, joan):
    people.chose(joan, ("patient_surveys", "email", State.IN))
    save(visit, patient_surveys__email="no")

    assert undo(visit).headers["Location"] == "/p/code"
    assert not decide(joan, "patient_surveys", "email").allowed

    codes.step_up(visit)
    assert decide(joan, "patient_surveys", "email").allowed
    assert "Patient surveys: Email Yes" in result(visit)


def test_whom_nobody_had_asked_was_never_asked(visit_by_code, joan):
    save(visit_by_code, phone_outreach__sms="yes", marketing_emails__email="no")

    undo(visit_by_code)

    assert not decide(joan, "phone_outreach", "sms").allowed
    assert decide(joan, "marketing_emails", "email").allowed
    assert decide(joan, "marketing_emails", "email").reason == Reason.DEFAULT
    assert "Marketing emails: Email Not asked yet" in result(visit_by_code)
    assert "You said" not in visit_by_code.get("/p").text


def test_what_was_taken_back_stays_in_the_ledger_with_who_took_it_back(visit_by_code, joan):
    save(visit_by_code, appointment_reminders__sms="no")
    said = Change.objects.latest("id")

    undo(visit_by_code)

    [void, *_] = entries_of(Change.objects.get(id__gt=said.pk, entries__contains='"void"'))
    assert (void["do"], void["change"], void["by"]) == ("void", said.pk, "person")
    assert choices_of(joan) == [("appointment_reminders", "sms", "opted_out")]


def test_that_a_code_reached_them_is_no_mistake(visit_by_code, joan):
    email = Holding.objects.filter(identifier=people.address("email", people.EMAIL))
    save(visit_by_code, appointment_reminders__sms="no")

    undo(visit_by_code)

    assert email.get().verified_how == "code"


def test_a_pause_is_taken_back_without_a_code(visit, joan):
    visit.post("/p/pause", {**open_form(visit), "pause": "patient_surveys.30"})
    assert not decide(joan, "patient_surveys", "sms").allowed

    undo(visit)

    assert decide(joan, "patient_surveys", "sms").allowed
    assert "Patient surveys Not paused" in result(visit)


def test_stopping_everything_is_taken_back(visit_by_code, joan):
    people.chose(joan, ("patient_surveys", "sms", State.OUT))
    save(visit_by_code, act="stop")

    undo(visit_by_code)

    assert decide(joan, "appointment_reminders", "email").allowed
    assert not decide(joan, "patient_surveys", "sms").allowed
    assert not decide(joan, "phone_outreach", "sms").allowed


def test_a_second_press_does_nothing(visit_by_code, joan):
    save(visit_by_code, appointment_reminders__sms="no")
    undo(visit_by_code)
    before = Change.objects.count()

    assert undo(visit_by_code).headers["Location"] == "/p/saved"
    assert Change.objects.count() == before


def test_undo_on_a_page_of_another_tab_takes_back_nothing_newer(visit_by_code, joan):
    save(visit_by_code, appointment_reminders__sms="no")
    first = fields(visit_by_code.get("/p/saved").text)
    save(visit_by_code, patient_surveys__sms="no")

    answer = visit_by_code.post("/p/undo", {**first, "act": "undo"}, follow=True)

    assert not decide(joan, "patient_surveys", "sms").allowed
    assert "so nothing was undone" in read_first(answer.text)
    assert "Patient surveys: Text message No" in words(answer.text)

    visit_by_code.post("/p/undo", {**fields(answer.text), "act": "undo"})
    assert decide(joan, "patient_surveys", "sms").allowed


def test_what_was_said_elsewhere_since_then_stands(visit_by_code, joan):
    save(visit_by_code, appointment_reminders__sms="no")
    people.chose(joan, ("appointment_reminders", "sms", State.OUT))

    undo(visit_by_code)

    assert not decide(joan, "appointment_reminders", "sms").allowed
    page = result(visit_by_code)
    assert "We took back what you saved" in page
    assert "Text message No This was said after that, so it stays." in page
    assert "It is as it was before" not in page


@pytest.mark.parametrize("saved", [{"act": "stop"}, {"patient_surveys__email": "no"}])
def test_an_unsubscribe_link_pressed_since_then_stands(visit_by_code, joan, saved):
    save(visit_by_code, **saved)
    Client().post(link_for(joan, "patient_surveys", purpose=Purpose.UNSUBSCRIBE))

    undo(visit_by_code)

    assert not decide(joan, "patient_surveys", "email").allowed
    assert decide(joan, "appointment_reminders", "email").allowed


def test_a_no_to_a_use_of_data_is_taken_back_in_a_second_step(visit_by_code, joan):
    save(visit_by_code, sale_or_sharing__="no")

    asked = undo(visit_by_code)
    assert "Nothing changes until you confirm." in words(asked.text)
    assert decide(joan, "sale_or_sharing").reason == Reason.CHOICE

    visit_by_code.post("/p/undo", {"act": "yes"})
    assert decide(joan, "sale_or_sharing").reason == Reason.DEFAULT


def test_whoever_does_not_confirm_it_leaves_it_as_it_is(visit_by_code, joan):
    save(visit_by_code, sale_or_sharing__="no")
    undo(visit_by_code)

    visit_by_code.post("/p/undo", {"act": "no"})

    assert not decide(joan, "sale_or_sharing").allowed
    assert "Undo" in result(visit_by_code)


def test_looking_undoes_nothing(visit_by_code, joan):
    save(visit_by_code, appointment_reminders__sms="no")

    assert visit_by_code.get("/p/undo").headers["Location"] == "/p/saved"
    assert not decide(joan, "appointment_reminders", "sms").allowed


def test_by_when_every_system_must_know_is_said_of_a_no_and_not_of_a_yes(visit_by_code, joan):
    people.chose(joan, ("patient_surveys", "sms", State.OUT))

    row(destination("mail", "Our email service"), joan)
    save(visit_by_code, marketing_emails__email="no")
    assert "All of them must know by " in result(visit_by_code)

    save(visit_by_code, patient_surveys__sms="yes")
    assert "must know by" not in result(visit_by_code)
