"""Adding a system: what it would be told, before anything is."""

from datetime import timedelta

import pytest

from destinations import backfill
from destinations.backfill import Size, measure, takes, would_send
from destinations.connectors import CONNECTORS
from destinations.contract import Rate
from destinations.models import Destination, Propagation
from destinations.services import set_state
from destinations.terms import DestinationState
from tests.world import World, into, out


@pytest.fixture
def five(world: World) -> World:
    """Two who said no, one who said yes, two whom nobody asked; everything is paused."""
    for destination in Destination.objects.all():
        set_state(destination=destination, state=DestinationState.PAUSED)
    for number in range(5):
        person = world.registers(mrn=f"RH{number}", email=f"p{number}@example.org").profile_id
        assert person
        if number < 3:
            choice = out if number < 2 else into
            world.chooses(person, choice("marketing_emails", "email"))
    return world


def size_of(slug: str) -> Size:
    size, destination = Size(), Destination.objects.get(slug=slug)
    while not size.done:
        size = measure(destination, size)
    return size


@pytest.mark.parametrize("slug", ["sendgrid", "salesforce", "fhir"])
def test_it_counts_whom_it_concerns_and_what_would_be_said(five, slug):
    size = size_of(slug)

    assert (size.people, size.told, size.denied, size.opted_in, size.unsent) == (5, 3, 2, 1, 3)


def test_a_system_that_is_told_everything_is_told_about_everyone(five):
    size = size_of("webhook")

    assert (size.people, size.told, size.denied, size.opted_in) == (5, 5, 2, 1)


def test_it_is_counted_chunk_by_chunk(five, monkeypatch):
    monkeypatch.setattr(backfill, "CHUNK", 2)
    destination = Destination.objects.get(slug="sendgrid")
    first = measure(destination, Size())

    assert (first.people, first.done) == (2, False)
    assert size_of("sendgrid").told == 3


def test_looking_calls_nobody_and_changes_nothing(five):
    size_of("sendgrid")

    assert not five.sandboxes["sendgrid"].requests
    assert not Propagation.objects.filter(acknowledged__gt=0).exists()


def test_what_is_confirmed_already_would_not_be_sent_again(five):
    set_state(destination=Destination.objects.get(slug="sendgrid"), state=DestinationState.LIVE)
    five.drain()
    sendgrid = Destination.objects.get(slug="sendgrid")

    assert would_send(destination=sendgrid).differ == 0
    assert would_send(destination=sendgrid, again=True).differ == 3


def test_of_very_many_a_part_stands_for_all(five, monkeypatch):
    monkeypatch.setattr(backfill, "CHUNK", 2)
    monkeypatch.setattr(backfill, "LOOKED_AT", 2)
    found = would_send(destination=Destination.objects.get(slug="sendgrid"))

    assert (found.people, found.exact) == (5, False)


def test_nobody_is_subscribed_anew_by_going_live(five):
    """Who never said anything is left alone, and an opt-out of the system's own stands."""
    five.plant("sendgrid", suppressed=[{"email": f"p{n}@example.org", "group": 101} for n in (3, 4)])
    set_state(destination=Destination.objects.get(slug="sendgrid"), state=DestinationState.LIVE)
    five.quiet()

    assert {n for n in range(5) if five.suppressed(f"p{n}@example.org")} == {0, 1, 3, 4}


@pytest.mark.parametrize(
    ("rows", "slug", "rate", "seconds"),
    [
        (1_000, "webhook", None, 50),
        (1_000, "webhook", Rate(5, 1), 200),
        (1_000, "sendgrid", None, 1),
        (60_000, "salesforce", Rate(1, 1), 2_400),
        (0, "webhook", None, 0),
    ],
)
def test_how_long_it_takes_follows_from_the_calls_and_the_rate(rows, slug, rate, seconds):
    found = takes(rows, CONNECTORS[slug], rate)

    assert abs(found - timedelta(seconds=seconds)) < timedelta(seconds=0.1 * seconds + 1)


def test_a_removed_connector_is_told_nothing(five):
    gone = Destination.objects.get(slug="sendgrid")
    gone.connector = "mailkite"

    assert would_send(destination=gone).people == 0
