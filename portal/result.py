"""What came of a save, in words: what was changed, and what still comes. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal import pausing
from portal.foreign import texts_of
from portal.history import reference
from portal.lines import Entry, Naming, line, what
from portal.locks import Lock
from portal.past import entries_of
from portal.selectors import Seen, said_in
from portal.standing import standing
from portal.telling import Progress
from portal.wording import channel_name, day, listed
from preferences.answers import judge
from preferences.models import Change
from preferences.terms import ANY, State

SAID = frozenset({"choice", "pause", "order", "holding"})


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that was changed, and to what; `counts` is false for a yes that staff must look at first.

    `since`: a save was taken back, and this was said after it.
    """

    what: str
    answer: str
    counts: bool
    since: bool = False


@dataclass(frozen=True, slots=True)
class StillSent:
    """Messages that come whatever is chosen, on which channels, and why."""

    name: str
    channels: str
    reason: str


@dataclass(frozen=True, slots=True)
class ResultPage:
    """All that the page after saving shows. `at` and `receipt` are empty where nothing was changed.

    `by`: the day by which the law wants every system to know; empty where no law sets one. `undone`: a save
    was taken back, and what was changed says what stands now. `reach`: it is how the person is reached.
    `of`: which save it is; `newer`: an earlier one was to be undone, on a page of another tab.
    `off`: why a yes turns nothing on.
    """

    changed: tuple[Changed, ...]
    stopped: bool
    still: tuple[StillSent, ...]
    at: str
    receipt: str
    progress: Progress
    by: str = ""
    can_undo: bool = False
    undone: bool = False
    reach: bool = False
    of: str = ""
    newer: bool = False
    off: tuple[Lock, ...] = ()

    @property
    def newer_stands(self) -> bool:
        """Was something else said after what was taken back?"""
        return any(each.since for each in self.changed)


def result_page(
    changes: Sequence[Change],
    seen: Seen,
    progress: Progress,
    *,
    stopped: bool,
    still: Iterable[StillSent],
    language: str,
    due: datetime | None = None,
    can_undo: bool = False,
    undone: Sequence[Change] = (),
    reach: bool = False,
    of: str = "",
    newer: bool = False,
    off: tuple[Lock, ...] = (),
) -> ResultPage:
    """What the last save came to; `undone` are the changes that it took back."""
    last = changes[-1] if changes else None
    naming = Naming(seen.catalogue, language, seen.masked)
    if undone:
        found = tuple(_back(each, naming, seen, undone[-1].pk) for each in said_in(undone))
    else:
        found = tuple(changed for each in changes for changed in _changed(each, naming))
    return ResultPage(
        found,
        stopped and bool(changes),
        tuple(still),
        date_format(timezone.localtime(last.recorded_at), "DATETIME_FORMAT") if last else "",
        reference(last) if last else "",
        progress,
        by=date_format(timezone.localtime(due), "DATE_FORMAT") if due else "",
        can_undo=can_undo,
        undone=bool(undone),
        reach=reach,
        of=of,
        newer=newer,
        off=off,
    )


def _changed(change: Change, naming: Naming) -> Iterator[Changed]:
    for entry in entries_of(change):
        said = line(entry, naming, change.subject_id) if entry["do"] in SAID else None
        if said:
            yield Changed(said.what, said.answer, entry.get("counted", True))


def _back(entry: Entry, naming: Naming, seen: Seen, last: int) -> Changed:
    """Of something that was taken back: where it stands now."""
    if entry["do"] == "pause":
        end = pausing.standing(seen, entry["category"])
        words = _("Paused until {date}").format(date=day(end)) if end else _("Not paused")
        return Changed(naming.category(entry["category"]), words, counts=True)
    about = what(entry, naming)
    if ANY in (entry["category"], entry["channel"]):
        return Changed(about, _("As before"), counts=True)
    now = standing(seen, seen.catalogue.category(entry["category"]), entry["channel"])
    answers = {State.IN: _("Yes"), State.OUT: _("No"), State.NEVER_ASKED: _("Not asked yet")}
    return Changed(about, answers[now.state], counts=True, since=now.change > last)


def still_sent(seen: Seen, language: str) -> Iterator[StillSent]:
    """What goes on, though the person stopped everything that they may."""
    for category in seen.catalogue:
        if category.is_data_use or category.retired:
            continue
        ways = [each for each in category.channels if judge(category, each, seen.person, seen.rules).allowed]
        if ways:
            texts = texts_of(category, language)
            yield StillSent(texts.name, listed(map(channel_name, ways)), texts.required_reason)
