"""What deadlines say, in staff's words. Pure."""

from collections.abc import Sequence

from django.utils.formats import date_format

from destinations.models import DeadlineRule
from destinations.terms import AlarmKind, CameIn
from preferences.catalogue import Catalogue
from preferences.terms import CategoryKind, Channel, RestrictionKind

DAY = "M j, Y"


def deadline_words(kind: str, count: int) -> str:
    """What an alarm says: `3 opt-outs missed their deadline.`"""
    what = f"{count:,} opt-out{'s'[: count != 1]}"
    if kind == AlarmKind.MISSED:
        return f"{what} missed {'its' if count == 1 else 'their'} deadline."
    if kind == AlarmKind.SHUT:
        return f"{what} can't be told: the system refuses our sign-in or settings."
    return f"{what} will miss {'its' if count == 1 else 'their'} deadline soon."


def dated_words(rule: DeadlineRule, catalogue: Catalogue) -> str:
    """What a deadline rule dates: `Marketing by email, in US-CA`."""
    names = [_name(slug, catalogue) for slug in rule.categories]
    kind = CategoryKind(rule.kind).label if rule.kind else "Everything"
    what = {True: "Marketing", False: "What is not marketing", None: kind}[rule.marketing]
    parts = [
        " and ".join(names) or what,
        _or("by", [Channel(each).label.lower() for each in rule.channels]),
        _or("asked for as", [RestrictionKind(each).label for each in rule.restrictions]),
        _or("through the", [CameIn(each).label.lower() for each in rule.came_in]),
    ]
    words = " ".join(filter(None, parts))
    where = _or("in", rule.jurisdictions)
    rest = "where no other rule applies" if rule.fallback else ""
    return ", ".join(filter(None, [words, where, rest]))


def _name(slug: str, catalogue: Catalogue) -> str:
    known = catalogue.by_slug.get(slug)
    return known.in_("en").name if known else f"{slug} (no such category)"


def _or(before: str, words: Sequence[str]) -> str:
    return f"{before} {' or '.join(words)}" if words else ""


def force_words(rule: DeadlineRule) -> str:
    """`since Apr 11, 2025`, `Aug 25, 2003 until Apr 11, 2025`; the last day is the one before."""
    begun = date_format(rule.starts, DAY)
    return f"{begun} until {date_format(rule.ends, DAY)}" if rule.ends else f"since {begun}"
