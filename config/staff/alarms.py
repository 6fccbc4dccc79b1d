"""Alarms about deadlines, in words that lead to the rows behind them."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings

from destinations.alarms import first_words, open_alarms
from destinations.models import Alarm
from destinations.terms import AlarmKind, Mail
from destinations.wording import deadline_words

MAILED = {
    Mail.NONE: "Nobody was mailed yet.",
    Mail.SENDING: "A mail was begun; should it not be known soon that it left, another follows.",
    Mail.SENT: "",
    Mail.FAILED: "The mail about it could not be sent",
}


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """One alarm that lasts."""

    system: str
    words: str
    first: str
    tone: str
    query: str
    mail: str


def lines() -> tuple[AlarmLine, ...]:
    """Those that last, missed deadlines first: one query."""
    return tuple(_line(alarm) for alarm in open_alarms())


def _line(alarm: Alarm) -> AlarmLine:
    return AlarmLine(
        str(alarm.destination),
        deadline_words(alarm.kind, alarm.count),
        first_words(alarm),
        "wait" if alarm.kind == AlarmKind.NEAR else "bad",
        urlencode({"list": alarm.kind, "system": alarm.destination.slug}),
        _mail(alarm),
    )


def _mail(alarm: Alarm) -> str:
    if alarm.mail == Mail.NONE and not settings.HEED_ALARM_EMAILS:
        return ""  # the page Deadlines says so once, for all of them
    words = MAILED[Mail(alarm.mail)]
    if alarm.mail == Mail.FAILED:
        return f"{words} ({alarm.mail_detail}). It is tried again: see the runbook."
    return words


def nobody_is_mailed() -> bool:
    """Has nobody said whom to mail?"""
    return not settings.HEED_ALARM_EMAILS
