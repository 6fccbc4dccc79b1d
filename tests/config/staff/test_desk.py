"""The desk: what is handed to people, what they did, and what takes a second person."""

import pytest
from django.utils import timezone

from config.staff import hands
from destinations.models import Approval, ManualTask, Propagation
from destinations.terms import Act, PropagationState
from preferences.models import ViewLog
from preferences.terms import State
from tests.config.staff import desk
from tests.portal import people

pytestmark = pytest.mark.django_db
STUCK = "/admin/stuck/"
MORE = ("add_manualtask", "change_manualtask", "change_approval")


@pytest.fixture
def staff(client, user):
    """Maria, who may do everything at the desk."""
    client.force_login(desk.allow(user, *MORE))
    return client


@pytest.fixture
def row(joan):
    return desk.telling(joan, reason="ambiguous")


def handed(row, **more):
    given = {"counter": row.wanted, "asked_of": "maria", "words": "Set it there", "created_by": "ana", **more}
    return ManualTask.objects.create(propagation=row, **given)


# --- handing over ---


def test_each_group_says_what_to_do_about_it(staff, row):
    text = staff.get(STUCK).text

    assert "Several records there match this person" in text
    assert "hand it to whoever looks after it" in text


def test_a_group_is_handed_to_a_colleague(staff, row):
    [line] = staff.get(STUCK).context["page"].rows
    asked = staff.get(f"{STUCK}hand/?{line.query}")
    assert "does not take 1 of what it must hold" in asked.text

    done = staff.post(
        f"{STUCK}hand/?{line.query}",
        {"colleague": "maria", "owner": "", "words": "Tick the box"},
        follow=True,
    )
    assert "1 handed to maria." in done.text
    task = ManualTask.objects.get()
    assert (task.propagation, task.counter, task.created_by) == (row, row.wanted, "maria")


def test_a_large_group_is_handed_over_in_portions_the_oldest_first(staff, row, monkeypatch):
    monkeypatch.setattr(hands, "AT_ONCE", 2)
    for number in range(3):
        desk.telling(people.person(email=f"p{number}@example.org", phone=""), reason="ambiguous")
    [line] = staff.get(STUCK).context["page"].rows
    told = {"colleague": "maria", "owner": "", "words": "Tick the box"}
    assert "2 more are left for another time" in staff.get(f"{STUCK}hand/?{line.query}").text

    first = staff.post(f"{STUCK}hand/?{line.query}", told, follow=True)
    assert "2 handed to maria." in first.text
    assert ManualTask.objects.filter(propagation=row).exists()
    staff.post(f"{STUCK}hand/?{line.query}", told)
    assert ManualTask.objects.count() == 4
    assert "in somebody’s hands already" in staff.get(f"{STUCK}hand/?{line.query}", follow=True).text


def test_one_row_is_handed_to_an_owner_outside(staff, row):
    staff.post(
        f"{STUCK}hand/?propagation={row.pk}", {"colleague": "", "owner": "crm@example.org", "words": "Do it"}
    )

    assert ManualTask.objects.get().asked_of == "crm@example.org"


def test_somebody_must_be_named(staff, row):
    answer = staff.post(
        f"{STUCK}hand/?propagation={row.pk}", {"colleague": "", "owner": "", "words": "Do it"}
    )

    assert answer.status_code == 422
    assert "Choose a colleague" in answer.text


def test_what_is_in_hands_is_on_the_desk_and_on_the_persons_page(staff, row, joan):
    handed(row)

    assert "Set it there" in staff.get(STUCK).text
    assert "In the hands of maria." in staff.get(f"/admin/people/{joan}/").text


@pytest.mark.parametrize("asked", ["propagation=nonsense", "propagation=" + "1" * 32, "system=x&state=y"])
def test_what_is_not_there_is_said(staff, asked):
    assert staff.get(f"{STUCK}hand/?{asked}", follow=True).status_code in {200, 404}
    assert not ManualTask.objects.exists()


# --- their word ---


def test_their_word_counts_as_told(staff, row):
    task = handed(row)
    assert "Set it there" in staff.get(f"{STUCK}done/{task.pk}/").text
    done = staff.post(f"{STUCK}done/{task.pk}/", {"note": "ticked"}, follow=True)

    assert "Noted: Mail service holds it." in done.text
    row.refresh_from_db()
    assert (row.state, row.reason, row.acknowledged) == ("acknowledged", "by_hand", row.wanted)


def test_where_more_is_wanted_since_that_is_said(staff, row):
    task = handed(row)
    Propagation.objects.update(wanted=row.wanted + 1)

    assert "has changed since" in staff.post(f"{STUCK}done/{task.pk}/", {"note": ""}, follow=True).text


