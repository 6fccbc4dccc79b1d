"""A call that gets no answer: whom that is about."""

import pytest
from django.utils import timezone

from destinations import delivery, marking, sending
from destinations.models import Destination, Propagation
from tests.world import out


@pytest.mark.parametrize("slug", ["webhook", "fhir"])
def test_only_who_was_asked_about_has_lost_the_answer(world, monkeypatch, slug):
    """The first call of a batch hangs; the others were never reached, and are next."""
    numbers = range(3)
    for number in numbers:
        person = world.registers(mrn=f"RH{number}", email=f"p{number}@example.org").profile_id
        world.chooses(person, out("marketing_emails", "email"))
    while marking.mark(timezone.now()):
        pass
    monkeypatch.setattr(sending, "CALL_SECONDS", 0.3)
    world.faults(slug, delay_ms=900, times=1)
    turn = delivery.take(Destination.objects.get(slug=slug).pk, len(numbers))
    assert turn
    delivery.settle(sending.send(turn))

    first, *others = [Propagation.objects.get(pk=each.row.id) for each in turn.batch]
    assert (first.reason, first.failures, bool(first.unknown_at)) == ("no_answer", 1, True)
    assert len(others) == 2
    for each in others:
        assert (each.reason, each.failures, each.unknown_at) == ("turn_over", 0, None)
        assert each.due_at
        assert each.due_at <= timezone.now()
        assert each.attempts.latest("pk").calls == 0
    assert Destination.objects.get(slug=slug).failures == 1
