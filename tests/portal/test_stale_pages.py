"""A page that was left open never goes over a newer choice in silence."""

import pytest

from preferences.selectors import decide
from tests.portal import people
from tests.portal.forms import open_form, save, words
from tests.portal.story import choices_of


@pytest.fixture
def visit(visit_by_code):
    """A yes is said by somebody whom a code has reached."""
    return visit_by_code


def test_a_yes_under_a_stop_that_came_meanwhile_says_that_it_turns_nothing_on(visit, joan):
    opened = open_form(visit)
    people.texted_stop()

    save(visit, opened, appointment_reminders__sms="yes")

    page = words(visit.get("/p/saved").text)
    assert "Off: STOP was sent to us from ••• ••• 0143." in page
    assert "text START from that phone" in page


def test_a_stale_page_leaves_alone_what_its_reader_did_not_touch(visit, joan):
    form = open_form(visit)
    people.chose(joan, ("appointment_reminders", "sms", people.OUT))

    save(visit, form, patient_surveys__email="no")

    assert not decide(joan, "appointment_reminders", "sms").allowed


def test_a_yes_on_a_stale_page_never_goes_over_a_newer_no(visit, joan):
    form = open_form(visit)
    people.chose(joan, ("appointment_reminders", "sms", people.OUT))

    answer = save(visit, form, appointment_reminders__sms="yes", patient_surveys__email="no")

    page = words(answer.text)
    assert answer.status_code == 409
    assert "Please look again" in page
    assert "We saved your other choices." in page
    assert "Text message: You chose yes, and we did not save it" in page
    assert "Text message: You said no on" in page
    assert not decide(joan, "appointment_reminders", "sms").allowed
    assert ("patient_surveys", "email", "opted_out") in choices_of(joan)


def test_asked_again_the_person_may_still_say_yes(visit, joan):
    form = open_form(visit)
    people.chose(joan, ("appointment_reminders", "sms", people.OUT))
    save(visit, form, appointment_reminders__sms="yes")

    save(visit, appointment_reminders__sms="yes")

    assert decide(joan, "appointment_reminders", "sms").allowed


def test_a_no_counts_from_however_old_a_page(visit, joan):
    form = open_form(visit)
    people.chose(joan, ("appointment_reminders", "sms", people.IN))

    save(visit, form, appointment_reminders__sms="no")

    assert not decide(joan, "appointment_reminders", "sms").allowed


def test_the_links_of_the_summary_lead_to_the_fields(visit, joan):
    form = open_form(visit)
    people.chose(joan, ("appointment_reminders", "sms", people.OUT))

    page = save(visit, form, appointment_reminders__sms="yes").text

    assert 'href="#appointment_reminders-sms-yes"' in page
    assert 'id="appointment_reminders-sms-yes"' in page
