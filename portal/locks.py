"""Why something can't be chosen on the page, in words instead of a dead box. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from portal.selectors import Seen
from portal.wording import Words
from preferences.answers import Answer, HeldIdentifier, restricted
from preferences.catalogue import Category
from preferences.terms import Reason, RestrictionKind

ON_ADDRESS = {
    RestrictionKind.STOP: "stop_from",
    RestrictionKind.DO_NOT_CALL: "do_not_call",
    RestrictionKind.SUPPRESSED: "suppressed",
}


def lock_words(seen: Seen, category: Category, channel: str, answer: Answer, words: Words) -> str:
    """Empty where the person may choose."""
    match answer.reason:
        case Reason.REQUIRED:
            return words["always"]
        case Reason.DECEASED:
            return words["deceased"]
        case Reason.ORDER:
            return words["order"]
        case Reason.RESTRICTION if category.is_data_use:
            return words["suppressed_use"]
        case Reason.RESTRICTION:
            return _restriction_words(seen, category, channel, words)
    return ""


def _restriction_words(seen: Seen, category: Category, channel: str, words: Words) -> str:
    """The first kind of restriction that denies this alone, with the addresses that bear it."""
    for kind, name in ON_ADDRESS.items():
        bearers = [each for each in _only(kind, seen.person.held) if _denies(seen, category, channel, each)]
        if bearers:
            return words[name].format(address=join(seen.masked[each.id] for each in bearers if each.id in seen.masked))
    return words["suppressed_use"]


def _only(kind: RestrictionKind, held: Iterable[HeldIdentifier]) -> list[HeldIdentifier]:
    return [
        replace(each, restrictions={key: at for key, at in each.restrictions.items() if key.startswith(f"{kind}:")})
        for each in held
        if each.current
    ]


def _denies(seen: Seen, category: Category, channel: str, bearer: HeldIdentifier) -> bool:
    judged = [each for each in seen.person.addresses(channel) if each.id == bearer.id]
    judged = [bearer] if judged else []
    return restricted(category, channel, judged, [bearer], seen.rules) is not None


def join(parts: Iterable[str]) -> str:
    """One, or the other, in words."""
    found = list(parts)
    if len(found) < 2:
        return "".join(found)
    return _("{others} or {last}").format(others=", ".join(found[:-1]), last=found[-1])