def test_a_word_given_twice_or_too_early_is_said_kindly(staff, row):
    task = handed(row)
    Propagation.objects.update(lease_token="1" * 32)
    assert "right now" in staff.post(f"{STUCK}done/{task.pk}/", {"note": ""}, follow=True).text

    Propagation.objects.update(lease_token=None)
    staff.post(f"{STUCK}done/{task.pk}/", {"note": ""})
    assert "confirmed already" in staff.get(f"{STUCK}done/{task.pk}/", follow=True).text


def test_looking_at_a_task_about_a_person_is_noted(staff, row, joan):
    staff.get(f"{STUCK}done/{handed(row).pk}/")

    assert ViewLog.objects.filter(page="manual task", profile=joan).exists()


# --- a second person ---


@pytest.fixture
def asked(row):
    return Approval.objects.create(
        destination=row.destination, act=Act.AGAIN, people=200, differ=150, asked_by="ana"
    )


def test_a_colleague_sees_how_far_it_reaches_and_agrees(staff, asked):
    assert "150 of 200 (75%)" in staff.get(STUCK).text
    assert "0 of 1" in staff.get(f"{STUCK}agree/{asked.pk}/").text
    staff.post(f"{STUCK}agree/{asked.pk}/", {"agree": ""})

    asked.refresh_from_db()
    assert (asked.settled_by, asked.agreed, asked.destination.again) == ("maria", True, 1)


def test_a_colleague_refuses(staff, asked):
    answer = staff.post(f"{STUCK}agree/{asked.pk}/", {"refuse": "", "note": "not today"}, follow=True)

    assert "nothing was done" in answer.text
    asked.refresh_from_db()
    assert (asked.agreed, asked.note, asked.destination.again) == (False, "not today", 0)


def test_whoever_asked_can_only_take_it_back(staff, asked):
    Approval.objects.update(asked_by="maria")

    assert 'name="agree"' not in staff.get(f"{STUCK}agree/{asked.pk}/").text
    assert (
        "somebody else must agree" in staff.post(f"{STUCK}agree/{asked.pk}/", {"agree": ""}, follow=True).text
    )
    assert Approval.objects.get().settled_at is None


def test_retrying_many_asks_a_colleague(staff):
    for number in range(20):
        desk.telling(people.person(email=f"p{number}@example.org", phone=""))
    [line] = staff.get(STUCK).context["page"].rows

    assert "20 of 20 (100%)" in staff.get(f"{STUCK}retry/?{line.query}").text
    assert "A second person must agree" in staff.post(f"{STUCK}retry/?{line.query}", follow=True).text
    assert not Propagation.objects.filter(state=PropagationState.PENDING).exists()


# --- again, and what is told ---


def test_one_system_or_all_are_told_again(staff, joan):
    told = desk.telling(joan, PropagationState.ACKNOWLEDGED, reason="", acknowledged=1)
    other = desk.telling(joan, PropagationState.ACKNOWLEDGED, destination=desk.system("Care team"))
    answer = staff.post(f"/admin/people/{joan}/again/", {"propagation": told.pk}, follow=True)

    assert "1 will be told again now." in answer.text
    told.refresh_from_db()
    assert (told.wanted, told.state) == (2, "pending")
    staff.post(f"/admin/people/{joan}/again/")
    other.refresh_from_db()
    assert other.wanted == 2


def test_what_a_system_must_hold_is_worked_out_when_it_is_looked_at(staff, joan):
    people.chose(joan, ("marketing_emails", "email", State.OUT))
    row = desk.telling(people.address("email", people.EMAIL), PropagationState.SHADOW, reason="")
    text = staff.get(f"/admin/people/{joan}/attempts/{row.pk}/").text

    assert "groups.marketing_emails" in text
    assert people.EMAIL not in text


def test_a_whole_message_is_shown_with_identifiers_masked(staff, joan):
    system = desk.system("Front desk")
    system.connector = "webhook"
    system.save()
    row = desk.telling(joan, PropagationState.SHADOW, reason="", destination=system)
    text = staff.get(f"/admin/people/{joan}/attempts/{row.pk}/").text

    assert "&quot;preferences&quot;" in text
    assert people.EMAIL not in text
    assert people.PHONE not in text


# --- who may ---


@pytest.mark.parametrize("page", ["hand/", "done/1/", "agree/1/"])
def test_each_page_takes_its_permission(newcomer, page):
    assert newcomer.get(f"{STUCK}{page}").status_code == 403


def test_who_may_only_look_sees_the_desk_without_buttons(newcomer, django_user_model, row, asked):
    desk.allow(django_user_model.objects.get(username="new"), "view_destination")
    handed(row, created_at=timezone.now())
    text = newcomer.get(STUCK).text

    assert "In somebody’s hands" in text
    for button in ("It is done", "Hand to a person", "Retry all", ">Answer</a>", "/admin/people/"):
        assert button not in text.replace('href="/admin/people/"', "")
