"""By when each system must have been told, on staff's pages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations import alarms, marking
from destinations.models import Alarm, Clock, Propagation
from destinations.terms import Mail
from preferences import clock, services
from preferences.models import Change, ViewLog
from tests.config.staff import desk
from tests.portal import people

pytestmark = pytest.mark.django_db
DEADLINES = "/admin/deadlines/"


@pytest.fixture
def joan(db):
    """Joan said no to marketing emails; the mail service has not been told."""
    desk.system()
    person = people.person()
    people.chose(person, ("marketing_emails", "email", people.OUT))
    marking.mark(timezone.now())
    return person


def weeks_later():
    return clock.at(timezone.now() + timedelta(days=40))


def test_nothing_that_waits_is_said_in_words(staff):
    assert "No opt-out waits" in staff.get(DEADLINES).text


def test_opt_outs_are_counted_by_system_and_by_how_much_time_is_left(staff, joan):
    [system] = staff.get(DEADLINES).context["page"].systems
    assert (system.name, [each.count for each in system.numbers]) == ("Mail service", [0, 0, 1, 0])

    with weeks_later():
        [system] = staff.get(DEADLINES).context["page"].systems
    assert [each.count for each in system.numbers] == [1, 0, 0, 0]


def test_every_number_leads_to_its_rows(staff, joan):
    [system] = staff.get(DEADLINES).context["page"].systems

    for number in system.numbers:
        page = staff.get(f"{DEADLINES}rows/?{number.query}").context["page"]
        assert page.paging.paginator.count == number.count


def test_a_row_says_who_by_when_and_which_law(staff, joan):
    listed = staff.get(f"{DEADLINES}rows/")
    [row] = listed.context["page"].rows

    assert (row.system, row.source) == ("Mail service", "15 USC 7704(a)(4)(A)")
    assert row.left.endswith("left")
    assert f"/admin/people/{joan}/" in listed.text
    assert people.EMAIL not in listed.text


def test_the_list_is_narrowed_to_one_system(staff, joan):
    assert staff.get(f"{DEADLINES}rows/?system=other").context["page"].rows == ()
    assert "No opt-out waits that fits" in staff.get(f"{DEADLINES}rows/?list=missed").text


def test_whoever_lists_people_is_noted_and_needs_the_permission(newcomer, joan):
    assert newcomer.get(f"{DEADLINES}rows/").status_code == 403


def test_listing_is_noted(staff, joan):
    staff.get(f"{DEADLINES}rows/")

    assert ViewLog.objects.get(page="deadlines").found == 1


@pytest.mark.parametrize("page", ["/admin/", "/admin/systems/", "/admin/stuck/", DEADLINES])
def test_an_alarm_is_shown_where_staff_look_and_leads_to_its_rows(staff, joan, page):
    with weeks_later():
        alarms.watch(clock.now())
        shown = staff.get(page)
        [line] = alarm_lines(shown)
        rows = staff.get(f"{DEADLINES}rows/?{line.query}").context["page"].rows

    assert "Mail service: 1 opt-out missed its deadline." in shown.text
    assert len(rows) == 1


def alarm_lines(answer):
    page = answer.context.get("page")
    return page.alarms if page else answer.context["alarms"]


def test_a_mail_that_failed_is_seen(staff, joan):
    with weeks_later():
        alarms.watch(clock.now())
        Alarm.objects.update(mail=Mail.FAILED, mail_detail="ConnectionRefusedError")
        assert "could not be sent (ConnectionRefusedError). It is tried again" in staff.get("/admin/").text


def test_that_nobody_is_mailed_is_said(staff, joan, settings):
    assert "Nobody is mailed about alarms" in staff.get(DEADLINES).text
    settings.HEED_ALARM_EMAILS = ["privacy@example.org"]
    assert "Nobody is mailed about alarms" not in staff.get(DEADLINES).text


def test_a_persons_page_says_by_when_each_system_must_know(staff, joan):
    [promise] = staff.get(f"/admin/people/{joan}/").context["page"].promises.open

    assert promise.system == "Mail service"
    assert promise.what == ("No to Marketing emails: email",)
    assert promise.left.endswith("left")


def test_it_names_what_was_refused_and_nothing_else(staff, joan):
    people.chose(
        joan, ("patient_surveys", "email", people.IN), ("appointment_reminders", "email", people.OUT)
    )
    marking.mark(timezone.now())

    promises = staff.get(f"/admin/people/{joan}/").context["page"].promises.open
    assert ("No to Appointment reminders: email",) in [each.what for each in promises]


def test_what_was_recorded_in_error_is_owed_to_nobody(staff, joan):
    error = Change.objects.filter(subject_id=joan).latest("id")
    services.void(change_id=error.pk, said=desk.by_staff(), reason="wrong patient")

    assert not staff.get(f"/admin/people/{joan}/").context["page"].promises.open


def test_it_says_at_once_that_a_system_knows(staff, joan):
    Propagation.objects.update(acknowledged=1, acknowledged_at=timezone.now(), state="acknowledged")

    shown = staff.get(f"/admin/people/{joan}/")
    [promise] = shown.context["page"].promises.kept
    assert promise.left == "told in time"
    assert "<summary>1 told in time</summary>" in shown.text
    assert Clock.objects.get().met_at is None


def test_what_was_told_too_late_stays_on_record(staff, joan):
    late = timezone.now() + timedelta(days=40)
    Propagation.objects.update(acknowledged=1, acknowledged_at=late, state="acknowledged")

    [promise] = staff.get(f"/admin/people/{joan}/").context["page"].promises.open
    assert promise.left == "told, late"


def test_the_pages_read_as_much_for_many_as_for_one(staff, joan, django_assert_max_num_queries):
    for number in range(10):
        person = people.person(email=f"p{number}@example.org", phone="")
        people.chose(person, ("marketing_emails", "email", people.OUT))
    marking.mark(timezone.now())
    with django_assert_max_num_queries(9):
        assert len(staff.get(f"{DEADLINES}rows/").context["page"].rows) == 11
    with django_assert_max_num_queries(6):
        staff.get(DEADLINES)
