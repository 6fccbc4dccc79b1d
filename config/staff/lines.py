"""Each entry of a change in staff's words. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from config.staff.selectors import Known
from config.staff.story import Entered, Story
from config.staff.words import (
    Mark,
    category_name,
    channel_name,
    day,
    denied_name,
    listed,
    said,
    short,
    why_not,
)
from preferences import unread
from preferences.catalogue import Catalogue
from preferences.clock import instant
from preferences.terms import IdentifierKind, Relation, Verified

Entry = Mapping[str, Any]
SIGNALS = {
    "gpc": "by the browser’s privacy signal (GPC)",
    "form": "by the opt-out form",
    "agent": "by an authorised agent",
}
DIED, ALIVE = Mark("Reported to have died", "bad"), Mark("Not deceased: corrected", "good")
IN_ERROR = Mark("Taken back: an entry that was recorded in error")
TIES = {
    "fold": ("A visitor’s browser turned out to be this person’s", "A second record is this person’s too"),
    "folded": (
        "This browser turned out to be a known person’s",
        "This record is another person’s too",
    ),
    "part": ("A browser is no longer this person’s", "The second record is another person’s again"),
    "parted": ("This browser stands by itself again", "This record stands by itself again"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in a change. `why_not`: it was recorded but does not count. `note` says how it came about.

    `person` is somebody else whom it names, `entry` another change.
    """

    what: Mark
    why_not: str = ""
    note: str = ""
    person: UUID | None = None
    entry: int | None = None

    @property
    def name(self) -> str:
        return short(self.person) if self.person else ""


def lines(entered: Entered, story: Story) -> Iterator[Line]:
    """What one change says; what only tells how the person was named is left out."""
    for entry in entered.entries:
        if entry["do"] != "named":
            yield _line(entry, entered, story)


def _line(entry: Entry, entered: Entered, story: Story) -> Line:
    known = story.known
    match entry["do"]:
        case "choice":
            return _choice(entry, story)
        case "restriction" | "spared":
            return Line(restriction(entry, known.catalogue))
        case "holding" | "verified":
            return Line(_holding(entry, known))
        case "attribute":
            return Line(Mark(f"{entry['name'].replace('_', ' ').capitalize()}: {entry['value']}"))
        case "void":
            to = UUID(entry["to"]) if "to" in entry else None
            return Line(IN_ERROR, person=to, entry=entry["change"])
        case "fold" | "folded" | "part" | "parted":
            return _tie(entry, entered, story)
    return _protection(entry, story)


def _protection(entry: Entry, story: Story) -> Line:
    known = story.known
    match entry["do"]:
        case "pause":
            return Line(_pause(entry, known.catalogue), note=_moved(entry))
        case "order":
            return Line(order(entry, known))
        case "deceased":
            return Line(DIED if entry["set"] else ALIVE)
        case "proxy":
            return _proxy(entry, known.catalogue)
        case "proxy_end":
            return Line(Mark("May no longer choose for them: a grant was ended"), entry=entry["grant"])
        case "links_off":
            return _links_off(entry)
    return Line(Mark(entry["do"].replace("_", " ").capitalize()))


def _choice(entry: Entry, story: Story) -> Line:
    whence = story.whence.get(entry.get("moved", 0))
    notes = [
        SIGNALS.get(entry.get("signal", ""), ""),
        "though told of the privacy signal" if entry.get("despite") else "",
        "copied when two records were parted" if "of" in entry else "",
        "under a grant" if entry.get("grant") else "",
        _moved(entry),
    ]
    note = ", ".join(filter(None, notes))
    return Line(said(entry, story.known.catalogue), why_not(entry), note, person=whence)


def _moved(entry: Entry) -> str:
    return "moved here, recorded in error on" if "moved" in entry else ""


def _pause(entry: Entry, catalogue: Catalogue) -> Mark:
    name = category_name(entry["category"], catalogue)
    if entry["until"] <= entry["from"]:
        return Mark(f"Pause ended: {name}", "good")
    return Mark(f"Paused: {name}, until {day(instant(entry['until']))}", "wait")


def order(entry: Entry, known: Known) -> Mark:
    """A confidential-communications order, with the ways it allows."""
    if not entry["set"]:
        return Mark("Confidential communications: order ended", "good")
    ways = [way(channel, pk, known) for channel, pk in entry["allowed"]]
    return Mark(f"Confidential communications: only {listed(ways)}", "bad")


def way(channel: str, address: str, known: Known) -> str:
    """A channel with its address, masked; a letter's address stands in the evidence only."""
    return f"{channel_name(channel)} {known.masked(UUID(address)) if address else ''}".strip()


def _proxy(entry: Entry, catalogue: Catalogue) -> Line:
    names = listed([category_name(each, catalogue) for each in entry["categories"]])
    relation, until = Relation(entry["relation"]).label, day(instant(entry["until"]))
    words = f"Somebody may choose for them until {until}: {names} ({relation.lower()})"
    return Line(Mark(words), person=UUID(entry["proxy"]))


def _links_off(entry: Entry) -> Line:
    words = "All links to their page were switched off"
    if "part_of" in entry:
        return Line(Mark(f"{words}, when this record was part of"), person=UUID(entry["part_of"]))
    return Line(Mark(words))


def _tie(entry: Entry, entered: Entered, story: Story) -> Line:
    other = UUID(entry["into"] if entry["do"] == "folded" else entry["from"])
    browser = {entered.change.subject_id, other} & story.browsers
    words = TIES[entry["do"]][0 if browser else 1]
    return Line(Mark(words), person=None if browser else other)


def restriction(entry: Entry, catalogue: Catalogue) -> Mark:
    """A restriction set or lifted, or what a STOP leaves out."""
    what = denied_name(entry["category"], catalogue)
    if entry["do"] == "spared":
        return Mark(f"STOP leaves out: {what}", "good")
    channel = channel_name(entry["channel"])
    where = f", {channel.lower()}" if channel else ""
    label = unread.label(entry)
    words = f"{label}: {what}{where}" if entry["set"] else f"{label} lifted: {what}{where}"
    return Mark(words, "bad" if entry["set"] else "good")


def _holding(entry: Entry, known: Known) -> Mark:
    identifier = UUID(entry["identifier"])
    kind = known.kinds.get(identifier, "")
    label = IdentifierKind(kind).label if kind else "Identifier"
    name = f"{label} {known.masked(identifier)}".strip()
    verified = entry.get("verified", "")
    how = f"verified by {Verified(verified).label}" if verified in Verified.values else ""
    if entry["do"] == "verified":
        return Mark(f"{name}: {how}")
    if not entry["held"]:
        return Mark(f"No longer theirs: {name}")
    confidential = "confidential" if entry.get("confidential") else ""
    return Mark(", ".join(filter(None, [f"Known by: {name}", how, confidential])))
