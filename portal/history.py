"""The person's own history: what was recorded, newest first, in plain words. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.lines import Line, line
from portal.past import Past, entries_of
from preferences.models import Change

LATE = timedelta(hours=12)  # from being said to being written down: less is the same day


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when, what, and where it came from.

    `late`: when it was written down, where that was later. `taken_back`: when and by whom it was voided.
    """

    id: int
    code: str
    when: str
    lines: tuple[Line, ...]
    origin: str
    late: str = ""
    taken_back: str = ""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """All that the page shows. `newer` and `older` are the numbers of the pages beside it, 0 at the end."""

    events: tuple[Event, ...]
    newer: int = 0
    older: int = 0


def history_page(past: Past) -> HistoryPage:
    """One page of it."""
    paging = past.paging
    newer = paging.previous_page_number() if paging and paging.has_previous() else 0
    older = paging.next_page_number() if paging and paging.has_next() else 0
    return HistoryPage(events(past), newer, older)


def events(past: Past) -> tuple[Event, ...]:
    """Some changes in words."""
    return tuple(event(each, past) for each in past.changes)


def event(change: Change, past: Past) -> Event:
    entries = entries_of(change)
    told = [(each, line(each, past.naming, change.subject_id)) for each in entries]
    first = next((each for each, words in told if words), entries[0])
    late = change.recorded_at - change.occurred_at > LATE
    return Event(
        change.pk,
        reference(change),
        moment(change.occurred_at, past.zone),
        tuple(words for _, words in told if words),
        past.origins.of(change, first),
        late=moment(change.recorded_at, past.zone) if late else "",
        taken_back=_taken_back(past.voids.get(change.pk), past),
    )


def reference(change: Change) -> str:
    """A short name of an entry in the ledger, to give over the phone: how its hash begins."""
    digits = bytes(change.hash).hex()[:8].upper()
    return f"{digits[:4]}-{digits[4:]}"


def moment(at: datetime, zone: tzinfo) -> str:
    """A time as they read it there; the day alone where only that was told, kept as its first instant."""
    if timezone.localtime(at).time() == time.min:
        return date_format(timezone.localtime(at), "DATE_FORMAT")
    here = timezone.localtime(at, zone)
    return f"{date_format(here, 'DATETIME_FORMAT')} {here:%Z}"


def _taken_back(void: Change | None, past: Past) -> str:
    if void is None:
        return ""
    [entry, *_more] = entries_of(void)
    return _("Taken back on {date}: {who}. It does not count any more.").format(
        date=moment(void.recorded_at, past.zone), who=past.origins.of(void, entry)
    )
