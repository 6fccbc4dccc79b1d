"""Why something can't be chosen on the page, in words instead of a dead box. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from portal.foreign import texts_of
from portal.selectors import Seen, said_in
from portal.wording import Words, day, listed
from preferences.answers import Answer, judge, restricted
from preferences.catalogue import Category
from preferences.models import Change
from preferences.person import HeldIdentifier
from preferences.projection import SPARED, Restrictions
from preferences.terms import ANY, Reason, RestrictionKind, State
from preferences.unread import HELD_AT

ON_ADDRESS = {
    "stop_from": RestrictionKind.STOP,
    "do_not_call": RestrictionKind.DO_NOT_CALL,
    "suppressed": RestrictionKind.SUPPRESSED,
    "unread": RestrictionKind.SUPPRESSED,
}


@dataclass(frozen=True, slots=True)
class Lock:
    """What stands in place of a choice, why, and what a person can do about it."""

    short: str
    why: str
    remedy: str = ""


def lock_on(
    seen: Seen, category: Category, channel: str, answer: Answer, *, words: Words, language: str
) -> Lock | None:
    """None where the person may choose."""
    match answer.reason:
        case Reason.REQUIRED:
            return Lock(words["always"], texts_of(category, language).required_reason)
        case Reason.CHOICE if category.required:
            return Lock(words["off"], words["said_no"].format(date=day(answer.since)))
        case Reason.DECEASED | Reason.ORDER:
            return _off(words, answer.reason.value)
        case Reason.RESTRICTION if category.is_data_use:
            return _off(words, "suppressed_use")
        case Reason.RESTRICTION:
            return _restriction(seen, category, channel, words)
    return None


def still_off(seen: Seen, changes: Iterable[Change], *, words: Words, language: str) -> tuple[Lock, ...]:
    """Why a yes among these turns nothing on: a STOP that came while the page was open, for instance."""
    locks = []
    for each in said_in(changes):
        if each.get("state") != State.IN or ANY in (each["category"], each["channel"]):
            continue
        category = seen.catalogue.category(each["category"])
        answer = judge(category, each["channel"], seen.person, seen.rules)
        if not answer.allowed:
            locks.append(lock_on(seen, category, each["channel"], answer, words=words, language=language))
    return tuple(dict.fromkeys(lock for lock in locks if lock))


def _off(words: Words, name: str, address: str = "") -> Lock:
    why, remedy = (words[each].format(address=address) for each in (name, f"{name}_remedy"))
    return Lock(words["off"], why, remedy)


def _restriction(seen: Seen, category: Category, channel: str, words: Words) -> Lock:
    """The first kind of restriction that denies this alone, with the addresses that bear it."""
    for name in ON_ADDRESS:
        bearers = [each for each in _only(name, seen) if _denies(seen, category, channel, each)]
        if bearers:
            return _off(words, name, join(seen.masked.get(each.id, "") for each in bearers))
    return _off(words, "suppressed_use")


def _only(name: str, seen: Seen) -> list[HeldIdentifier]:
    current = (each for each in seen.person.held if each.current)
    return [replace(each, restrictions=_named(name, each, seen)) for each in current]


def _named(name: str, held: HeldIdentifier, seen: Seen) -> Restrictions:
    """What goes by this name on the page: a hold is kept as what somebody refused, and is nobody's word."""
    kinds = (f"{ON_ADDRESS[name]}:", f"{SPARED}:")
    found = {key: at for key, at in held.restrictions.items() if key.startswith(kinds)}
    if held.id not in seen.unread:
        return {} if name == "unread" else found
    return {key: at for key, at in found.items() if (key == HELD_AT) == (name == "unread")}


def _denies(seen: Seen, category: Category, channel: str, bearer: HeldIdentifier) -> bool:
    serves = any(each.id == bearer.id for each in seen.person.addresses(channel))
    return restricted(category, channel, [bearer] if serves else [], [bearer], seen.rules) is not None


def join(parts: Iterable[str]) -> str:
    """One, or the other, in words."""
    found = [each for each in parts if each]
    if len(found) < 2:
        return "".join(found)
    return _("{others} or {last}").format(others=listed(found[:-1]), last=found[-1])
