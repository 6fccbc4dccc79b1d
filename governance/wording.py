"""A policy as sentences that a privacy officer reads, and what differs between two of them. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from governance.parsing import Unreadable, rule_from
from governance.rules import (
    Carries,
    Condition,
    Consent,
    Jurisdiction,
    Named,
    Property,
    Redaction,
    Restriction,
    Rule,
)
from governance.terms import ANY, EVERY, EVERYWHERE, OWN, Is, Op, PropertyClass, Stance
from preferences.terms import Channel, RestrictionKind

Body = Mapping[str, Any]
WAYS = {ANY: " on any channel", EVERY: " on every channel", "": ""}
CARRIED = {
    PropertyClass.PLAIN: "something plain",
    PropertyClass.IDENTIFIER: "an identifier",
    PropertyClass.HEALTH: "health information",
}


@dataclass(frozen=True, slots=True)
class Names:
    """What categories, purposes and systems are called, by their slugs."""

    categories: Mapping[str, str]
    purposes: Mapping[str, str]
    systems: Mapping[str, str]

    def category(self, slug: str) -> str:
        """`“Marketing emails”`; a slug that nobody knows as it is."""
        return "the event’s own category" if slug == OWN else f"“{self.categories.get(slug, slug)}”"


class Sentence(NamedTuple):
    """`When {when}, {effect} {what} for {reach}.`; `when` is empty for a rule without conditions."""

    when: str
    effect: str
    what: str
    reach: str

    @property
    def plain(self) -> str:
        """The whole of it."""
        begins = f"When {self.when}, " if self.when else "Always "
        return f"{begins}{self.effect}{f' ({self.what})' if self.what else ''} for {self.reach}."


def sentence(rule: Rule, names: Names) -> Sentence:
    """What a rule says."""
    return Sentence(
        ", and ".join(condition_words(each, names) for each in rule.when),
        rule.effect.value,
        "; ".join(redaction_words(each) for each in rule.redactions),
        _reach(rule, names),
    )


def condition_words(condition: Condition, names: Names) -> str:
    """`“Marketing emails” is opted out on any channel`."""
    match condition:
        case Consent():
            return _consent(condition, names)
        case Jurisdiction(places=places):
            return f"the person lives in {either(sorted(places))}"
        case Restriction(kinds=kinds):
            known = dict(RestrictionKind.choices)
            return f"there is a restriction ({either(str(known.get(each, each)) for each in sorted(kinds))})"
        case Named(names=events):
            return f"the event is {either(sorted(events))}"
        case Property():
            return _property(condition)
        case Carries(kind=kind):
            return f"the event carries {CARRIED[kind]}"


def _consent(consent: Consent, names: Names) -> str:
    by = Channel(consent.on).label.lower() if consent.on in Channel.values else ""
    on = f" by {by}" if by else WAYS.get(consent.on, f" on {consent.on}")
    what = names.category(consent.category)
    if consent.said == Is.NEVER_ASKED:
        return f"nobody has asked about {what}{on}"
    return f"{what} is {consent.said.label}{on}"


def _property(asked: Property) -> str:
    if asked.op == Op.PRESENT:
        return f"{asked.path} is present"
    return f"{asked.path} is {either(f'“{value}”' for value in asked.values)}"


def redaction_words(redaction: Redaction) -> str:
    """`clinic: only the first characters (3)`."""
    what = redaction.path or (f"everything {redaction.kind.label.lower()}" if redaction.kind else "")
    kept = f" ({redaction.keep})" if redaction.keep else ""
    return f"{what}: {redaction.how.label[:1].lower()}{redaction.how.label[1:]}{kept}"


def _reach(rule: Rule, names: Names) -> str:
    if EVERYWHERE in rule.purposes:
        return "every system"
    purposes = [names.purposes.get(each, each) for each in names.purposes if each in rule.purposes]
    purposes += sorted(rule.purposes - set(names.purposes))
    by_name = sorted(names.systems.get(each, each) for each in rule.destinations)
    parts = [f"{both(purposes)} systems"] if purposes else []
    return both([*parts, *by_name]) or "no system yet"


def either(words: Iterable[str]) -> str:
    """`a, b or c`."""
    return _joined(list(words), "or")


def both(words: Iterable[str]) -> str:
    """`a, b and c`."""
    return _joined(list(words), "and")


def _joined(words: Sequence[str], last: str) -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def said_by(body: Body, names: Names) -> str:
    """A rule's body as a sentence, whether it is on; or what keeps it from being read."""
    try:
        words = sentence(rule_from(body), names).plain
    except Unreadable as error:
        return f"It can’t be read: {error}."
    return words if body["on"] else f"Off. {words}"


# --- what differs ---


class Differs(NamedTuple):
    """One line of a comparison; empty words where there is nothing."""

    what: str
    before: str
    after: str


def differences(before: Body, after: Body, names: Names) -> tuple[Differs, ...]:
    """Rule by rule, then stances; where a rule stands in the list makes no difference."""
    return (*_of_rules(before, after, names), *_of_stances(before, after, names))


def _of_rules(before: Body, after: Body, names: Names) -> Iterator[Differs]:
    old, new = ({rule["id"]: rule for rule in body.get("rules", ())} for body in (before, after))
    for slug in {**new, **old}:
        was, becomes = old.get(slug), new.get(slug)
        if was != becomes:
            name = (becomes or was or {})["name"]
            yield Differs(name, *(said_by(each, names) if each else "" for each in (was, becomes)))


def _of_stances(before: Body, after: Body, names: Names) -> Iterator[Differs]:
    old, new = before.get("stances", {}), after.get("stances", {})
    for purpose in {**new, **old}:
        was, becomes = (_stance(each.get(purpose)) for each in (old, new))
        if was != becomes:
            yield Differs(f"{names.purposes.get(purpose, purpose)}, when no rule says anything", was, becomes)


def _stance(word: object) -> str:
    """A purpose without one is blocked."""
    return str(Stance(word).label if word in Stance.values else Stance.BLOCK.label)
