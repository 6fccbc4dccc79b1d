"""What reaches many takes a second person; sending again; what is done by hand."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from destinations.models import Approval, Attempt, Destination, ManualTask, Propagation
from destinations.services import (
    agree,
    confirm_done,
    do_or_ask,
    hand_over,
    refuse,
    retry,
    send_again,
    send_again_to_all,
    set_state,
)
from destinations.services.handing import BeingTold
from destinations.terms import Act, DestinationState
from preferences.errors import Forbidden, Malformed, Refused
from preferences.models import Profile
from tests.world import World, into, out

on_postgres = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite takes one writer at a time"
)


def sendgrid() -> Destination:
    return Destination.objects.get(slug="sendgrid")


def one(email: str = "p0@example.org") -> Propagation:
    return Propagation.objects.get(destination__slug="sendgrid")


def heard(world: World) -> int:
    return sum("/suppressions" in each["path"] for each in world.sandboxes["sendgrid"].requests)


@pytest.fixture
def world_of(world: World):
    """So many people who said no, told to SendGrid only."""

    def make(count: int, state: DestinationState = DestinationState.LIVE) -> World:
        for destination in Destination.objects.exclude(slug="sendgrid"):
            set_state(destination=destination, state=DestinationState.PAUSED)
        set_state(destination=sendgrid(), state=state)
        for number in range(count):
            person = world.registers(mrn=f"RH{number}", email=f"p{number}@example.org").profile_id
            assert person
            world.chooses(person, out("marketing_emails", "email"))
        world.drain()
        return world

    return make


def asked_for(act: Act, group: str = "") -> Approval:
    """Ana wants to do what reaches many."""
    found = do_or_ask(destination=sendgrid(), act=act, group=group, by="ana").approval
    assert found
    return found


# --- a second person ---


def test_what_reaches_few_is_done_at_once(world_of):
    world_of(19, DestinationState.PAUSED)
    acted = do_or_ask(destination=sendgrid(), act=Act.GO_LIVE, by="ana")

    assert acted.approval is None
    assert sendgrid().state == "live"


def test_what_reaches_many_is_asked_of_a_second_person(world_of):
    world_of(20, DestinationState.PAUSED)
    acted = do_or_ask(destination=sendgrid(), act=Act.GO_LIVE, by="ana")

    assert acted.approval
    assert (acted.approval.people, acted.approval.differ, acted.approval.exact) == (20, 20, True)
    assert sendgrid().state == "paused"


def test_asking_twice_is_one_question(world_of):
    world_of(20, DestinationState.PAUSED)
    for who in ("ana", "ben"):
        do_or_ask(destination=sendgrid(), act=Act.GO_LIVE, by=who)

    assert Approval.objects.get().asked_by == "ana"


def test_once_a_second_person_agrees_it_is_done(world_of):
    world = world_of(20, DestinationState.PAUSED)
    asked = asked_for(Act.GO_LIVE)
    agree(approval_id=asked.pk, by="ben")
    world.quiet()

    asked.refresh_from_db()
    assert (asked.settled_by, asked.agreed) == ("ben", True)
    assert world.suppressed("p7@example.org") == {"marketing_emails"}


def test_nobody_agrees_with_themselves(world_of):
    world_of(20, DestinationState.PAUSED)
    asked = asked_for(Act.GO_LIVE)

    with pytest.raises(Forbidden, match="somebody else"):
        agree(approval_id=asked.pk, by="ana")
    with pytest.raises(IntegrityError):
        Approval.objects.filter(pk=asked.pk).update(settled_by="ana", agreed=True)


def test_what_is_refused_is_not_done_and_may_be_asked_anew(world_of):
    world_of(20, DestinationState.PAUSED)
    asked = asked_for(Act.GO_LIVE)
    refuse(approval_id=asked.pk, by="ana", note="not today")

    assert sendgrid().state == "paused"
    with pytest.raises(Refused, match="settled this already"):
        agree(approval_id=asked.pk, by="ben")
    assert asked_for(Act.GO_LIVE).pk != asked.pk


def test_a_group_is_tried_again_once_a_second_person_agrees(world_of):
    world_of(25)
    Propagation.objects.update(state="stuck", reason="rejected_data", due_at=None)
    asked = asked_for(Act.RETRY, group="stuck:rejected_data")
    assert asked.differ == 25

    assert agree(approval_id=asked.pk, by="ben").count == 25
    assert Propagation.objects.filter(state="pending").count() == 25


@pytest.mark.django_db(transaction=True)
@on_postgres
def test_two_who_agree_at_once_do_it_once(world_of):
    world_of(20, DestinationState.PAUSED)
    asked = asked_for(Act.AGAIN)

    def agreeing(who: str) -> bool:
        with closing(connection):
            try:
                agree(approval_id=asked.pk, by=who)
            except Refused:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(agreeing, ["ben", "cho"])) == [False, True]
    assert sendgrid().again == 1


# --- again ---


def test_telling_one_again_calls_though_it_was_confirmed(world_of):
    world = world_of(1)
    calls, before = heard(world), one()
    assert send_again(propagation_ids=[before.pk], by="ana") == 1
    assert (one().state, one().wanted) == ("pending", before.wanted + 1)
    world.drain()

    assert heard(world) > calls
    assert one().acknowledged == one().wanted


def test_telling_everyone_again_calls_about_everyone_and_then_about_nobody(world_of):
    world = world_of(3)
    calls = heard(world)
    send_again_to_all(destination=sendgrid(), by="ana")
    world.quiet()
    assert heard(world) > calls
    assert not Propagation.objects.filter(destination=sendgrid(), reason="unchanged").exists()

    calls = heard(world)
    set_state(destination=sendgrid(), state=DestinationState.LIVE)
    world.chooses(
        Propagation.objects.filter(identifier__kind="heed")[0].identifier_id, into("patient_surveys", "sms")
    )
    world.quiet()
    assert heard(world) == calls


def test_a_call_that_is_under_way_is_followed_by_another_look(world_of):
    world_of(1)
    row = one()
    Propagation.objects.filter(pk=row.pk).update(
        lease_token=uuid4(), lease_until=timezone.now(), state="sending", due_at=timezone.now()
    )
    send_again(propagation_ids=[row.pk], by="ana")

    assert (one().state, one().wanted > one().leased) == ("sending", True)


def test_a_running_call_is_not_tried_again(world_of):
    world_of(1)
    Propagation.objects.filter(pk=one().pk).update(
        lease_token=uuid4(), lease_until=timezone.now(), state="sending"
    )
    assert retry(propagation_ids=[one().pk], by="ana") == 0


@pytest.mark.django_db(transaction=True)
@on_postgres
def test_retrying_while_the_engine_works_loses_nothing(world_of):
    world = world_of(8)
    ids = list(Propagation.objects.filter(destination=sendgrid()).values_list("pk", flat=True))

    def pressing(_: int) -> None:
        with closing(connection):
            for _ in range(10):
                Propagation.objects.filter(pk__in=ids[:2], lease_token__isnull=True).update(state="stuck")
                retry(propagation_ids=ids, by="ana")
                send_again(propagation_ids=ids[:3], by="ana")

    def draining(_: int) -> None:
        with closing(connection):
            world.drain()

    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(pressing, 0), pool.submit(draining, 0), pool.submit(pressing, 1)]
        for job in jobs:
            job.result(timeout=90)
    world.quiet()

    rows = Propagation.objects.filter(destination=sendgrid())
    assert all(each.acknowledged == each.wanted for each in rows)
    assert Attempt.objects.filter(outcome="stuck").count() == 0


# --- by hand ---


def stuck(world_of) -> World:
    world: World = world_of(1, DestinationState.PAUSED)
    Propagation.objects.update(state="stuck", reason="ambiguous", due_at=timezone.now())
    return world


def task(**more) -> ManualTask:
    ids = [row.pk for row in Propagation.objects.filter(destination=sendgrid())]
    hand_over(
        propagation_ids=ids, **{"asked_of": "crm@example.org", "words": "Take them off", "by": "ana", **more}
    )
    return ManualTask.objects.latest("pk")


def test_somebodys_word_acknowledges_what_was_wanted(world_of):
    stuck(world_of)
    done = confirm_done(task_id=task().pk, by="ben", note="done in the office")

    assert (done.state, done.reason) == ("acknowledged", "by_hand")
    assert done.acknowledged == done.wanted
    assert (done.due_at, done.denied_at) == (None, None)
    assert ManualTask.objects.get().note == "done in the office"


def test_what_was_done_by_hand_is_not_sent_at_the_next_look(world_of):
    world = stuck(world_of)
    confirm_done(task_id=task().pk, by="ben")
    set_state(destination=sendgrid(), state=DestinationState.LIVE)
    world.drain()

    assert heard(world) == 0


def test_what_somebody_says_before_the_word_is_given_is_sent_though_it_was_not_marked_yet(world_of):
    world = stuck(world_of)
    made = task()
    world.chooses(Profile.objects.get().pk, out("patient_surveys", "email"))
    confirm_done(task_id=made.pk, by="ben")
    set_state(destination=sendgrid(), state=DestinationState.LIVE)
    world.drain()

    assert "patient_surveys" in world.suppressed("p0@example.org")


def test_where_more_is_wanted_meanwhile_it_still_waits(world_of):
    world = stuck(world_of)
    made = task()
    world.chooses(
        Propagation.objects.filter(identifier__kind="heed")[0].identifier_id,
        into("marketing_emails", "email"),
    )
    world.drain()
    done = confirm_done(task_id=made.pk, by="ben")

    assert done.acknowledged == made.counter < done.wanted
    assert done.state == "pending"


def test_an_acknowledgement_is_never_lowered(world_of):
    stuck(world_of)
    made = task()
    Propagation.objects.filter(pk=one().pk).update(wanted=9, acknowledged=9, state="acknowledged")

    assert confirm_done(task_id=made.pk, by="ben").acknowledged == 9


def test_a_mistaken_word_is_undone_by_telling_again(world_of):
    world = stuck(world_of)
    confirm_done(task_id=task().pk, by="ben")
    send_again(propagation_ids=[one().pk], by="ana")
    set_state(destination=sendgrid(), state=DestinationState.LIVE)
    world.drain()

    assert world.suppressed("p0@example.org") == {"marketing_emails"}


def test_a_task_is_confirmed_once_and_not_while_the_system_is_being_told(world_of):
    stuck(world_of)
    made = task()
    Propagation.objects.filter(pk=one().pk).update(lease_token=uuid4())
    with pytest.raises(BeingTold):
        confirm_done(task_id=made.pk, by="ben")

    Propagation.objects.filter(pk=one().pk).update(lease_token=None)
    confirm_done(task_id=made.pk, by="ben")
    with pytest.raises(Refused, match="already"):
        confirm_done(task_id=made.pk, by="cho")


def test_one_row_is_in_one_pair_of_hands(world_of):
    stuck(world_of)
    task()

    assert hand_over(propagation_ids=[one().pk], asked_of="cho", words="", by="ana") == 0
    with pytest.raises(Malformed, match="who shall do it"):
        task(asked_of=" ")


@pytest.mark.django_db(transaction=True)
@on_postgres
def test_two_confirmations_at_once_count_once(world_of):
    stuck(world_of)
    made = task()

    def confirming(who: str) -> bool:
        with closing(connection):
            try:
                confirm_done(task_id=made.pk, by=who)
            except Refused:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(confirming, ["ben", "cho"])) == [False, True]
    assert one().state == "acknowledged"
