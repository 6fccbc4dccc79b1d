"""What the ledger, the categories and the matters say, in staff's words. Pure; no identifier in any of it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from preferences import unread
from preferences.catalogue import Catalogue, Category
from preferences.models import Review
from preferences.terms import ANY, DATA_USE, NO_CHANNEL, Channel, State

WHY_NOT = {
    "no_date": "nobody knows when it was said",
    "not_offered": "the category is not sent on this channel",
    "not_the_person": "it was not the person's own word",
    "no_notice": "the wording the person was shown is missing",
    "no_second_step": "the person's second confirmation is missing",
    "no_grant": "whoever said it had no grant to choose for the person",
}
WHAT_TO_DO = {
    Review.Kind.POSSIBLE_DUPLICATE: (
        "A message named one person by an external id and another by a record number. "
        "Its opt-out counts for both, its opt-in for neither. Check whether they are one."
    ),
    Review.Kind.CONFLICTING_REPEAT: (
        "A message that had been counted came again with other content, and it holds an opt-out. "
        "The first one stands. Ask the sender what was meant, and record it."
    ),
    Review.Kind.OPT_IN_NOT_COUNTED: "An opt-in arrived that does not count. Ask the person.",
    Review.Kind.OPT_OUT_UNPLACED: "An opt-out arrived that belongs to nobody known. Find out whose it is.",
    Review.Kind.TWO_ORDERS: (
        "Two people who had a confidential-communications order each were merged. Until you confirm which "
        "one stands, only what both allow is allowed. Ask the person."
    ),
}
AFTER_A_PART = (
    "Two people who had been taken for one were parted. A confidential-communications order that was "
    "recorded meanwhile holds for both since. Find out whose it is, and end it for the other at that "
    "person's word."
)
# What an entry does, and whether it sets something, in words that name nobody.
PLAINLY = {
    ("void", None): "An entry that was recorded in error was taken back",
    ("verified", None): "The person was verified at an address",
    ("fold", None): "Another record turned out to be this person's",
    ("folded", None): "This record turned out to be another person's",
    ("part", None): "A record is no longer this person's",
    ("parted", None): "This record stands by itself again",
    ("order", True): "Confidential communications: only what the order lists is allowed",
    ("order", False): "Confidential communications: the order ended",
    ("deceased", True): "The person was reported to have died",
    ("deceased", False): "The person lives: the report was corrected",
    ("proxy", None): "Somebody may choose for the person",
    ("proxy_end", None): "Somebody may no longer choose for the person",
    ("links_off", None): "All links to the person's page were switched off",
}


def listed(words: Sequence[str]) -> str:
    """One, two and three."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def channel_words(channel: str) -> str:
    """`by email`; nothing for a use of data."""
    if channel in (NO_CHANNEL, DATA_USE):
        return ""
    return "on every channel" if channel == ANY else f"by {Channel(channel).label.lower()}"


def cell_words(category: str, channel: str, catalogue: Catalogue) -> str:
    """`Marketing emails by email`."""
    known = catalogue.by_slug.get(category)
    name = "everything" if category == ANY else known.in_("en").name if known else category
    return f"{name} {channel_words(channel)}".strip()


def defaults_words(category: Category) -> str:
    """Every channel on offer with what holds when nobody was asked."""
    words = []
    for channel in category.channels:
        offer = category.offers[channel]
        others = sorted(code for code, yes in offer.elsewhere.items() if yes != offer.default)
        instead = f" ({'no' if offer.default else 'yes'} in {', '.join(others)})" if others else ""
        name = f"{Channel(channel).label}: " if channel else ""
        words.append(f"{name}{'yes' if offer.default else 'no'}{instead}")
    return "; ".join(words) or "on no channel"


def entries_words(entries: str, catalogue: Catalogue) -> list[str]:
    """A change, one sentence an entry; what is said of several identifiers is said once."""
    said = Counter(_entry(entry, catalogue) for entry in json.loads(entries))
    return [f"{words} ({count} times)" if count > 1 else words for words, count in said.items()]


def _entry(entry: Mapping[str, Any], catalogue: Catalogue) -> str:
    match entry["do"]:
        case "choice":
            said = "Yes" if entry["state"] == State.IN else "No"
            uncounted = "" if entry.get("counted", True) else f" (not counted: {why_not(entry)})"
            return f"{said} to {cell_words(entry['category'], entry['channel'], catalogue)}{uncounted}"
        case "restriction" | "spared":
            return _about_address(entry, catalogue)
        case "attribute":
            return f"{str(entry['name']).replace('_', ' ').capitalize()} is {entry['value'] or 'not known'}"
        case "holding":
            return "An identifier was taken up" if entry["held"] else "An identifier was given up"
        case "named":
            return "How the person was named"
        case "pause":
            ended = entry["until"] <= entry["from"]
            return f"Pause {'ended' if ended else 'set'}: {cell_words(entry['category'], '', catalogue)}"
    return PLAINLY.get((entry["do"], entry.get("set")), json.dumps(dict(entry), indent=2, ensure_ascii=False))


def _about_address(entry: Mapping[str, Any], catalogue: Catalogue) -> str:
    what = cell_words(entry["category"], entry["channel"] or ANY, catalogue)
    if entry["do"] == "spared":
        return f"STOP leaves out: {what}"
    return f"{unread.label(entry)} {'set' if entry['set'] else 'lifted'}: {what}"


def why_not(entry: Mapping[str, Any]) -> str:
    """Why a yes does not count."""
    why = str(entry.get("why", ""))
    return WHY_NOT.get(why, why.replace("_", " "))


def matter_words(review: Review, catalogue: Catalogue) -> Iterator[str]:
    """What a matter is about, and what to do."""
    kind = Review.Kind(review.kind)
    yield AFTER_A_PART if kind == Review.Kind.TWO_ORDERS and review.other_id else WHAT_TO_DO[kind]
    for category, channel, why in review.details.get("choices", ()):
        yield f"{cell_words(category, channel, catalogue)}: {WHY_NOT.get(why, why)}."
