"""What the ledger and the systems say, in staff's words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format

from destinations.terms import REASONS, TOLD, PropagationState
from preferences.catalogue import Catalogue
from preferences.errors import Refused
from preferences.languages import language_name
from preferences.terms import ANY, DATA_USE, NO_CHANNEL, Channel, State

WHY_NOT = {
    "no_date": "nobody knows when the person said it",
    "not_offered": "the category is not sent on this channel",
    "not_the_person": "it was not the person's own word",
    "no_notice": "it needs the wording that the person was read or shown",
    "no_second_step": "it needs the person's second confirmation",
    "no_grant": "whoever said it had no grant to choose for the person",
}
CHANNELS: dict[str, str] = {
    **{str(each.value): str(each.label) for each in Channel},
    ANY: "",
    NO_CHANNEL: "",
    DATA_USE: "",
}
HOW = {
    "in_person": "In person",
    "call": "On a call",
    "voicemail": "By voicemail",
    "letter": "By letter",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A state in words, with the tone of its dot: good, bad, wait or none."""

    words: str
    tone: str = "none"


def moment(at: datetime | None) -> str:
    """A time as staff read it, in the organisation's time zone."""
    return date_format(timezone.localtime(at), "M j, Y, g:i a") if at else ""


def day(at: datetime | None) -> str:
    """The day of it."""
    return date_format(timezone.localtime(at), "M j, Y") if at else ""


def language(code: str) -> str:
    """A language's name; one that has none here keeps its code."""
    try:
        return language_name(code)
    except KeyError:
        return code


def category_name(slug: str, catalogue: Catalogue) -> str:
    """What a category is called; one that is no longer published keeps its slug."""
    if slug == ANY:
        return "everything we don’t have to send"
    known = catalogue.by_slug.get(slug)
    return known.in_("en").name if known else slug


def denied_name(slug: str, catalogue: Catalogue) -> str:
    """What a restriction denies: every message there, those that must be sent too, or one category."""
    return "every message" if slug == ANY else category_name(slug, catalogue)


def channel_name(channel: str) -> str:
    """What a channel is called; empty where none is meant in particular."""
    return CHANNELS.get(channel, channel)


def cell_words(entry: Mapping[str, Any], catalogue: Catalogue) -> str:
    """A category with its channel."""
    name, channel = category_name(entry["category"], catalogue), channel_name(entry["channel"])
    if channel:
        return f"{name}: {channel.lower()}"
    return f"{name}, on every channel" if entry["channel"] == ANY else name


def said(entry: Mapping[str, Any], catalogue: Catalogue) -> Mark:
    """What was chosen."""
    yes = entry["state"] == State.IN
    tone = "none" if not entry.get("counted", True) else "good" if yes else "bad"
    return Mark(f"{'Yes' if yes else 'No'} to {cell_words(entry, catalogue)}", tone)


def why_not(entry: Mapping[str, Any]) -> str:
    """Why a yes does not count; empty where it does."""
    why = str(entry.get("why", ""))
    return WHY_NOT.get(why, why.replace("_", " "))


def propagation_mark(state: str, *, failing: bool = False) -> Mark:
    """Where the telling of a system stands."""
    tone = "wait"
    if state in TOLD:
        tone = "good"
    elif state == PropagationState.STUCK:
        tone = "bad"
    elif state in (PropagationState.SHADOW, PropagationState.PAUSED):
        tone = "none"
    return Mark(PropagationState(state).label, "bad" if failing else tone)


def reason_words(reason: str) -> str:
    """Why a system was not told, as staff read it."""
    return REASONS.get(reason, reason.replace("_", " "))


def refusal(refused: Refused) -> str:
    """What Heed would not do, as a sentence."""
    return sentence(refused.message)


def sentence(words: str) -> str:
    """With a capital and a full stop."""
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith(('.', '?')) else '.'}"


def short(profile_id: UUID | str) -> str:
    """A person without their name: the first eight digits of their key."""
    return f"Person {str(profile_id)[:8]}"


def listed(words: Sequence[str]) -> str:
    """One, two and three."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""
