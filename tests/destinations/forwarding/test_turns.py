"""Turns with events: in order, by whoever lives, as fast as a system may be called, and never behind one."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from destinations import sending
from destinations.forwarding import routing, turns
from destinations.forwarding.alone import ASKED_AFTER
from destinations.models import Account, Attempt, Destination, Event, Forwarding, Propagation
from destinations.services import try_now
from destinations.tasks import something_is_due
from tests.destinations.forwarding.conftest import standing
from tests.world import out


@pytest.fixture
def connected(hospital):
    hospital.connects("webhook")
    hospital.connects("meta_conversions")
    hospital.world.drain()
    return hospital


def people(hospital, count, **more):
    for number in range(count):
        facts = {"mrn": f"RH{number}", "email": f"p{number}@example.org", "jurisdiction": "US-CA", **more}
        hospital.world.registers(**facts)


def states(slug):
    rows = Forwarding.objects.filter(destination__slug=slug).order_by("id")
    return list(rows.values_list("state", flat=True))


# --- order ---


def test_what_happened_to_one_person_arrives_in_the_order_in_which_it_came(connected):
    people(connected, 3)
    expected: dict[str, list[str]] = {}
    for number in range(30):
        who = f"RH{number % 3}"
        event = connected.tracks("page_viewed", mrn=who, properties={"value": number})
        expected.setdefault(who, []).append(str(event.id))
    connected.fault("webhook", status=503, rate=0.3)
    for _ in range(12):
        connected.turn("webhook", 4)
        connected.later()
    connected.quiet()

    come = [re.sub(r"\.\d+$", "", each["id"]) for each in came(connected)]
    for ids in expected.values():
        assert [each for each in come if each in ids] == ids


def came(hospital):
    """What the webhook took, each once, in order."""
    seen: dict[str, Any] = {}
    for request in hospital.sandboxes["webhook"].requests:
        body = request["body"]
        if request["status"] == 200 and body.get("type") == "event.tracked":
            seen.setdefault(body["id"], body)
    return list(seen.values())


def test_nobody_overtakes_while_another_worker_sends_the_one_before(connected):
    people(connected, 1)
    first, second = (connected.tracks(mrn="RH0") for _ in range(2))
    turn = connected.turn("webhook", 1, kill="before sending")
    assert [each.row.event for each in turn.batch] == [first.id]

    assert connected.turn("webhook").batch == []
    assert connected.turn("webhook") is None
    assert standing(second, "webhook").state == "waiting"

    connected.quiet()
    assert states("webhook") == ["sent", "sent"]


# --- kill -9 ---


@pytest.mark.parametrize("kill", ["before sending", "before settling"])
def test_a_killed_worker_loses_nothing_and_repeats_only_under_the_same_id(connected, kill):
    people(connected, 2)
    events = [connected.tracks(mrn=f"RH{n % 2}") for n in range(4)]
    connected.turn("webhook", kill=kill)
    connected.turn("meta_conversions", kill=kill)
    connected.quiet()

    assert set(states("webhook") + states("meta_conversions")) == {"sent"}
    assert len(connected.heard("webhook")) == len(connected.heard("meta_conversions")) == 4
    assert {each["id"] for each in came(connected)} == {str(each.id) for each in events}


def test_what_a_killed_worker_may_have_sent_is_judged_again(connected):
    person = connected.world.registers(mrn="RH0", email="p@example.org").profile_id
    event = connected.tracks(mrn="RH0")
    connected.turn("webhook", kill="before settling")
    connected.world.chooses(person, out("marketing_emails"))
    connected.quiet()

    row = standing(event, "webhook")
    assert row.state == "blocked"
    assert row.left_at
    assert [each["outcome"] for each in row.earlier] == ["forward"]


def test_a_worker_that_comes_late_writes_nothing(connected):
    people(connected, 1)
    event = connected.tracks(mrn="RH0")
    turn = connected.turn("webhook", kill="before sending")
    connected.quiet()
    sent = standing(event, "webhook").settled_at

    turns.settle(sending.send(turn))
    assert standing(event, "webhook").settled_at == sent


def test_routing_twice_makes_one_row_for_each_system(connected):
    connected.tracks(mrn="RH0")
    routing.route(timezone.now())
    Event.objects.update(routed=False)
    routing.route(timezone.now())

    assert Forwarding.objects.count() == 2


# --- what fails ---


def test_a_bad_event_does_not_keep_the_persons_next(connected):
    people(connected, 2)
    events = [
        connected.tracks("newsletter_clicked" if n == 2 else "page_viewed", mrn="RH0") for n in range(5)
    ]
    connected.fault("meta_conversions", status=400, about="newsletter_clicked")
    connected.turn("meta_conversions")

    assert states("meta_conversions") == ["sent", "sent", "stuck", "sent", "sent"]
    assert standing(events[2], "meta_conversions").reason == "rejected_data"


def test_what_fails_by_itself_again_and_again_is_given_up_and_the_next_goes(connected):
    people(connected, 3)
    bad = connected.tracks("newsletter_clicked", mrn="RH0")
    after = connected.tracks("page_viewed", mrn="RH0")
    others = []
    connected.fault("meta_conversions", status=500, about="newsletter_clicked")
    for number in range(30):
        others.append(connected.tracks("page_viewed", mrn=f"RH{1 + number % 2}"))
        for _ in range(2):
            connected.turn("meta_conversions", 16)
            connected.later()

    row = standing(bad, "meta_conversions")
    assert (row.state, row.reason) == ("stuck", "unavailable")
    assert standing(after, "meta_conversions").state == "sent"
    assert {standing(each, "meta_conversions").state for each in others} == {"sent"}


def fails_alone(hospital, slug, tries=40, **fault):
    """One event, nothing else, and a system that does not take it however often it is tried."""
    people(hospital, 1)
    hospital.world.drain()
    event = hospital.tracks("newsletter_clicked", mrn="RH0")
    hospital.fault(slug, **fault)
    for _ in range(tries):
        hospital.turn(slug)
        hospital.later()
    return standing(event, slug)


@pytest.mark.parametrize("slug", ["webhook", "meta_conversions"])
def test_what_fails_where_nothing_else_is_sent_is_given_up_once_the_system_answers_a_test(connected, slug):
    row = fails_alone(connected, slug, status=500, about="newsletter_clicked")

    assert (row.state, row.reason) == ("stuck", "unavailable")
    assert "answered a test" in row.detail
    calls = [each["body"] for each in connected.sandboxes[slug].requests]
    assert sum("newsletter_clicked" in str(body) for body in calls) == ASKED_AFTER + turns.ALONE_TRIES - 1


@pytest.mark.parametrize("slug", ["webhook", "meta_conversions"])
def test_one_event_waits_for_a_system_that_is_down_however_often_it_was_tried(connected, slug):
    row = fails_alone(connected, slug, status=500)
    assert (row.state, row.failures) == ("later", 1)

    connected.quiet()
    assert states(slug) == ["sent"]


def test_events_that_fail_hold_no_opt_out_back(connected):
    person = connected.world.registers(mrn="RH0", email="p@example.org").profile_id
    connected.world.drain()
    connected.fault("webhook", status=500, about="event.tracked")
    connected.tracks(mrn="RH0")
    connected.turn("webhook")
    system = Destination.objects.get(slug="webhook")
    assert system.events_after
    assert system.not_before is None

    connected.world.chooses(person, out("phone_outreach"))
    connected.world.drain()
    assert not Propagation.objects.filter(destination=system, due_at__isnull=False).exists()
    assert Attempt.objects.filter(propagation__destination=system, outcome="acknowledged").exists()


def test_a_system_that_was_set_up_wrongly_keeps_its_events_until_it_is_right(connected):
    people(connected, 1)
    connected.tracks(mrn="RH0")
    connected.fault("meta_conversions", status=404)
    connected.turn("meta_conversions")
    system = Destination.objects.get(slug="meta_conversions")
    assert (system.failures, states("meta_conversions")) == (1, ["later"])

    connected.sandboxes["meta_conversions"].faults.clear()
    try_now(destination=system)
    connected.turn("meta_conversions")
    assert states("meta_conversions") == ["sent"]


@pytest.mark.parametrize(("slug", "days"), [("meta_conversions", 8), ("webhook", 8)])
def test_what_happened_too_long_ago_is_not_sent(connected, slug, days):
    people(connected, 1)
    event = connected.tracks(mrn="RH0", at=timezone.now() - timedelta(days=days))
    after = connected.tracks(mrn="RH0")
    connected.drain()

    assert standing(event, slug).state == "expired"
    assert standing(after, slug).state == "sent"


def test_what_was_destroyed_is_not_sent(connected):
    people(connected, 1)
    event = connected.tracks(mrn="RH0")
    Event.objects.update(body=None)
    connected.drain()

    row = standing(event, "webhook")
    assert (row.state, row.outcome) == ("expired", "")


# --- what a system works on ---


def test_what_a_system_works_on_is_asked_about_and_keeps_nobody_waiting(hospital):
    hospital.connects("google_events")
    people(hospital, 1)
    first, second = (hospital.tracks(mrn="RH0") for _ in range(2))
    hospital.turn("google_events", 1)
    row = standing(first, "google_events")
    assert (row.state, bool(row.job), bool(row.left_at)) == ("later", True, True)

    hospital.turn("google_events")
    assert standing(second, "google_events").job
    hospital.quiet()
    assert states("google_events") == ["sent", "sent"]


def test_an_opt_out_while_a_system_works_on_it_ends_the_asking(hospital):
    hospital.connects("google_events")
    person = hospital.world.registers(mrn="RH0", email="p@example.org", jurisdiction="US-CA").profile_id
    event = hospital.tracks(mrn="RH0")
    hospital.turn("google_events")
    hospital.world.chooses(person, out("sale_or_sharing"))
    hospital.quiet()

    row = standing(event, "google_events")
    assert (row.state, row.reason) == ("blocked", "rule")
    assert row.left_at
    assert "it was not asked" in row.detail


# --- pace ---


def test_no_more_is_sent_than_a_system_may_be_called(hospital):
    hospital.connects("webhook", rate="60/minute")
    people(hospital, 1)
    hospital.world.drain()
    Account.objects.update(tokens=6.0, at=timezone.now())
    for _ in range(20):
        hospital.tracks(mrn="RH0")
    for _ in range(8):
        hospital.turn("webhook")

    assert 1 <= len(hospital.heard("webhook")) <= 8
    assert Destination.objects.get(slug="webhook").facts_after


def test_no_more_turns_run_at_once_than_a_system_takes(connected):
    Destination.objects.filter(slug="webhook").update(in_flight_max=1)
    people(connected, 2)
    connected.tracks(mrn="RH0")
    connected.tracks(mrn="RH1")
    connected.turn("webhook", 1, kill="before sending")

    assert connected.turn("webhook", 1) is None


def test_what_is_due_is_seen_by_the_sweep(connected):
    assert not something_is_due()
    connected.tracks(mrn="RH0")
    assert something_is_due()
    connected.drain()
    assert not something_is_due()


@pytest.mark.parametrize("count", [1, 40])
def test_a_turn_costs_the_same_for_one_event_as_for_forty(connected, count, django_assert_max_num_queries):
    people(connected, count)
    for number in range(count):
        connected.tracks(mrn=f"RH{number}")
    routing.route(timezone.now())
    pk = Destination.objects.get(slug="meta_conversions").pk
    with django_assert_max_num_queries(24):
        turn = turns.take(pk, 50)
    assert turn is not None
    assert len(turn.batch) == count


@pytest.mark.parametrize("count", [1, 40])
def test_routing_costs_the_same_for_one_event_as_for_forty(connected, count, django_assert_max_num_queries):
    people(connected, count)
    for number in range(count):
        connected.tracks(mrn=f"RH{number}")
    with django_assert_max_num_queries(10):
        assert routing.route(timezone.now()) == count
