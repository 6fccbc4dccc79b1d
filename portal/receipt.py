"""A receipt to keep: what was chosen, by which wording, who must know of it by when, and who does. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.safestring import SafeData

from portal.history import Event, event, moment
from portal.past import Past, entries_of
from portal.telling import Progress
from preferences.appearance import organisation
from preferences.clock import instant
from preferences.languages import ENGLISH
from preferences.models import Change, Revision
from preferences.terms import ANY

FORMAT = "heed.receipt/1"


@dataclass(frozen=True, slots=True)
class Shown:
    """The wording of one kind of message, or of one use of data, as it was on the page."""

    name: str
    description: str
    more: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Which wording was shown: its name, number and digest, and the part that these choices are about."""

    name: str
    number: int
    digest: str
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that the page shows. `by`: the day by which all must know, where a law sets one."""

    made: str
    reached_at: str
    events: tuple[Event, ...]
    notices: tuple[Notice, ...]
    by: str
    progress: Progress
    more: str


def receipt(
    past: Past, progress: Progress, *, due: datetime | None, reached_at: str, more: str, now: datetime
) -> Receipt:
    """Of these changes. `more`: how their numbers are said in the address of the same as JSON."""
    return Receipt(
        moment(now, past.zone),
        reached_at,
        tuple(event(each, past) for each in past.changes),
        tuple(_notices(past)),
        date_format(timezone.localtime(due), "DATE_FORMAT") if due else "",
        progress,
        more,
    )


def _notices(past: Past) -> Iterator[Notice]:
    about: dict[int, set[str]] = {}
    found: dict[int, Revision] = {}
    for change in past.changes:
        if change.notice:
            found[change.notice.pk] = change.notice
            about.setdefault(change.notice.pk, set()).update(_categories(change))
    for pk, notice in found.items():
        yield Notice(notice.key, notice.number, bytes(notice.digest).hex(), tuple(_shown(notice, about[pk])))


def _categories(change: Change) -> set[str]:
    return {each["category"] for each in entries_of(change) if "category" in each}


def _shown(notice: Revision, slugs: set[str]) -> Iterator[Shown]:
    for each in notice.body.get("categories", ()):
        if each["slug"] in slugs or ANY in slugs:
            more = (each.get("how_often", ""), each.get("example", ""), each.get("required_reason", ""))
            language = each.get("language") or notice.body.get("language", ENGLISH)
            yield Shown(each["name"], each.get("description", ""), tuple(filter(None, more)), language)


def as_json(past: Past, progress: Progress, *, due: datetime | None, now: datetime) -> Mapping[str, Any]:
    """The same for machines (docs/patients.md, "The receipt")."""
    return {
        "format": FORMAT,
        "organisation": organisation(),
        "made_at": now.isoformat(),
        "changes": [_change(each, past) for each in past.changes],
        "must_know_by": timezone.localtime(due).date().isoformat() if due else None,
        "systems": [{"name": each.label, "state": each.telling.value} for each in progress.systems],
    }


def _change(change: Change, past: Past) -> Mapping[str, Any]:
    told, void = event(change, past), past.voids.get(change.pk)
    return {
        "id": change.pk,
        "reference": told.code,
        "hash": bytes(change.hash).hex(),
        "occurred_at": change.occurred_at.isoformat(),
        "recorded_at": change.recorded_at.isoformat(),
        "from": _plain(told.origin),
        "choices": [_choice(each) for each in entries_of(change) if each["do"] in ("choice", "pause")],
        "in_words": [f"{_plain(each.what)}: {_plain(each.answer)}" for each in told.lines],
        "taken_back_at": void.recorded_at.isoformat() if void else None,
        "notice": _wording(change.notice) if change.notice else None,
    }


def _plain(text: str) -> str:
    """Without the marks of a page, where it has any."""
    return unescape(strip_tags(text)) if isinstance(text, SafeData) else text


def _choice(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was chosen, in the ledger's own words."""
    if entry["do"] == "pause":
        return {"category": entry["category"], "paused_until": instant(entry["until"]).isoformat()}
    counts = entry.get("counted", True)
    return {name: entry[name] for name in ("category", "channel", "state")} | {"counts": counts}


def _wording(notice: Revision) -> Mapping[str, Any]:
    return {
        "name": notice.key,
        "number": notice.number,
        "sha256": bytes(notice.digest).hex(),
        "text": notice.body,
    }
