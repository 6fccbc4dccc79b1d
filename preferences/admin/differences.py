"""What a publication says, and what differs between two of them, in staff's words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from preferences import slots
from preferences.admin.base import NOBODY
from preferences.languages import IN_WORDS, language_name
from preferences.revisions import Difference, difference
from preferences.terms import CategoryKind, Channel, OptInNeeds, RevisionKind

Body = Mapping[str, Any]
Path = tuple[str, ...]

MARKS = {"required_since", "turned_on", "slug", "channel"}  # Heed's own, and what never changes
FACTS = {
    "kind": "What it is",
    "order": "Place in the list",
    "marketing": "Marketing",
    "honours_signal": "Honours the privacy signal",
    "sensitive": "Sensitive",
    "required": "Required",
    "retired": "Retired",
    "unknown_recipients": "May be sent to people we don’t know",
    "opt_in_expires_days": "A yes expires after days",
    "text": "What staff read aloud",
}
OF_OFFER = {
    "default": "in without a choice",
    "elsewhere": "in without a choice",
    "needs": "a yes counts from",
    "removed": "offered",
}
PICTURE = "A picture"
VALUES = dict([*OptInNeeds.choices, *CategoryKind.choices])


@dataclass(frozen=True, slots=True)
class Changed:
    """One line of the comparison."""

    what: str
    before: str
    after: str


def in_words(kind: str, before: Body | None, after: Body | None) -> tuple[Changed, ...]:
    """Line by line what differs, as somebody reads it who never saw a body."""
    if says := slots.words_of(RevisionKind(kind)):
        return tuple(_lines(says(before or {}), says(after or {})))
    words = WORDS.get(RevisionKind(kind), _anything)
    return tuple(changed for each in difference(before, after) for changed in words(each))


def _lines(before: Iterable[slots.Line], after: Iterable[slots.Line]) -> Iterator[Changed]:
    """In the order of the newer one, then what is gone."""
    old, new = ({each.key: each for each in lines} for lines in (before, after))
    for key in [*new, *(each for each in old if each not in new)]:
        was, becomes = old.get(key), new.get(key)
        if was == becomes:
            continue
        if was and becomes and was.says == becomes.says:
            yield Changed(f"{becomes.what}: what it is called", was.what, becomes.what)
        else:
            what = becomes or was
            yield Changed(
                what.what if what else "", was.says if was else NOBODY, becomes.says if becomes else NOBODY
            )


def _look(each: Difference) -> Iterator[Changed]:
    if each.path == ("logo", "content"):
        was, becomes = (PICTURE if value else NOBODY for value in each[1:])
        yield Changed("Logo", was, "Another picture" if was == becomes else becomes)
    elif each.path == ("texts",):
        yield Changed("Texts that were read", *(str(len(value or ())) for value in each[1:]))
    elif each.path != ("logo", "type"):
        yield from _anything(each)


def _category(each: Difference) -> Iterator[Changed]:
    if MARKS & set(each.path):
        return
    match each.path:
        case ("texts", language, name):
            what = IN_WORDS.get(name, name)
            yield _changed(each, f"{what[:1].upper()}{what[1:]}, in {language_name(language)}")
        case ("offers", channel, "removed"):
            # An offer that was not there was not offered; one that is there is, unless it was removed.
            offered = [value is False for value in (each.before, each.after)]
            yield Changed(_of_offer(channel, "removed"), *map(_value, offered))
        case ("offers", channel, "elsewhere", place):
            as_elsewhere = [value if value is not None else "As everywhere else" for value in each[1:]]
            yield Changed(f"{_of_offer(channel, 'elsewhere')}, in {place}", *map(_value, as_elsewhere))
        case ("offers", channel, name):
            yield _changed(each, _of_offer(channel, name))
        case _:
            yield from _anything(each)


def _of_offer(channel: str, name: str) -> str:
    where = Channel(channel).label if channel else "Use of data"
    return f"{where}: {OF_OFFER.get(name, name)}"


def _anything(each: Difference) -> Iterator[Changed]:
    name = FACTS.get(each.path[-1]) if len(each.path) == 1 else None
    yield _changed(each, name or ": ".join(part.replace("_", " ") for part in each.path).capitalize())


def _changed(each: Difference, what: str) -> Changed:
    return Changed(what, _value(each.before), _value(each.after))


def _value(value: Any) -> str:
    match value:
        case None | "" | [] | {}:
            return NOBODY
        case bool():
            return "Yes" if value else "No"
        case list():
            return ", ".join(map(_value, value))
    return VALUES.get(str(value), str(value))


WORDS: Mapping[RevisionKind, Callable[[Difference], Iterator[Changed]]] = {
    RevisionKind.CATEGORY: _category,
    RevisionKind.APPEARANCE: _look,
}
