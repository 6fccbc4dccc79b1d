"""Who goes first where an account's rate is nearly used, and that none of it is left unused."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from destinations import drain, marking
from destinations.drain import Drain
from destinations.models import Account, Destination, Propagation
from destinations.tasks import something_is_due
from tests.world import World, out


def says_no(world: World) -> UUID:
    person = world.registers(mrn="RH9", email="p9@example.org").profile_id
    assert person
    world.chooses(person, out("marketing_emails", "email"))
    return person


# --- opt-outs first, to the last call ---


@pytest.fixture
def nearly_used(world):
    """Of 150 calls 20 are left; two are known, and a third says no."""
    world.saves("webhook", rate="3600/hour")
    for number in range(2):
        world.registers(mrn=f"RH{number}", email=f"p{number}@example.org")
    person = says_no(world)
    Account.objects.filter(destination__slug="webhook").update(tokens=20.0)
    world.drain()
    return person


def told(world: World) -> list[str]:
    return [each["body"]["data"]["profile"] for each in world.sandboxes["webhook"].requests]


def test_the_last_fifth_of_a_rate_is_for_opt_outs(world, nearly_used):
    assert told(world) == [str(nearly_used)]

    lane = Destination.objects.get(slug="webhook")
    assert lane.not_before is None
    assert lane.facts_after
    assert 8 < (lane.facts_after - timezone.now()).total_seconds() < 13


def test_an_opt_out_that_comes_while_all_else_waits_goes_at_once(world, nearly_used):
    later = world.registers(mrn="RH1", email="p1@example.org").profile_id
    world.chooses(later, out("patient_surveys", "email"))
    world.drain()

    assert told(world) == [str(nearly_used), str(later)]


def test_what_waited_goes_when_there_are_calls_to_spare(world, nearly_used):
    Account.objects.filter(destination__slug="webhook").update(tokens=40.0)
    world.quiet()

    assert len(set(told(world))) == 3


def test_what_only_waits_for_calls_to_spare_keeps_no_worker_busy(world, nearly_used):
    assert something_is_due()  # a drain waits for it

    Destination.objects.update(facts_after=timezone.now() + timedelta(minutes=5))
    assert not something_is_due()
    Propagation.objects.filter(destination__slug="webhook").update(deadline_at=timezone.now())
    assert something_is_due()


# --- a rate is used ---


def test_a_drain_waits_while_only_a_rate_limit_holds_a_system(world, monkeypatch):
    monkeypatch.setattr(drain, "STAY_SECONDS", 0.1)
    world.saves("webhook", rate="1/second")
    says_no(world)
    Account.objects.filter(destination__slug="webhook").update(tokens=-0.5, at=timezone.now())
    Drain(linger=0.1).run()

    assert len(told(world)) == 1


@pytest.mark.parametrize(
    ("seconds", "failures", "waited_for"), [(10, 0, True), (10, 1, False), (60, 0, False)]
)
def test_a_drain_is_followed_by_another_where_a_rate_limit_is_over_soon(world, seconds, failures, waited_for):
    says_no(world)
    while marking.mark(timezone.now()):
        pass
    held = timezone.now() + timedelta(seconds=seconds)
    Destination.objects.update(not_before=held, failures=failures)

    assert something_is_due() is waited_for
