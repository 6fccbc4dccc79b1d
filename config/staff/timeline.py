"""What was recorded about a person, newest first, in words. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from config.staff.selectors import Known
from config.staff.words import Mark, channel_name, denied_name, moment, said, why_not
from preferences import keys, ledger
from preferences.catalogue import Catalogue
from preferences.models import Change
from preferences.terms import Actor, RestrictionKind, SubjectKind, Verified

OTHERS = {
    "fold": "A visitor’s browser turned out to be this person’s",
    "folded": "This browser turned out to be a known person’s",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in a change; `why_not`: it was recorded but does not count."""

    what: Mark
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One change: what in words, who said it, where it came from, when, and what shows it."""

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


def events(
    changes: Sequence[Change], known: Known, wrapped: Mapping[UUID, keys.Wrapped]
) -> tuple[Event, ...]:
    """A page of changes."""
    return tuple(_event(each, known, wrapped.get(each.subject_id)) for each in changes)


def _event(change: Change, known: Known, wrapped: keys.Wrapped | None) -> Event:
    entries = json.loads(change.entries)
    sealed = None if change.evidence is None else bytes(change.evidence)
    found = ledger.read_evidence(sealed, change.subject_id, wrapped)
    on_address = change.subject_kind == SubjectKind.IDENTIFIER
    return Event(
        tuple(lines(entries, known)),
        by(entries),
        change.source.name,
        known.masked(change.subject_id) if on_address else "",
        moment(change.occurred_at),
        moment(change.recorded_at),
        f"{change.notice.key}, revision {change.notice.number}" if change.notice else "",
        change.notice_id,
        tuple(_evidence(found)),
        locked=sealed is not None and found is None,
    )


def by(entries: Sequence[Mapping[str, Any]]) -> str:
    """Who said it: the person, staff, a system, and which of them."""
    for entry in entries:
        if actor := entry.get("by"):
            label = Actor(actor).label
            return f"{label} ({entry['who']})" if entry.get("who") else label
    return ""


def lines(entries: Sequence[Mapping[str, Any]], known: Known) -> Iterator[Line]:
    """Each entry of a change in words; what only says how the person was named is left out."""
    for entry in entries:
        if entry["do"] != "named":
            yield _line(entry, known)


def _line(entry: Mapping[str, Any], known: Known) -> Line:
    match entry["do"]:
        case "choice":
            return Line(said(entry, known.catalogue), why_not(entry))
        case "restriction":
            return Line(restriction(entry, known.catalogue))
        case "holding":
            return Line(_holding(entry, known))
        case "attribute":
            return Line(Mark(f"{entry['name'].replace('_', ' ').capitalize()}: {entry['value']}"))
    return Line(Mark(OTHERS.get(entry["do"], entry["do"].replace("_", " ").capitalize())))


def restriction(entry: Mapping[str, Any], catalogue: Catalogue) -> Mark:
    """A restriction set or lifted."""
    what = denied_name(entry["category"], catalogue)
    channel = channel_name(entry["channel"])
    where = f", {channel.lower()}" if channel else ""
    label = RestrictionKind(entry["kind"]).label
    words = f"{label}: {what}{where}" if entry["set"] else f"{label} lifted: {what}{where}"
    return Mark(words, "bad" if entry["set"] else "good")


def _holding(entry: Mapping[str, Any], known: Known) -> Mark:
    identifier = UUID(entry["identifier"])
    kind = next(
        (each.identifier.get_kind_display() for each in known.holdings if each.identifier_id == identifier),
        "Identifier",
    )
    name = f"{kind} {known.masked(identifier)}".strip()
    if not entry["held"]:
        return Mark(f"No longer theirs: {name}")
    verified = entry.get("verified", "")
    how = f", verified by {Verified(verified).label}" if verified in Verified.values else ""
    return Mark(f"Known by: {name}{how}")


def _evidence(found: object) -> Iterator[tuple[str, str]]:
    if isinstance(found, Mapping):
        for name, value in found.items():
            if value not in ("", None):
                yield str(name).replace("_", " ").capitalize(), _value(value)


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
