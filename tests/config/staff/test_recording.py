"""Recording on a patient's behalf."""

from datetime import timedelta

import pytest
from django.utils import timezone

from preferences import services
from preferences.mission import offer
from preferences.models import Change, Notice
from preferences.selectors import decide
from tests.portal import people

pytestmark = pytest.mark.django_db


def record(staff, person, category, channel, answer, **more):
    told = {"category": category, "channel": channel, "answer": answer, "how": "call", "taken_by": "Maria"}
    told |= {"day": timezone.localdate().isoformat()} | more
    return staff.post(f"/admin/people/{person}/record/", {k: v for k, v in told.items() if v}, follow=True)


def test_a_no_on_the_phone_counts_and_says_so(staff, joan):
    answer = record(staff, joan, "appointment_reminders", "sms", "opted_out")

    assert "This counts now" in answer.text
    assert "No to Appointment reminders: text message" in answer.text
    assert not decide(joan, "appointment_reminders", "sms").allowed


def test_a_day_without_a_time_is_shown_as_a_day(staff, joan):
    yesterday = timezone.localdate() - timedelta(days=1)
    record(staff, joan, "patient_surveys", "email", "opted_out", day=yesterday.isoformat())
    record(staff, joan, "patient_surveys", "sms", "opted_out", day=yesterday.isoformat(), hour="09:30")

    timed, dated = staff.get(f"/admin/people/{joan}/").context["page"].events[:2]
    assert timed.occurred == f"{dated.occurred}, 9:30 a.m."
    assert "12:00" not in dated.occurred


def test_the_ledger_goes_by_its_name_and_shows_a_day_as_a_day(admin_client, staff, joan):
    yesterday = timezone.localdate() - timedelta(days=1)
    record(staff, joan, "patient_surveys", "email", "opted_out", day=yesterday.isoformat())
    shown = admin_client.get("/admin/preferences/change/").text

    assert "midnight" not in shown
    assert f"{yesterday:%b} {yesterday.day}, {yesterday.year}<" in shown.replace(" <", "<")
    assert ">Changes<" not in "".join(shown.split())
    assert "Ledger" in shown


def test_a_no_that_stops_nothing_now_says_so(staff, joan):
    answer = record(staff, joan, "marketing_emails", "sms", "opted_out")

    assert "Marketing emails: not sent by text message, so this no stops nothing now" in answer.text
    assert "Every connected system is being told" not in answer.text
    usual = record(staff, joan, "marketing_emails", "email", "opted_out")
    assert "stops nothing" not in usual.text


def test_a_no_to_everything_stops_everything(staff, joan):
    record(staff, joan, "*", "*", "opted_out")

    assert not decide(joan, "patient_surveys", "email").allowed


def test_marketing_by_text_needs_the_wording(staff, joan):
    body = people.body_of("marketing_emails")
    body["offers"] += [offer("sms", False, "person_with_notice")]
    people.publish_category(body)
    script = services.notice_shown(key="call_script", body={"text": "May we text you?"})

    answer = record(staff, joan, "marketing_emails", "sms", "opted_in")
    assert "It needs the wording that the person was read or shown" in answer.text
    assert not decide(joan, "marketing_emails", "sms").allowed

    record(staff, joan, "marketing_emails", "sms", "opted_in", notice=script.pk)
    assert decide(joan, "marketing_emails", "sms").allowed


def test_a_use_of_data_counts_once_it_was_confirmed_twice(staff, joan):
    once = record(staff, joan, "sensitive_data", "*", "opted_in")
    assert "second confirmation" in once.text
    assert "Record it again with what was missing" in once.text

    record(staff, joan, "sensitive_data", "*", "opted_in", second_step="on")

    assert decide(joan, "sensitive_data").allowed


def test_a_yes_to_the_sale_of_data_is_never_staffs_to_give(staff, joan):
    answer = record(staff, joan, "sale_or_sharing", "*", "opted_in", second_step="on")

    assert "It was not the person&#x27;s own word" in answer.text
    assert "Record it again" not in answer.text


def test_nobody_is_sent_to_record_again_what_is_not_sent_on_a_channel(staff, joan):
    answer = record(staff, joan, "patient_surveys", "phone", "opted_in")

    assert "The category is not sent on this channel." in answer.text
    assert "Record it again" not in answer.text


def test_the_wording_read_to_them_is_kept_with_the_change(staff, joan):
    notice = services.notice_shown(key="call_script", body={"text": "May we text you?"})
    assert Notice.objects.filter(pk=notice.pk).exists()

    record(staff, joan, "patient_surveys", "email", "opted_in", notice=notice.pk)

    assert Change.objects.latest("id").notice_id == notice.pk


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"day": ""}, "Enter the day, or say that nobody knows when."),
        ({"day": (timezone.localdate() + timedelta(days=1)).isoformat()}, "This is in the future"),
        ({"taken_by": ""}, "This field is required."),
        ({"category": "sale_or_sharing"}, "Sale or sharing of my information has no channels"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(staff, joan, told, words):
    before = Change.objects.count()

    usual = {"category": "patient_surveys", "channel": "email", "answer": "opted_out"}
    answer = record(staff, joan, **{**usual, **told})

    assert answer.status_code == 422
    assert words in answer.text
    assert "Nothing was saved yet." in answer.text
    assert Change.objects.count() == before


def test_a_yes_that_nobody_can_date_is_kept_but_does_not_count(staff, joan):
    answer = record(staff, joan, "patient_surveys", "sms", "opted_in", day="", undated="on")

    assert "Nobody knows when the person said it" in answer.text


def test_the_result_stands_in_no_cookie(staff, joan):
    answer = record(staff, joan, "patient_surveys", "email", "opted_out")

    assert not answer.cookies.get("messages")


def test_a_change_of_somebody_else_is_not_found(staff, joan):
    other = people.person(email="other@example.org", phone="")
    change = Change.objects.filter(subject_id=other).first()

    assert change
    assert staff.get(f"/admin/people/{joan}/recorded/{change.pk}/").status_code == 404


def test_without_the_permission_nobody_records(newcomer, joan):
    assert newcomer.get(f"/admin/people/{joan}/record/").status_code == 403


def test_what_a_page_shows_is_no_script_and_a_script_is_offered_by_its_words(staff, joan):
    services.notice_shown(key="preference_page.en", body={"page": {"title": "Choose"}})
    services.notice_shown(key="script.calls", body={"text": "May we call you about our programs?"})

    offered = staff.get(f"/admin/people/{joan}/record/").context["page"].form.fields["notice"].choices

    assert [str(label) for _, label in offered] == ["None", "May we call you about our programs?"]
