"""Once a minute: what was lost, and what changed by the clock alone, goes on."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.db.models import F
from django.utils import timezone
from django_q.signals import post_spawn

from destinations import delivery, marking, tasks
from destinations.models import Destination, Heartbeat, WakeUp
from destinations.services import wake
from preferences import clock
from preferences.catalogue import catalogue
from preferences.models import Category, Outbox, Profile
from preferences.selectors import decide
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.world import into


@pytest.fixture
def asked(monkeypatch):
    """How often a run was asked for."""
    calls: list[str] = []
    monkeypatch.setattr("destinations.services.waking.async_task", calls.append)
    return calls


def test_a_lost_wake_up_is_made_good(world, asked):
    world.registers(mrn="RH1", email="maria@example.org")
    WakeUp.objects.update_or_create(
        name="propagate", defaults={"pending": True, "at": timezone.now() - timedelta(minutes=5)}
    )
    tasks.sweep()

    assert asked == ["destinations.tasks.propagate"]
    assert Heartbeat.objects.get(name="qcluster").at > timezone.now() - timedelta(seconds=5)


def test_a_worker_that_starts_asks_in_place_of_one_that_was_killed_with_the_task_in_hand(db, asked):
    WakeUp.objects.update_or_create(name="propagate", defaults={"pending": True, "at": timezone.now()})
    post_spawn.send(sender="django_q", proc_name="worker")

    assert asked == ["destinations.tasks.propagate"]


def test_no_run_is_over_while_a_lease_runs_that_somebody_killed_may_have_left(world, asked, monkeypatch):
    monkeypatch.setattr("destinations.tasks.Drain", Mock())
    world.registers(mrn="RH1", email="maria@example.org")
    while marking.mark(timezone.now()):
        pass
    for pk in Destination.objects.values_list("pk", flat=True):
        while delivery.take(pk, 50):
            pass
    WakeUp.objects.update_or_create(name="propagate", defaults={"pending": True, "at": timezone.now()})
    asked.clear()
    tasks.propagate()

    assert asked == ["destinations.tasks.propagate"]


def test_runs_that_were_asked_for_faster_than_they_began_are_one(world, monkeypatch):
    """A busy queue gathers one each five seconds, and a patient's code waits behind them all."""
    runs = Mock()
    monkeypatch.setattr("destinations.tasks.Drain", runs)
    WakeUp.objects.update_or_create(name="propagate", defaults={"pending": True, "at": timezone.now()})
    for _ in range(3):
        tasks.propagate()

    assert runs.call_count == 1


def test_however_long_a_run_takes_one_task_more_stands_in_line_behind_it(db, asked, monkeypatch):
    class GoesOn:
        def __init__(self, beat, makes_way):
            self.beat = beat

        def run(self):
            wake()
            for _ in range(5):
                later(seconds=3)
                self.beat()
                later(seconds=3)
                wake()
            return 0

    monkeypatch.setattr("destinations.tasks.Drain", GoesOn)
    wake()
    tasks.propagate()
    assert asked == ["destinations.tasks.propagate"] * 2

    later(seconds=6)
    wake()
    assert len(asked) == 3


def later(**past):
    WakeUp.objects.update(at=F("at") - timedelta(**past))


def test_nothing_to_do_wakes_nobody(world, asked):
    tasks.sweep()
    assert asked == []


def test_an_opt_in_that_has_ended_is_told_as_never_asked(world, asked):
    body = Category.objects.get(key="patient_surveys").body | {"opt_in_expires_days": 30}
    publish(kind=RevisionKind.CATEGORY, key="patient_surveys", body=body, author="sam", reason="Ask yearly")
    assert catalogue().category("patient_surveys").opt_in_expires_days == 30
    person = world.registers(mrn="RH1", email="maria@example.org").profile_id
    world.chooses(person, into("patient_surveys", "email"), occurred=timezone.now() - timedelta(days=29))
    world.drain()
    assert told(world)["state"] == "opted_in"

    Profile.objects.filter(pk=person).update(next_change_at=timezone.now())
    with pretended(days=2):
        tasks.sweep()
        assert Outbox.objects.filter(subject=str(person)).exists()
        assert decide(person, "patient_surveys", "email").reason == "default"


def told(world):
    return world.snapshot(email="maria@example.org")["preferences"]["patient_surveys"]["email"]


def pretended(days):
    return clock.at(timezone.now() + timedelta(days=days))
