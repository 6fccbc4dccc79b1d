"""By when a system must know of an opt-out, in words. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timesince import timesince

from config.staff.lines import lines
from config.staff.selectors import Known
from config.staff.story import Entered, Story
from config.staff.words import Mark, moment
from destinations.models import Clock
from preferences.days import said_at
from preferences.models import Change
from preferences.terms import State

IN_TIME, LATE = "told in time", "told, late"


def due_mark(each: Clock, now: datetime) -> Mark:
    """By when, with the tone of how much time is left."""
    tone = "bad" if each.due_at < now else "wait" if each.near_at <= now else "good"
    return Mark(moment(each.due_at), "none" if each.late_from_start else tone)


def left(each: Clock, now: datetime) -> str:
    """How much time is left of one that runs, or for how long it has been over."""
    if each.late_from_start:
        return "was over before the system could be told"
    over = each.due_at < now
    words = timesince(each.due_at, now) if over else timesince(now, each.due_at)
    return f"missed by {words}" if over else f"{words} left"


@dataclass(frozen=True, slots=True)
class Promise:
    """On a person's page: one system, one opt-out, by when. `kept`: it was told in time."""

    system: str
    about: str
    what: tuple[str, ...]
    received: str
    due: Mark
    left: str
    rule: str
    source: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Promises:
    """Those that are still to be kept, or were not; and those that were, which nobody needs to look at."""

    open: tuple[Promise, ...]
    kept: tuple[Promise, ...]


def promises(clocks: Sequence[Clock], known: Known, now: datetime) -> Promises:
    """By when each system must know of each opt-out of one person, or that it does."""
    found = [_promise(each, known, now) for each in clocks]
    return Promises(
        tuple(each for each in found if not each.kept), tuple(each for each in found if each.kept)
    )


def _promise(each: Clock, known: Known, now: datetime) -> Promise:
    told = each.propagation.acknowledged >= each.wanted
    words = _told(each) if told else left(each, now)
    return Promise(
        each.propagation.destination.name,
        known.masked(each.propagation.identifier_id),
        _what(each.change, known),
        said_at(each.received_at),
        Mark(moment(each.due_at), "bad" if words == LATE else "good") if told else due_mark(each, now),
        words,
        each.rule.name,
        each.rule.source,
        kept=words == IN_TIME,
    )


def _what(change: Change, known: Known) -> tuple[str, ...]:
    """What was refused, without what was allowed beside it or what later entries say of it."""
    entries = json.loads(change.entries)
    entered = Entered(change, [each for each in entries if _refuses(each)] or entries, evidence=None)
    alone = Story(known, (entered,), voids={}, whence={}, browsers=frozenset())
    return tuple(line.what.words for line in lines(entered, alone))


def _refuses(entry: Mapping[str, Any]) -> bool:
    match entry["do"]:
        case "choice":
            return bool(entry["state"] == State.OUT)
        case "pause":
            return bool(entry["from"] < entry["until"])
    return bool(entry.get("set"))


def _told(each: Clock) -> str:
    """How it went; the sweep writes the moment within a minute."""
    if each.late_from_start:
        return "told; the time was over before"
    at = each.met_at or each.propagation.acknowledged_at
    return LATE if at and at > each.due_at else IN_TIME
