"""What is wrong with a policy, in words: what nobody knows can't be named, and nothing fails open."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from governance import allowed, slots
from governance.allowed import AllowedEvent
from governance.parsing import Unreadable, rule_from
from governance.rules import (
    Condition,
    Consent,
    Jurisdiction,
    Named,
    Property,
    Redaction,
    Restriction,
    Rule,
)
from governance.terms import ANY, EVERY, EVERYWHERE, OWN, POLICY, Stance
from preferences.catalogue import Catalogue, catalogue
from preferences.errors import Malformed
from preferences.terms import Channel, RestrictionKind

Body = Mapping[str, Any]
PLACE = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
MOST_RULES = 500


@dataclass(frozen=True, slots=True)
class Known:
    """What a rule may name."""

    categories: Catalogue
    events: Mapping[str, AllowedEvent]
    purposes: Collection[str]
    systems: Collection[str]


def known_now() -> Known:
    """What a rule may name now."""
    return Known(catalogue(), allowed.events(), slots.purposes(), slots.systems())


def check_policy(*, key: str, body: Body, before: Body | None) -> None:
    """Raises Malformed with everything that must be put right."""
    if key != POLICY:
        raise Malformed("there is one policy: all rules together")
    if found := list(problems(body, known_now())):
        raise Malformed("; ".join(found))


def problems(body: Body, known: Known) -> Iterator[str]:
    """Everything that must be put right, each with the rule's place in the list."""
    rules, stances = body.get("rules"), body.get("stances")
    if not isinstance(rules, list) or not isinstance(stances, Mapping) or len(body) != 2:
        yield "a policy has rules and stances, and nothing else"
        return
    if len(rules) > MOST_RULES:
        yield f"a policy has at most {MOST_RULES} rules"
    yield from _of_stances(stances, known)
    ids: dict[str, int] = {}
    for number, each in enumerate(rules, 1):
        try:
            rule = rule_from(each)
        except Unreadable as error:
            yield f"rule {number}: {error}"
            continue
        if rule.id in ids:
            yield f"rule {number}: rule {ids[rule.id]} has the id {rule.id!r} already"
        ids[rule.id] = number
        yield from (f"rule {number} ({rule.name}): {problem}" for problem in of_rule(rule, known))


def _of_stances(stances: Body, known: Known) -> Iterator[str]:
    for purpose, stance in stances.items():
        if purpose not in known.purposes:
            yield f"there is no purpose {purpose!r}; there are {_listed(known.purposes)}"
        if stance not in Stance.values:
            yield f"{purpose}: block or allow, not {stance!r}"


def of_rule(rule: Rule, known: Known) -> Iterator[str]:
    """What one rule names that is not there."""
    if not rule.purposes | rule.destinations:
        yield "say for which purposes or systems it is"
    yield from _unknown("purpose", rule.purposes - {EVERYWHERE}, known.purposes)
    yield from _unknown("system", rule.destinations, known.systems)
    events = events_of(rule.when, known)
    for condition in rule.when:
        yield from of_condition(condition, known, events)
    for redaction in rule.redactions:
        yield from of_redaction(redaction, events)


def events_of(when: Iterable[Condition], known: Known) -> list[AllowedEvent]:
    """The events that can meet all of these conditions."""
    named = [each.names for each in when if isinstance(each, Named)]
    names = frozenset.intersection(*named) if named else frozenset(known.events)
    return [known.events[name] for name in names if name in known.events]


def of_condition(condition: Condition, known: Known, events: Collection[AllowedEvent]) -> Iterator[str]:
    """What one condition of a rule for these events names that is not there."""
    match condition:
        case Consent():
            yield from _of_consent(condition, known.categories)
        case Jurisdiction(places=places):
            for place in sorted(each for each in places if not PLACE.fullmatch(each)):
                yield f"{place!r} is no place: write it like US-WA"
        case Restriction(kinds=kinds):
            yield from _unknown("kind of restriction", kinds, RestrictionKind.values)
        case Named(names=names):
            yield from _unknown("event", names, known.events)
        case Property(path=path):
            yield from _unlisted(path, events)


def _of_consent(consent: Consent, categories: Catalogue) -> Iterator[str]:
    if consent.category == OWN:
        if consent.on not in (ANY, EVERY):
            yield f"the event's own categories have different channels: say {ANY} or {EVERY}"
        return
    category = categories.by_slug.get(consent.category)
    if category is None:
        yield from _unknown("category", [consent.category], categories.by_slug)
    elif category.retired:
        yield f"the category {category.slug} is retired"
    elif category.is_data_use:
        if consent.on:
            yield f"{category.slug} is a use of data and has no channels"
    elif consent.on not in (ANY, EVERY, *category.channels):
        ways = _listed([ANY, EVERY, *category.channels])
        label = f"by {consent.on}" if consent.on in Channel.values else f"on {consent.on!r}"
        yield f"{category.slug} is not sent {label}; there are {ways}"


def of_redaction(redaction: Redaction, events: Collection[AllowedEvent]) -> Iterator[str]:
    """What one redaction names that no such event has."""
    if redaction.path:
        yield from _unlisted(redaction.path, events)


def _unlisted(path: str, events: Collection[AllowedEvent]) -> Iterator[str]:
    """A property that none of the events has would never be found."""
    if not any(path in each.properties for each in events):
        listed = sorted(set(chain.from_iterable(each.properties for each in events)))
        there = f"there are {_listed(listed)}" if listed else "none is on the allow list"
        yield f"no such event has a property {path!r}; {there}"


def _unknown(what: str, named: Collection[str], known: Collection[str]) -> Iterator[str]:
    for each in sorted(set(named) - set(known)):
        there = f"there are {_listed(known)}" if known else "there is none yet"
        yield f"there is no {what} {each!r}; {there}"


def _listed(words: Collection[str]) -> str:
    return ", ".join(map(str, words))
