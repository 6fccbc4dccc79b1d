"""Comparing systems that answer slowly, or not at all: what was learnt is kept, and nobody waits for ever."""

import time

import pytest

from destinations import comparing
from destinations.models import Destination, Reconciliation
from destinations.services.reconciling import begin, go_on, look_on
from tests.world import MRN_SYSTEM, World, out


def patients(world: World, count: int) -> None:
    for number in range(count):
        mrn = f"RH{number}"
        person = world.registers(mrn=mrn, email=f"{mrn}@example.org").profile_id
        assert person
        world.plant("fhir", Patient=[{"id": mrn, "identifier": [{"system": MRN_SYSTEM, "value": mrn}]}])
        world.chooses(person, out("marketing_emails", "email"))


def test_a_slow_system_is_compared_a_few_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    patients(world, 6)
    world.faults("fhir", delay_ms=150)
    monkeypatch.setattr(comparing, "CHUNK_SECONDS", 1.2)
    found = begin(destination=Destination.objects.get(slug="fhir"), by="ana")
    steps = [0]
    ended = False
    while not ended:
        began = time.monotonic()
        ended = look_on(reconciliation=found)
        assert time.monotonic() - began < 3.0
        steps.append(found.looked_at)
    assert steps == sorted(set(steps))
    assert len(steps) > 2
    assert (found.looked_at, found.unread) == (6, 0)
    assert found.found.count() == 6


def test_of_people_who_take_too_long_none_is_counted_as_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    patients(world, 2)
    world.faults("fhir", delay_ms=400)
    monkeypatch.setattr(comparing, "CHUNK_SECONDS", 0.2)
    begin(destination=Destination.objects.get(slug="fhir"), by="ana")
    assert not go_on(0.0)
    found = Reconciliation.objects.get()
    assert (found.looked_at, found.unread, found.finished_at) == (0, 0, None)


def test_systems_that_do_not_answer_are_asked_no_longer_than_there_is_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    patients(world, 1)
    monkeypatch.setattr(comparing, "CALL_SECONDS", 1.0)
    for slug in ("fhir", "sendgrid", "salesforce"):
        world.faults(slug, hang=True)
        begin(destination=Destination.objects.get(slug=slug), by="ana")
    began = time.monotonic()
    assert not go_on(0.1)
    assert time.monotonic() - began < 2.5
