"""Finding a person."""

import logging

import pytest

from preferences.models import ViewLog
from tests.config.staff import desk
from tests.portal import people

pytestmark = pytest.mark.django_db
SEARCH = "/admin/people/"


def find(staff, kind, value, **more):
    return staff.post(SEARCH, {"kind": kind, "value": value, **more})


@pytest.mark.parametrize(
    ("kind", "value"), [("email", " JOAN@example.org "), ("phone", "(202) 555-0143"), ("mrn", "M-77")]
)
def test_an_exact_identifier_leads_to_the_person(staff, kind, value):
    joan = desk.with_number("M-77")

    answer = find(staff, kind, value)

    assert answer.headers["Location"] == f"/admin/people/{joan}/"


def test_a_record_number_counts_with_its_authority_only(staff):
    desk.with_number("M-77")

    assert "Nobody is known by this" in find(staff, "mrn", "M-77", authority="elsewhere").text


def test_people_who_share_an_address_are_listed_masked(staff):
    first, second = people.person(email="a@example.org"), people.person(email="b@example.org")

    answer = find(staff, "phone", people.PHONE)

    assert "2 people share this" in answer.text
    for person in (first, second):
        assert f"/admin/people/{person}/" in answer.text
    assert people.PHONE not in answer.text
    assert "••• ••• 0143" in answer.text


def test_nobody_found_says_what_to_do(staff):
    answer = find(staff, "email", "nobody@example.org")

    assert "Nobody is known by this" in answer.text
    assert "Check it for a slip" in answer.text


@pytest.mark.parametrize(("kind", "value"), [("email", "joan"), ("phone", "12"), ("mrn", "")])
def test_what_cannot_be_read_is_said_at_the_field_and_is_no_search(staff, kind, value):
    answer = find(staff, kind, value)

    assert answer.status_code == 422
    assert "heed-error" in answer.text
    assert not ViewLog.objects.exists()


def test_every_search_is_noted_with_how_many_were_found(staff, joan):
    find(staff, "email", people.EMAIL)
    find(staff, "email", "nobody@example.org")

    rows = ViewLog.objects.order_by("id").values_list("actor", "page", "found")
    assert list(rows) == [("maria", "person search", 1), ("maria", "person search", 0)]


def test_what_was_searched_for_stands_in_no_log_and_no_address(staff, joan, caplog):
    caplog.set_level(logging.DEBUG)

    answer = find(staff, "email", people.EMAIL)

    assert people.EMAIL not in caplog.text
    assert "joan" not in answer.headers["Location"]
    assert not any("joan" in cookie.value for cookie in answer.cookies.values())


def test_without_the_permission_a_page_says_which_one(newcomer):
    answer = newcomer.get(SEARCH)

    assert answer.status_code == 403
    assert "Your account may not see people" in answer.text


def test_of_very_many_who_share_a_number_the_first_are_listed_and_it_says_so(staff, monkeypatch):
    monkeypatch.setattr("config.staff.finding.MOST", 2)
    everybody = [people.person(email=f"{name}@example.org") for name in "abc"]

    answer = find(staff, "phone", people.PHONE)

    assert "More than 2 people share this" in answer.text
    assert "Only the first 2 are listed" in answer.text
    assert sum(f"/admin/people/{each}/" in answer.text for each in everybody) == 2

    other = staff.post(
        f"/admin/people/{everybody[0]}/same-as/",
        {"act": "find", "find-kind": "phone", "find-value": people.PHONE},
    )
    assert "More people share this than are listed" in other.text
