"""Asking for a run of the engine, and showing that the background work lives."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django_q.tasks import async_task

from destinations.models import Heartbeat, WakeUp
from preferences.sql import time_in

PROPAGATE = "propagate"
ASK_AGAIN = timedelta(seconds=5)  # longer than between two beats of a run


def wake() -> None:
    """Ask for one run of `propagate`, if nobody has lately: a hint only, truth is in the rows.

    Who was asked may have been killed with the task in hand, and django-q gives it to nobody else for two
    minutes.
    """
    now = timezone.now()
    with connection.cursor() as cursor:  # after every commit: the one query that is nearly always enough
        cursor.execute(
            "SELECT 1 FROM destinations_wakeup WHERE name = %s AND pending AND at > %s",
            [PROPAGATE, time_in(now - ASK_AGAIN)],
        )
        if cursor.fetchone():
            return
    WakeUp.objects.get_or_create(name=PROPAGATE)
    unanswered = Q(pending=False) | Q(at__lte=now - ASK_AGAIN)
    if WakeUp.objects.filter(unanswered, name=PROPAGATE).update(pending=True, at=now):
        try:
            async_task("destinations.tasks.propagate")
        except Exception:
            answer_wake_up()  # nobody was asked: whoever comes next asks again
            raise


def answer_wake_up() -> bool:
    """First thing in a run: whoever commits after this asks again. False: another run answered, leave."""
    return bool(WakeUp.objects.filter(name=PROPAGATE, pending=True).update(pending=False))


def still_at_work() -> None:
    """A run shows that it lives, and that whoever has asked meanwhile was heard.

    Where all workers are busy, a second task would stand in line behind the first, and all else behind both.
    """
    beat("qcluster")
    WakeUp.objects.filter(name=PROPAGATE, pending=True).update(at=timezone.now())


def ask_anew(**spawned: Any) -> None:
    """A worker that starts may stand in for one that was killed with the task in hand: nobody else has it."""
    answer_wake_up()
    wake()


def beat(name: str) -> None:
    """Show that a kind of background work runs."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})
