"""Who is out: numbers that lead to people, masked, and noted."""

import pytest

from preferences import services
from preferences.models import ViewLog
from preferences.services import Choice
from preferences.terms import State
from tests.destinations.listed import marked
from tests.portal import people
from tests.preferences.saying import out as no_to
from tests.preferences.saying import tells

pytestmark = pytest.mark.django_db
OUT = "/admin/people/out/"
SURVEYS = "?category=patient_surveys&channel=email"


@pytest.fixture
def some(joan):
    """Joan and two others said no to surveys by email, one of them to everything."""
    for number in range(3):
        person = joan if not number else people.person(email=f"p{number}@example.org", phone="")
        people.chose(
            person, ("*", "*", State.OUT) if number == 1 else ("patient_surveys", "email", State.OUT)
        )
    marked()


def numbers(page):
    """Every number that is shown."""
    return {
        (line.name, number.channel): number
        for line in (*page.lines, *page.uses)
        for number in line.numbers
        if number
    }


def test_people_are_counted_by_category_and_channel_each_once(staff, some):
    page = staff.get(OUT).context["page"]

    found = numbers(page)
    assert (found["Patient surveys", "Email"].people, page.of) == (3, 3)
    assert found["Patient surveys", "Text message"].people == 1
    assert found["Marketing emails", "Email"].people == 1


def test_a_number_leads_to_its_people_without_an_address_in_the_clear(staff, some, joan):
    found = numbers(staff.get(OUT).context["page"])

    answer = staff.get(f"{OUT}list/?{found['Patient surveys', 'Email'].query}")

    assert len(answer.context["page"].rows) == 3
    assert f"/admin/people/{joan}/" in answer.text
    assert "The person chose so" in answer.text
    assert "j•••@e•••.org" in answer.text
    assert people.EMAIL not in answer.text


def test_an_address_that_nobody_holds_is_counted_apart(staff):
    tells(no_to("patient_surveys"), email="stray@example.org")
    marked()

    number = numbers(staff.get(OUT).context["page"])["Patient surveys", "Email"]
    assert (number.people, number.strays) == (0, 1)

    [row] = staff.get(f"{OUT}list/{SURVEYS}").context["page"].rows
    assert (row.name, row.known_by) == ("Nobody holds it now", "s•••@e•••.org")

    people.person(email="stray@example.org", phone="")
    marked()

    number = numbers(staff.get(OUT).context["page"])["Patient surveys", "Email"]
    assert (number.people, number.strays) == (1, 0)


def test_whoever_was_merged_is_counted_as_who_they_are_now(staff, some, joan):
    other = people.person(email="joan@old.example.org", phone="")
    services.merge(survivor_id=joan, other_id=other, said=people.said(), reason="the same record")
    marked()

    page = staff.get(OUT).context["page"]
    assert (numbers(page)["Patient surveys", "Email"].people, page.of) == (3, 3)


def test_lists_are_chosen_by_category_and_channel_or_neither(staff, some, joan):
    services.record(
        profile_id=joan,
        choices=[Choice("sale_or_sharing", "*", State.OUT)],
        said=people.said(),
    )
    marked()

    def listed(query):
        return {row.what for row in staff.get(f"{OUT}list/{query}").context["page"].rows}

    assert listed("?category=sale_or_sharing") == {"Sale or sharing of my information"}
    assert listed("?channel=sms") == {
        "Appointment reminders: text message",
        "Patient surveys: text message",
        "Care follow-ups: text message",
        "Phone outreach: text message",
    }
    assert listed("?category=nonsense") >= listed(SURVEYS)


def test_that_somebody_looked_is_noted_with_how_many(staff, some):
    staff.get(OUT)
    assert not ViewLog.objects.exists()

    staff.get(f"{OUT}list/{SURVEYS}")

    seen = ViewLog.objects.get()
    assert (seen.actor, seen.page, seen.found) == ("maria", "who is out", 3)


def test_nobody_is_said_in_words(staff):
    assert "Nobody is out" in staff.get(f"{OUT}list/{SURVEYS}").text


@pytest.mark.parametrize("page", [OUT, f"{OUT}list/"])
def test_it_takes_the_permission_to_see_people(newcomer, page):
    assert newcomer.get(page).status_code == 403


def test_the_place_leads_there(staff):
    assert f'href="{OUT}"' in staff.get("/admin/people/").text


@pytest.mark.parametrize("count", [1, 20])
def test_a_list_reads_as_much_for_many_as_for_one(staff, count, django_assert_num_queries):
    for number in range(count):
        people.chose(
            people.person(email=f"p{number}@example.org", phone=""), ("patient_surveys", "email", State.OUT)
        )
        tells(no_to("patient_surveys"), email=f"stray{number}@example.org")
    marked()

    with django_assert_num_queries(12):
        staff.get(f"{OUT}list/{SURVEYS}")
