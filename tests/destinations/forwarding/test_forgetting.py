"""Verdicts outlive what the event held, and are deleted when their time is over."""

from datetime import timedelta

from django.utils import timezone

from destinations.models import Event, Forwarding
from destinations.services.forgetting import forget_event_bodies, forget_forwardings


def test_verdicts_outlive_the_body_and_go_after_their_own_time(hospital, settings):
    hospital.connects("webhook")
    hospital.connects("meta_conversions")
    hospital.world.registers(mrn="RH1", email="a@example.org")
    hospital.tracks(mrn="RH1")
    hospital.drain()
    now = timezone.now()

    forget_event_bodies(now + timedelta(days=31))
    assert forget_forwardings(now + timedelta(days=31)) == 0
    assert Event.objects.get().body is None
    assert set(Forwarding.objects.values_list("outcome", flat=True)) == {"forward", "block"}

    settings.HEED_VERDICT_DAYS = 365
    assert forget_forwardings(now + timedelta(days=366)) == 2
    assert not Event.objects.exists()


def test_what_still_waits_is_kept(hospital, settings):
    hospital.connects("webhook", state="paused")
    hospital.tracks(mrn="RH1")
    hospital.drain()
    settings.HEED_VERDICT_DAYS = 0

    assert forget_forwardings(timezone.now() + timedelta(days=1)) == 0
    assert Event.objects.count() == Forwarding.objects.count() == 1
