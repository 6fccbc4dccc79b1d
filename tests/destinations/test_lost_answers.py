"""A call that gets no answer: whom that is about."""

import pytest
from django.utils import timezone

from destinations import delivery, marking, sending
from destinations.models import Destination, Propagation
from tests.world import World, out


def after_a_hanging_call(world: World, monkeypatch: pytest.MonkeyPatch, slug: str) -> list[Propagation]:
    """Three said no; the first call of their batch gets no answer. The rows as they stand then, in order."""
    for number in range(3):
        person = world.registers(mrn=f"RH{number}", email=f"p{number}@example.org").profile_id
        assert person
        world.chooses(person, out("marketing_emails", "email"))
    while marking.mark(timezone.now()):
        pass
    monkeypatch.setattr(sending, "CALL_SECONDS", 0.3)
    monkeypatch.setattr(sending, "_memory", {})  # not signed in yet
    world.faults(slug, delay_ms=900, times=1)
    turn = delivery.take(Destination.objects.get(slug=slug).pk, 3)
    assert turn
    delivery.settle(sending.send(turn))
    return [Propagation.objects.get(pk=each.row.id) for each in turn.batch]


@pytest.mark.parametrize("slug", ["webhook", "fhir"])
def test_only_who_was_asked_about_has_lost_the_answer(world, monkeypatch, slug):
    """The first call of a batch hangs; the others were never reached, and are next."""
    first, *others = after_a_hanging_call(world, monkeypatch, slug)

    assert (first.reason, first.failures, bool(first.unknown_at)) == ("no_answer", 1, True)
    assert len(others) == 2
    for each in others:
        assert (each.reason, each.failures, each.unknown_at) == ("turn_over", 0, None)
        assert each.due_at
        assert each.due_at <= timezone.now()
        assert each.attempts.latest("pk").calls == 0
    assert Destination.objects.get(slug=slug).failures == 1


def test_a_call_that_is_about_nobody_was_about_them_all(world, monkeypatch):
    """Nobody is told before it signs in: tried at once, it would hang for each of them."""
    rows = after_a_hanging_call(world, monkeypatch, "salesforce")

    assert [each.reason for each in rows] == ["no_answer"] * 3
    assert Destination.objects.get(slug="salesforce").failures == 1
