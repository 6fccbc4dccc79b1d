"""What is stuck."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.models import Propagation
from destinations.terms import PropagationState
from tests.config.staff import desk
from tests.portal import people

pytestmark = pytest.mark.django_db
STUCK = "/admin/stuck/"


def people_stuck(count, **more):
    return [desk.telling(people.person(email=f"p{n}@example.org", phone=""), **more) for n in range(count)]


def test_nothing_stuck_is_said_in_words(staff):
    assert "Nothing is stuck" in staff.get(STUCK).text


def test_rows_are_counted_by_system_and_reason(staff):
    people_stuck(3)

    [row] = staff.get(STUCK).context["page"].rows

    assert (row.system, row.count, row.why) == ("Mail service", 3, "The system refused this record.")


@pytest.mark.parametrize(("ago", "shown"), [(timedelta(minutes=5), 0), (timedelta(hours=2), 1)])
def test_what_fails_shows_after_an_hour(staff, joan, ago, shown):
    desk.telling(
        joan, PropagationState.LATER, reason="unavailable", wanted_at=timezone.now() - ago, failures=3
    )

    assert len(staff.get(STUCK).context["page"].rows) == shown


def test_a_number_leads_to_its_rows_and_they_to_people(staff):
    [row, *_] = people_stuck(3)
    [line] = staff.get(STUCK).context["page"].rows

    listed = staff.get(f"{STUCK}rows/?{line.query}")

    assert len(listed.context["page"].rows) == 3
    assert f"/admin/people/{row.identifier_id}/" in listed.text


def test_one_row_is_tried_again_and_the_list_goes_on(staff):
    [row, *others] = people_stuck(3)
    [line] = staff.get(STUCK).context["page"].rows

    done = staff.post(f"{STUCK}rows/retry/?{line.query}", {"propagation": row.pk}, follow=True)

    assert "It will be tried again now." in done.text
    assert Propagation.objects.get(state=PropagationState.PENDING).pk == row.pk
    assert len(done.context["page"].rows) == len(others)


@pytest.mark.parametrize("wanted", ["", "nonsense"])
def test_a_row_that_is_none_is_not_found(staff, wanted):
    assert staff.post(f"{STUCK}rows/retry/", {"propagation": wanted}).status_code == 404


def test_retry_all_first_says_how_many(staff):
    people_stuck(3)
    [line] = staff.get(STUCK).context["page"].rows

    asked = staff.get(f"{STUCK}retry/?{line.query}")
    assert "about <strong>3</strong> people and addresses" in asked.text
    assert not Propagation.objects.filter(state=PropagationState.PENDING).exists()

    done = staff.post(f"{STUCK}retry/?{line.query}", follow=True)
    assert "3 will be tried again now." in done.text
    assert Propagation.objects.filter(state=PropagationState.PENDING).count() == 3


def test_what_is_no_longer_stuck_is_said_kindly(staff):
    answer = staff.get(f"{STUCK}retry/?system=x&state=stuck&reason=", follow=True)

    assert "Nothing of that kind is stuck any more." in answer.text


def test_without_the_permission_nobody_retries(newcomer):
    assert newcomer.post(f"{STUCK}retry/").status_code == 403
    assert newcomer.post(f"{STUCK}rows/retry/").status_code == 403


def test_the_list_reads_as_much_for_many_as_for_one(staff, django_assert_max_num_queries):
    people_stuck(20)

    with django_assert_max_num_queries(8):
        staff.get(f"{STUCK}rows/?list=stuck")
