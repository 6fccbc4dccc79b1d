"""Why something is sent or not, now and as known before."""

from datetime import timedelta

import pytest
from django.utils import timezone

from preferences import clock, services
from preferences.models import ViewLog
from preferences.terms import State
from tests.config.staff import desk
from tests.portal import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def joan():
    """Known for ten days."""
    with clock.at(clock.now() - timedelta(days=10)):
        return people.person()


def ask(staff, person, cell="patient_surveys:email", **more):
    return staff.post(f"/admin/people/{person}/why/", {"cell": cell, **more})


def decided(answer):
    [step] = [each for each in answer.context["page"].steps if each.decides]
    return step.question, [words for words, _ in step.facts]


def days_ago(days):
    return timezone.localdate(clock.now() - timedelta(days=days))


def test_it_says_the_answer_the_step_and_the_entry(staff, joan):
    people.chose(joan, ("patient_surveys", "email", State.OUT))

    answer = ask(staff, joan)

    page = answer.context["page"]
    assert (page.about, page.verdict.words) == ("Patient surveys, by email", "Is not sent")
    question, [fact] = decided(answer)
    assert question == "What did the person choose?"
    assert fact.startswith("No to Patient surveys by email")
    assert page.events[0].lines[0].what.words == "No to Patient surveys: email"
    assert f"/admin/people/{joan}/?entry={page.events[0].id}#change-{page.events[0].id}" in answer.text
    assert "Not asked any more" in answer.text


def test_as_known_on_a_day_before_it_says_what_it_said_then(staff, joan):
    people.chose(joan, ("patient_surveys", "email", State.OUT))

    answer = ask(staff, joan, day=days_ago(2).isoformat())

    assert answer.context["page"].verdict.words == "May be sent"
    assert decided(answer) == ("What holds with no choice?", ["Yes, for whoever was not asked."])


def test_addresses_in_it_are_masked(staff, joan):
    people.texted_stop()

    question, [stop] = decided(ask(staff, joan, "appointment_reminders:sms"))

    assert question == "Does something stand against an address?"
    assert stop.startswith("STOP for every message at ••• ••• 0143, since")


def test_a_text_that_waits_to_be_read_is_named_and_nobody_refused_anything(staff, joan):
    people.texted_what_nobody_has_read()

    answer = ask(staff, joan, "appointment_reminders:sms")
    _, [hold] = decided(answer)
    page = staff.get(f"/admin/people/{joan}/").text

    assert hold.startswith("Hold until a text is read for every message at ••• ••• 0143, since")
    assert "Hold until a text is read: every message, text message" in page
    assert "Suppressed address" not in page + answer.text


def test_a_use_of_data_is_asked_without_a_channel(staff, joan):
    assert decided(ask(staff, joan, "sale_or_sharing:"))[0] == "What holds with no choice?"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"day": "2999-01-01"}, "This is in the future"),
        ({"day": "2001-01-01"}, "This person was not known then."),
        ({"cell": "weather:email"}, "Select a valid choice"),
        ({"cell": "sale_or_sharing:email"}, "has no channels"),
    ],
)
def test_what_cannot_be_asked_is_said(staff, joan, told, words):
    answer = ask(staff, joan, **told)

    assert answer.status_code == 422
    assert words in answer.text


def test_a_category_never_stands_in_an_address_and_the_look_is_noted(staff, joan):
    assert staff.get(f"/admin/people/{joan}/why/").status_code == 405

    ask(staff, joan)

    assert ViewLog.objects.filter(page="why", profile=joan, actor="maria").exists()


def test_who_may_not_see_people_may_not_ask(newcomer, joan):
    assert ask(newcomer, joan).status_code == 403


# --- the whole grid, as known then ---


def grid(staff, person, **asked):
    return staff.get(f"/admin/people/{person}/", asked).context["page"]


def surveys(page):
    [row] = [each for each in page.grid.rows if each.name == "Patient surveys"]
    return row.cells[0].said.words


def test_a_persons_page_shows_what_held_on_another_day(staff, joan):
    with clock.at(clock.now() - timedelta(days=5)):
        people.chose(joan, ("patient_surveys", "email", State.OUT))
        until = clock.now() + timedelta(days=2)
        services.pause(profile_id=joan, category="appointment_reminders", until=until, said=people.said())
    people.chose(joan, ("patient_surveys", "email", State.IN))

    assert [surveys(grid(staff, joan, day=days_ago(days).isoformat())) for days in (8, 4)] == [
        "Never asked",
        "No",
    ]
    assert surveys(grid(staff, joan)) == "Yes"
    assert [each.kind for each in grid(staff, joan, day=days_ago(4).isoformat()).denials] == ["Pause"]
    assert grid(staff, joan).denials == ()


def test_before_anybody_knew_them_there_is_nothing_to_show(staff, joan):
    assert "Nobody knew this person then" in staff.get(f"/admin/people/{joan}/?day=2001-01-01").text


def test_a_link_to_an_entry_leads_to_its_page_of_the_story(staff, joan):
    first = desk.oldest(joan)
    for state in (State.OUT, State.IN) * 20:
        people.chose(joan, ("patient_surveys", "email", state))

    page = grid(staff, joan, entry=first)

    assert first in [each.id for each in page.events]
