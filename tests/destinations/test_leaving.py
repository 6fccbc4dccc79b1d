"""When a drain may leave: not while somebody's killed worker still holds a lease."""

from datetime import timedelta
from itertools import cycle
from uuid import uuid4

import pytest
from django.utils import timezone

from destinations import drain, marking, tasks
from destinations.drain import Drain
from destinations.models import Propagation
from preferences.models import Outbox
from tests.world import World, into, out

MARIA = "maria@example.org"


@pytest.fixture
def killed(world: World) -> World:
    """She said no, and the worker that was about to tell SendGrid is gone."""
    person = world.registers(mrn="RH1", email=MARIA).profile_id
    assert person
    world.chooses(person, out("marketing_emails", "email"))
    while marking.mark(timezone.now()):
        pass
    ends = timezone.now() + timedelta(seconds=1.5)
    Propagation.objects.filter(destination__slug="sendgrid").update(
        lease_token=uuid4(), lease_until=ends, due_at=ends, state="sending", failures=1
    )
    return world


def test_a_lease_that_a_killed_worker_left_ends_within_a_drains_patience(killed, monkeypatch):
    monkeypatch.setattr(drain, "STAY_SECONDS", 0.1)  # it does not stay for what falls due
    Drain(linger=0.1).run()

    assert killed.suppressed(MARIA) == {"marketing_emails"}


def test_who_waits_for_nobody_leaves_it_to_the_next(killed, monkeypatch):
    monkeypatch.setattr(drain, "STAY_SECONDS", 0.1)
    Drain(linger=0.0).run()

    assert killed.suppressed(MARIA) == set()


def test_while_changes_keep_coming_a_run_makes_way_for_whoever_waits_for_its_worker(world, monkeypatch):
    """A patient's code, say: on a busy day a run took up to forty seconds, and so did each behind it."""
    monkeypatch.setattr(drain, "BEAT_SECONDS", 0.0)
    person = world.registers(mrn="RH1", email=MARIA).profile_id
    answers = cycle([out("marketing_emails", "email"), into("marketing_emails", "email")])
    changes = []

    def somebody_changes_again(told):
        changes.append(told)
        assert len(changes) < 40, "it goes on and on"
        world.chooses(person, next(answers))

    somebody_changes_again(0)
    Drain(linger=0.0, progress=somebody_changes_again, makes_way=lambda: True).run()
    assert Outbox.objects.exists() or tasks.something_is_due()

    world.chooses(person, out("marketing_emails", "email"))
    Drain(linger=0.0).run()
    assert world.suppressed(MARIA) == {"marketing_emails"}


def test_a_code_that_is_due_is_what_a_run_makes_way_for(client, world):
    assert not tasks.somebody_waits()

    client.post("/", {"address": MARIA})
    assert tasks.somebody_waits()
