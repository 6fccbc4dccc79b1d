"""What django-q runs: both tasks may be lost or run twice without harm."""

import time
from datetime import timedelta

from django.utils import timezone
from django_q.tasks import async_task

from destinations import alarms, leases, publishing, reminding, slots
from destinations.connectors import CONNECTORS
from destinations.drain import TAKE_SECONDS, Drain
from destinations.models import Destination, Event, Forwarding, Propagation, Reconciliation
from destinations.services import answer_wake_up, beat, estimating, still_at_work, wake
from destinations.services.forgetting import forget_event_bodies, forget_forwardings
from destinations.services.hearing import forget_bodies
from destinations.services.hearing import hear as count_what_was_heard
from destinations.services.mending import being_mended, mend_on
from destinations.services.polling import ask_all, there_is_somebody_to_ask
from destinations.services.reconciling import begin_what_is_due, go_on
from destinations.services.texts_leaving import send_due, texts_are_due
from destinations.terms import DestinationState
from preferences import clock
from preferences.models import Outbox
from preferences.services import forget_old_requests, hand_over_what_time_changed

COMPARE_SECONDS = 20.0


def propagate() -> int:
    """Tell every system what has changed, until nothing is due.

    Where runs were asked for faster than they began, one answers for all: a patient's code may wait behind.
    """
    beat("qcluster")
    if not answer_wake_up():
        return 0
    told = Drain(beat=still_at_work, makes_way=somebody_waits).run()
    if Outbox.objects.exists() or something_is_due() or leases.anybody_calls(timezone.now()):
        wake()
    return told


def sweep() -> None:
    """Once a minute: what a lost wake-up, a dead worker or a lost task left behind goes on.

    And deadlines are watched: last, so that nothing waits for a mail server.
    """
    beat("qcluster")
    now = timezone.now()
    forget_old_requests()
    forget_bodies(now)
    forget_event_bodies(now)
    forget_forwardings(now)
    count_what_was_heard(now)
    if texts_are_due(now):
        async_task("destinations.tasks.send_texts")
    while hand_over_what_time_changed(now):
        pass
    if Outbox.objects.exists() or something_is_due():
        wake()
    if there_is_somebody_to_ask():
        async_task("destinations.tasks.ask")
    begin_what_is_due(now)
    if Reconciliation.objects.filter(finished_at=None).exists() or being_mended().exists():
        async_task("destinations.tasks.compare")
    if estimating.unfinished().exists():
        async_task("destinations.tasks.estimate")
    alarms.watch(clock.now())
    reminding.remind(now)
    for pk in publishing.due(now):  # each by itself: a server that hangs holds up nobody else
        async_task("destinations.tasks.publish", pk)


def hear() -> int:
    """Count what vendors told us."""
    return count_what_was_heard()


def send_texts() -> int:
    """Send the texts of ours that are due."""
    return send_due()


def ask() -> int:
    """Ask systems that tell nobody what has changed there."""
    return ask_all(timezone.now())


def publish(destination_id: int) -> bool:
    """Write the daily file of one system."""
    return publishing.publish(destination_id, timezone.now())


def compare() -> None:
    """Go on with comparing systems with Heed, and with mending what differs, a while at a time.

    Together they have one while, so that with one chunk or list more it ends before django-q would end it.
    """
    began = time.monotonic()
    if mend_on(COMPARE_SECONDS) or go_on(COMPARE_SECONDS - (time.monotonic() - began)):
        async_task("destinations.tasks.compare")


def estimate() -> None:
    """Go on with asking drafts of the policy what they would have done, a while at a time."""
    if estimating.go_on(COMPARE_SECONDS):
        async_task("destinations.tasks.estimate")


def somebody_waits() -> bool:
    """Does a text or a sign-in code wait? While events keep coming, a run would go on for long."""
    return texts_are_due(timezone.now()) or slots.somebody_waits()


def something_is_due() -> bool:
    """Does any system that is not paused wait for something whose time has come?

    One that answers, and that its rate limit holds no longer than a drain would wait, is waited for.
    """
    now = timezone.now()
    soon = now + timedelta(seconds=TAKE_SECONDS)
    running = Destination.objects.filter(connector__in=list(CONNECTORS)).exclude(
        state=DestinationState.PAUSED
    )
    open_lanes = running.exclude(not_before__gt=now, failures__gt=0).exclude(not_before__gt=soon)
    due = Propagation.objects.filter(destination__in=open_lanes, due_at__lte=now)
    if due.exclude(destination__facts_after__gt=soon, deadline_at__isnull=True).exists():
        return True
    free = open_lanes.exclude(facts_after__gt=soon).exclude(events_after__gt=now)
    waiting = Forwarding.objects.filter(destination__in=free, due_at__lte=now)
    return waiting.exists() or Event.objects.filter(routed=False).exists()
