"""When a drain may leave: not while somebody's killed worker still holds a lease."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from destinations import drain, marking
from destinations.drain import Drain
from destinations.models import Propagation
from tests.world import World, out

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
