"""Whether a condition about a person holds: yes, no, or not known. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from governance.facts import NOT_KNOWN, Facts
from governance.rules import AboutPerson, Consent, Jurisdiction, Restriction
from governance.terms import ANY, EVERY, OWN, Is, Truth

YES, NO, UNKNOWN, GONE = Truth.YES, Truth.NO, Truth.UNKNOWN, Truth.GONE


def any_of(truths: Iterable[Truth]) -> Truth:
    """Holds if one does (Kleene's strong logic)."""
    found = set(truths)
    return YES if YES in found else UNKNOWN if UNKNOWN in found else NO


def all_of(truths: Iterable[Truth]) -> Truth:
    """Holds if all do, and there is one."""
    found = set(truths)
    return NO if NO in found or not found else UNKNOWN if UNKNOWN in found else YES


def truth(condition: AboutPerson, facts: Facts, own: Sequence[str], *, explicit: bool = False) -> Truth:
    """Of a condition about a person, for an event of the categories `own`.

    `explicit`: only what the person said themselves is an opt-in, as it always is for a use of data.
    """
    match condition:
        case Jurisdiction():
            return _lives_in(facts.jurisdictions, condition.places)
        case Restriction():
            return any_of(_bears(kind, facts.restrictions) for kind in condition.kinds)
        case Consent(category=category) if category == OWN:
            each = [_consent(condition, facts.consents.get(slug, {}), explicit) for slug in own]
            known = [UNKNOWN if truth == GONE else truth for truth in each]
            return all_of(known) if condition.said == Is.OPTED_IN else any_of(known)
        case _:
            return _consent(condition, facts.consents.get(condition.category, {}), explicit)


def _lives_in(where: Sequence[str], places: frozenset[str]) -> Truth:
    """Not known where they are said to live, or where two records differ in what matters here."""
    if not all(where):
        return UNKNOWN
    inside = sum(each in places for each in where)
    return YES if inside == len(where) > 0 else UNKNOWN if inside or not where else NO


def _bears(kind: str, restrictions: frozenset[str]) -> Truth:
    return YES if kind in restrictions else UNKNOWN if f"{kind}{NOT_KNOWN}" in restrictions else NO


def _consent(condition: Consent, said: Mapping[str, str], explicit: bool) -> Truth:
    """Gone: the category is retired, or is not sent on that channel any more."""
    together = COMBINED.get(condition.on)
    words = said.values() if together else [said[condition.on]] if condition.on in said else ()
    if not words:
        return GONE
    table = SAYS[condition.said, explicit or "" in said]
    return (together or all_of)(table[word] for word in words)


COMBINED: Mapping[str, Callable[[Iterable[Truth]], Truth]] = {ANY: any_of, EVERY: all_of}


def _says(word: str, said: Is, explicit: bool) -> Truth:
    """Of one answer; see `Facts` for its two letters."""
    allowed, chose = word[0], word[1]
    if said == Is.NEVER_ASKED:
        return _letter(chose, "n")
    if said == Is.OPTED_OUT:
        return _letter(allowed, "-")
    return all_of([_letter(allowed, "+"), _letter(chose, "i")] if explicit else [_letter(allowed, "+")])


def _letter(letter: str, wanted: str) -> Truth:
    return UNKNOWN if letter == NOT_KNOWN else YES if letter == wanted else NO


SAYS: Mapping[tuple[Is, bool], Mapping[str, Truth]] = {
    (said, explicit): {
        allowed + chose: _says(allowed + chose, said, explicit) for allowed in "+-?" for chose in "ion?"
    }
    for said in Is
    for explicit in (False, True)
}
