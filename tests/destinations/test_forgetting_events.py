"""What an event held is destroyed after some days; that there was one stays on record."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.models import Event
from destinations.services import forgetting
from destinations.services.forgetting import forget_event_bodies
from destinations.services.tracking import track
from destinations.tasks import sweep
from destinations.tracked import Tracked, opened
from preferences.identity import named
from preferences.terms import IdentifierKind
from tests.factories import SourceFactory
from tests.governance.listing import BOOKED, allow

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def came(days_ago, count=1):
    """Events that came in that many days ago."""
    allow()
    who = (named(IdentifierKind.EXTERNAL_ID, "u1", "ehr"),)
    moment = NOW - timedelta(days=days_ago)
    events = [
        Tracked("track", BOOKED, moment, who, {"value": 1}, b"{}", f"{days_ago}-{n}") for n in range(count)
    ]
    return track(source=SourceFactory.create(), events=events, now=moment)


def with_body():
    return Event.objects.filter(body__isnull=False).count()


def test_the_body_goes_after_thirty_days_and_the_event_stays():
    came(31)
    came(29)

    assert forget_event_bodies(NOW) == 1
    old, young = Event.objects.order_by("received_at")
    assert opened(old) is None
    assert opened(young)
    assert (old.name, old.number) == (BOOKED, 1)


def test_how_long_is_a_setting(settings):
    settings.HEED_EVENT_DAYS = 7
    came(8)

    assert forget_event_bodies(NOW) == 1


def test_the_sweep_does_it():
    came(31)
    sweep()

    assert with_body() == 0


def test_many_go_in_turns_that_are_bounded(monkeypatch):
    monkeypatch.setattr(forgetting, "CHUNK", 3)
    monkeypatch.setattr(forgetting, "CHUNKS", 2)
    came(31, 8)

    assert [forget_event_bodies(NOW) for _ in range(3)] == [6, 2, 0]


def test_it_looks_at_no_event_that_has_been_forgotten(django_assert_num_queries):
    came(31, 3)
    forget_event_bodies(NOW)

    with django_assert_num_queries(1):
        forget_event_bodies(NOW)
