"""What was recorded about a person, newest first, in words. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from config.staff.lines import Line, lines
from config.staff.story import Entered, Entries, Story
from config.staff.words import moment, short
from preferences.days import said_at
from preferences.services.voiding import VOID_NOT
from preferences.terms import Actor, SubjectKind


@dataclass(frozen=True, slots=True)
class Voided:
    """That a change was recorded in error: who said so, when and why, and on whose page it stands now."""

    by: str
    at: str
    reason: str
    moved_to: UUID | None

    @property
    def person(self) -> str:
        return short(self.moved_to) if self.moved_to else ""


@dataclass(frozen=True, slots=True)
class Event:
    """One change: what in words, who said it, where it came from, when, and what shows it.

    `stays`: why it is never voided; empty where it may be.
    """

    id: int
    lines: tuple[Line, ...]
    by: str
    source: str
    where: str
    occurred: str
    recorded: str
    notice: str
    notice_id: int | None
    evidence: tuple[tuple[str, str], ...] = field(repr=False)
    locked: bool = False
    voided: Voided | None = None
    stays: str = ""

    @property
    def may_void(self) -> bool:
        return not self.voided and not self.stays


def events(story: Story) -> tuple[Event, ...]:
    """Some changes in words."""
    return tuple(_event(each, story) for each in story.changes)


def _event(entered: Entered, story: Story) -> Event:
    change = entered.change
    on_address = change.subject_kind == SubjectKind.IDENTIFIER
    return Event(
        change.pk,
        tuple(lines(entered, story)),
        by(entered.entries),
        change.source.name,
        story.known.masked(change.subject_id) if on_address else "",
        said_at(change.occurred_at),
        moment(change.recorded_at),
        f"{change.notice.key}, revision {change.notice.number}" if change.notice else "",
        change.notice_id,
        tuple(_evidence(entered.evidence)),
        locked=entered.locked,
        voided=_voided(story.voids.get(change.pk)),
        stays=next((words for each in entered.entries if (words := VOID_NOT.get(each["do"]))), ""),
    )


def _voided(void: Entered | None) -> Voided | None:
    if void is None:
        return None
    [entry] = void.entries
    reason = void.evidence.get("reason", "") if void.evidence else ""
    moved_to = UUID(entry["to"]) if "to" in entry else None
    return Voided(by(void.entries), moment(void.change.recorded_at), reason, moved_to)


def by(entries: Entries) -> str:
    """Who said it: the person, staff, a system, and which of them."""
    for entry in entries:
        if actor := entry.get("by"):
            label = Actor(actor).label
            who = short(entry["who"]) if entry.get("who") and actor == Actor.PROXY else entry.get("who")
            return f"{label} ({who})" if who else label
    return ""


def _evidence(found: object) -> Iterator[tuple[str, str]]:
    if isinstance(found, Mapping):
        for name, value in found.items():
            if value not in ("", None):
                yield str(name).replace("_", " ").capitalize(), _value(value)


def _value(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "; ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
