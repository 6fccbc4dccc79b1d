"""Alarms about opt-outs that wait (R18): one per system and kind while it lasts, shown and mailed once.

Run by the sweep. Every step may be repeated or end half-way: the alarm stands in a row, and its mail is
claimed before it is sent, so that of two sweeps one sends it. One that could not be sent is tried again,
after longer each time, for as long as the alarm lasts; so is one of which nobody knows whether it left,
because its worker was killed: two mails are better than none.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Count, F, Min, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from destinations import backoff, clocks, trials
from destinations.models import Alarm
from destinations.terms import AlarmKind, Mail
from destinations.wording import deadline_words

ONCE = "You are told once, however long it lasts; the page says how it stands now."

BEGUN = timedelta(minutes=10)  # no mail takes that long: whoever began it is gone
logger = logging.getLogger(__name__)


class Standing(NamedTuple):
    """How many opt-outs at a system an alarm is about now, and when the first is or was due."""

    opt_outs: int
    oldest: datetime


def watch(now: datetime) -> None:
    """Stop the clocks of what was confirmed; open, count and close alarms; mail those that are new."""
    clocks.stop_met()
    standing = _standing(now)
    for (destination, kind), found in standing.items():
        Alarm.objects.update_or_create(
            destination_id=destination,
            kind=kind,
            closed_at=None,
            defaults={"count": found.opt_outs, "oldest_due_at": found.oldest},
            create_defaults={"count": found.opt_outs, "oldest_due_at": found.oldest, "opened_at": now},
        )
    for alarm in open_alarms():
        if (alarm.destination_id, alarm.kind) not in standing:
            Alarm.objects.filter(pk=alarm.pk).update(closed_at=now)
    mail(now)


def _standing(now: datetime) -> Mapping[tuple[int, str], Standing]:
    """Per system and kind: one query for all."""
    conditions = {
        AlarmKind.NEAR: clocks.near(now),
        AlarmKind.MISSED: clocks.missed(now),
        AlarmKind.SHUT: trials.shut(),
    }
    rows = clocks.open_clocks().filter(reduce(or_, conditions.values())).order_by()
    counts = {f"{kind}_count": Count("pk", filter=which) for kind, which in conditions.items()}
    firsts = {f"{kind}_first": Min("due_at", filter=which) for kind, which in conditions.items()}
    system = "propagation__destination_id"
    return {
        (row[system], kind): Standing(row[f"{kind}_count"], row[f"{kind}_first"])
        for row in rows.values(system).annotate(**counts, **firsts)
        for kind in conditions
        if row[f"{kind}_count"] and not (kind == AlarmKind.SHUT and _is_about_deadlines(row))
    }


def _is_about_deadlines(row: Mapping[str, Any]) -> bool:
    """Then that is the one alarm about this system: what waits there is said by its page."""
    return bool(row[f"{AlarmKind.NEAR}_count"] or row[f"{AlarmKind.MISSED}_count"])


def open_alarms() -> QuerySet[Alarm]:
    """What lasts: missed deadlines first, which their name in the table happens to sort so."""
    rows = Alarm.objects.filter(closed_at__isnull=True).select_related("destination")
    return rows.order_by("kind", "oldest_due_at")


def mail(now: datetime) -> None:
    """One mail about all alarms that nobody was told of yet; none where there is nobody to tell."""
    if not settings.HEED_ALARM_EMAILS:
        return
    begun_and_left = Q(mail=Mail.SENDING, mail_at__lte=now - BEGUN)
    untold = open_alarms().filter(Q(mail__in=[Mail.NONE, Mail.FAILED]) | begun_and_left)
    claimed = [alarm for alarm in untold if _next_try(alarm, now) <= now and _claim(alarm, now)]
    if not claimed:
        return
    outcome, detail = _send(claimed)
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in claimed]).update(mail=outcome, mail_detail=detail)


def _next_try(alarm: Alarm, now: datetime) -> datetime:
    if alarm.mail_at is None:
        return now
    return alarm.mail_at + timedelta(seconds=backoff.mail_delay(alarm.mail_tries))


def _claim(alarm: Alarm, now: datetime) -> bool:
    """Of two sweeps at once one mails."""
    mine = Alarm.objects.filter(pk=alarm.pk, mail=alarm.mail, mail_tries=alarm.mail_tries)
    return bool(mine.update(mail=Mail.SENDING, mail_at=now, mail_tries=F("mail_tries") + 1))


def _send(alarms: Sequence[Alarm]) -> tuple[Mail, str]:
    """Names systems and numbers, never a person. Whatever the mail server says stands with the alarm."""
    heads = [f"{alarm.destination}: {deadline_words(alarm.kind, alarm.count)}" for alarm in alarms]
    lines = [f"{head} {first_words(alarm)}" for head, alarm in zip(heads, alarms, strict=True)]
    body = "\n".join([*lines, "", f"What to do: {settings.PUBLIC_URL}/admin/deadlines/", "", ONCE])
    try:
        send_mail(f"Heed: {heads[0]}", body, None, settings.HEED_ALARM_EMAILS)
    except Exception as problem:  # a mail backend raises what it likes
        logger.error("the mail about %d alarms was not sent (%s)", len(alarms), type(problem).__name__)
        return Mail.FAILED, type(problem).__name__
    return Mail.SENT, ""


def first_words(alarm: Alarm) -> str:
    """When the nearest of them is, or was, due."""
    at = date_format(timezone.localtime(alarm.oldest_due_at), "M j, Y, g:i A")
    return f"The first {'was' if alarm.kind == AlarmKind.MISSED else 'is'} due {at}."
