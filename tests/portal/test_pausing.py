"""A kind of message is paused for some days, and comes back by itself; the pause can be ended early."""

from datetime import timedelta

import pytest
from django.utils import timezone

from preferences import clock, services
from preferences.models import Change
from preferences.selectors import decide
from preferences.terms import Reason, State
from tests.portal import codes, people
from tests.portal.forms import open_form, save, words
from tests.portal.story import choices_of, result
from tests.portal.test_preference_page import row


def press(client, value, form=None, **more):
    """Press a pause button of this form, or of the page as it is now."""
    form = dict(open_form(client) if form is None else form)
    return client.post("/p/pause", {**form, **more, "pause": value})


def end_of(client):
    """What the button that ends a pause would send."""
    page = client.get("/p").text
    return str(page[page.index('value="marketing_emails.end.') :].split('"')[1])


@pytest.mark.parametrize("days", [30, 60, 90])
def test_a_pause_denies_for_that_many_whole_days_and_is_no_choice(visit, joan, days):
    answer = press(visit, f"marketing_emails.{days}")

    assert answer.headers["Location"] == "/p/saved"
    assert decide(joan, "marketing_emails", "email").reason == Reason.PAUSE
    assert decide(joan, "appointment_reminders", "email").allowed
    assert choices_of(joan) == []
    with clock.at(timezone.now() + timedelta(days=days)):
        assert not decide(joan, "marketing_emails", "email").allowed
    with clock.at(timezone.now() + timedelta(days=days + 1)):
        assert decide(joan, "marketing_emails", "email").allowed


def test_it_says_until_when(visit, joan):
    press(visit, "marketing_emails.30")

    assert "Marketing emails Paused until " in result(visit)
    shown = row(visit.get("/p").text, "marketing_emails")
    assert "You paused these until " in shown
    assert "End the pause now" in shown
    assert "For 30 days" not in shown


def test_a_pause_is_ended_early_and_the_choice_of_before_holds_again(visit, joan):
    people.chose(joan, ("marketing_emails", "email", State.IN))
    press(visit, "marketing_emails.90")

    press(visit, end_of(visit))

    assert decide(joan, "marketing_emails", "email").reason == Reason.CHOICE
    assert "Marketing emails The pause is over" in result(visit)


def test_what_was_picked_and_not_yet_saved_is_saved_with_it(visit, joan):
    press(visit, "marketing_emails.30", **{"choice.appointment_reminders.sms": "opted_out"})

    assert not decide(joan, "appointment_reminders", "sms").allowed
    assert not decide(joan, "marketing_emails", "email").allowed
    assert "Paused until" in result(visit)
    assert "Appointment reminders: Text message No" in result(visit)


def test_a_pause_counts_at_once_while_a_yes_on_the_same_page_waits_for_a_code(visit, joan):
    answer = press(visit, "marketing_emails.30", **{"choice.phone_outreach.sms": "opted_in"})

    assert answer.headers["Location"] == "/p/code"
    assert not decide(joan, "marketing_emails", "email").allowed

    codes.step_up(visit)
    assert decide(joan, "phone_outreach", "sms").allowed
    assert "Paused until" in result(visit)
    assert "Phone outreach: Text message Yes" in result(visit)


def test_pressing_twice_pauses_once_and_keeps_the_result(visit, joan):
    form = open_form(visit)
    press(visit, "marketing_emails.30", form)
    before = Change.objects.count()

    press(visit, "marketing_emails.30", form)

    assert Change.objects.count() == before
    assert "Paused until" in result(visit)


def test_a_page_left_open_never_shortens_a_pause(visit, joan):
    form = open_form(visit)
    press(visit, "marketing_emails.90")

    press(visit, "marketing_emails.30", form)

    with clock.at(timezone.now() + timedelta(days=60)):
        assert not decide(joan, "marketing_emails", "email").allowed


def test_a_page_left_open_never_ends_a_pause_that_it_did_not_show(visit, joan):
    press(visit, "marketing_emails.30")
    form, end = open_form(visit), end_of(visit)
    press(visit, "marketing_emails.90", form)

    answer = press(visit, end, form)

    assert answer.status_code == 409
    assert "Please look again" in words(answer.text)
    assert "We did not end this pause" in row(answer.text, "marketing_emails")
    assert not decide(joan, "marketing_emails", "email").allowed


def test_ending_twice_ends_once(visit, joan):
    press(visit, "marketing_emails.30")
    end = end_of(visit)
    press(visit, end)
    before = Change.objects.count()

    assert press(visit, end).headers["Location"] == "/p/saved"
    assert Change.objects.count() == before


def test_the_wording_that_was_shown_is_kept_with_it(visit, joan):
    press(visit, "marketing_emails.30")

    change = Change.objects.latest("id")
    assert change.notice
    assert "You can end the pause at any time." in change.notice.body["page"]["pause_means"]


def test_only_what_would_be_sent_can_be_paused(visit, joan):
    people.publish_required_category()
    people.chose(joan, ("patient_surveys", "*", State.OUT))

    page = visit.get("/p").text

    assert 'value="marketing_emails.30"' in page
    assert 'value="patient_surveys.30"' not in page  # all of it is off
    assert 'value="phone_outreach.30"' not in page  # nobody said yes
    assert 'value="service_notices.30"' not in page
    assert 'value="sale_or_sharing.30"' not in page


@pytest.mark.parametrize(
    "value",
    ["", "x", "sale_or_sharing.30", "service_notices.30", "no_such.30", "marketing_emails.31"]
    + ["marketing_emails.end.", "marketing_emails.end.٣", "marketing_emails.end.5", "*.30"],
)
def test_what_no_button_says_changes_nothing(visit, joan, value):
    people.publish_required_category()
    before = Change.objects.count()

    assert press(visit, value).status_code == 303
    assert Change.objects.count() == before


def test_stop_everything_counts_in_a_pause_too(visit, joan):
    press(visit, "marketing_emails.30")

    save(visit, act="stop")

    with clock.at(timezone.now() + timedelta(days=40)):
        assert not decide(joan, "marketing_emails", "email").allowed


def test_a_pause_that_was_ended_elsewhere_is_no_longer_shown(visit, joan):
    press(visit, "marketing_emails.30")
    services.end_pause(profile_id=joan, category="marketing_emails", said=people.said())

    assert "You paused" not in row(visit.get("/p").text, "marketing_emails")


def test_without_a_visit_nothing_is_paused(client, db):
    assert client.post("/p/pause", {"pause": "marketing_emails.30"}).status_code == 403


def test_a_reload_of_its_address_leads_back_to_the_page(visit):
    assert visit.get("/p/pause").headers["Location"] == "/p"
