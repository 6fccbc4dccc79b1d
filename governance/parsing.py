"""A policy read from the body of a revision, or of a draft: what nobody would heed is refused. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import TextChoices

from governance.matching import texts
from governance.rules import (
    Carries,
    Condition,
    Consent,
    Jurisdiction,
    Named,
    Policy,
    Property,
    Redaction,
    Restriction,
    Rule,
)
from governance.terms import ANY, EVERY, ConditionKind, Effect, How, Is, Op, PropertyClass, Stance

Body = Mapping[str, Any]
Word = TypeVar("Word", bound=TextChoices)
SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


class Unreadable(ValueError):
    """A body that is no policy: the message says what is wrong with it, in words."""


def policy_from(body: Body, number: int = 0) -> Policy:
    """Read the body of a revision. Raises Unreadable."""
    rules = tuple(rule_from(each) for each in body["rules"])
    return Policy(rules, {purpose: Stance(each) for purpose, each in body["stances"].items()}, number)


def rule_from(body: Body) -> Rule:
    """Read one rule. Raises Unreadable where something is missing, or is there that nobody would heed."""
    if not isinstance(body, Mapping):
        raise Unreadable("a rule has a name, conditions, an effect and systems it is for")
    _only(body, "id", "name", "on", "when", "then", "for")
    name = _text(body, "name")
    rule = _text(body, "id")
    if not SLUG.fullmatch(rule):
        raise Unreadable(f"the id {rule!r} is not made of lower-case letters, digits and dashes")
    then, reach = _part(body, "then"), _part(body, "for")
    _only(then, "effect", "redactions")
    _only(reach, "purposes", "destinations")
    effect = _word(Effect, then.get("effect"), "effect")
    redactions = tuple(redaction_from(each) for each in _list(then, "redactions"))
    if (effect == Effect.REDACT) != bool(redactions):
        raise Unreadable("a rule that redacts says what, and only such a rule does")
    if not isinstance(body.get("on"), bool):
        raise Unreadable("say whether it is on")
    return Rule(
        rule,
        name,
        effect,
        tuple(condition_from(each) for each in _list(body, "when")),
        body["on"],
        redactions,
        _names(reach, "purposes"),
        _names(reach, "destinations"),
    )


def condition_from(body: Body) -> Condition:
    """Read one condition. Raises Unreadable."""
    if not isinstance(body, Mapping):
        raise Unreadable("a condition has a kind")
    return READERS[_word(ConditionKind, body.get("kind"), "kind of condition")](body)


def redaction_from(body: Body) -> Redaction:
    """Read one redaction: of a property or of a class, not of both. Raises Unreadable."""
    if not isinstance(body, Mapping):
        raise Unreadable("a redaction says of what, and how")
    _only(body, "property", "class", "how", "keep")
    how = _word(How, body.get("how"), "way to redact")
    if ("property" in body) == ("class" in body):
        raise Unreadable("a redaction names a property, or a class of properties")
    kind = _word(PropertyClass, body["class"], "class") if "class" in body else None
    keep = body.get("keep", 0)
    if how == How.TRUNCATE and (not isinstance(keep, int) or isinstance(keep, bool) or keep < 1):
        raise Unreadable("say how many characters are kept, one at least")
    return Redaction(how, "" if kind else _text(body, "property"), kind, keep if how == How.TRUNCATE else 0)


def _consent(body: Body) -> Consent:
    _only(body, "kind", "category", "on", "is")
    on = body.get("on")
    if not isinstance(on, str):
        raise Unreadable(f"say on which channel, or {ANY!r} or {EVERY!r}")
    return Consent(_text(body, "category"), on, _word(Is, body.get("is"), "answer"))


def _jurisdiction(body: Body) -> Jurisdiction:
    _only(body, "kind", "in")
    return Jurisdiction(_some(body, "in"))


def _restriction(body: Body) -> Restriction:
    _only(body, "kind", "present")
    return Restriction(_some(body, "present"))


def _named(body: Body) -> Named:
    _only(body, "kind", "in")
    return Named(_some(body, "in"))


def _property(body: Body) -> Property:
    _only(body, "kind", "path", "op", "value", "values")
    op = _word(Op, body.get("op"), "comparison")
    given = [body[name] for name in ("value",) if name in body] + [*_list(body, "values")]
    if not all(isinstance(each, str | int | float) for each in given):
        raise Unreadable(f"the property {body.get('path')!r} is compared with texts, numbers, true or false")
    values = tuple(dict.fromkeys(texts(given)))
    if bool(values) != (op != Op.PRESENT) or (op == Op.EQUALS and len(values) != 1):
        raise Unreadable(f"the property {body.get('path')!r} is compared with {_HOW_MANY[op]}")
    return Property(_text(body, "path"), op, values)


_HOW_MANY = {Op.EQUALS: "one value", Op.ONE_OF: "one value or more", Op.PRESENT: "nothing"}


def _carries(body: Body) -> Carries:
    _only(body, "kind", "carries")
    return Carries(_word(PropertyClass, body.get("carries"), "class"))


READERS: Mapping[ConditionKind, Callable[[Body], Condition]] = {
    ConditionKind.CONSENT: _consent,
    ConditionKind.JURISDICTION: _jurisdiction,
    ConditionKind.RESTRICTION: _restriction,
    ConditionKind.EVENT: _named,
    ConditionKind.PROPERTY: _property,
    ConditionKind.CLASS: _carries,
}


# --- reading what may be anything ---


def _only(body: Body, *known: str) -> None:
    if strange := [name for name in body if name not in known]:
        raise Unreadable(f"{', '.join(map(repr, strange))} means nothing here")


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Unreadable(f"{name!r} is missing")
    return value


def _part(body: Body, name: str) -> Body:
    value = body.get(name)
    if not isinstance(value, Mapping):
        raise Unreadable(f"{name!r} is missing")
    return value


def _list(body: Body, name: str) -> Sequence[Any]:
    value = body.get(name, [])
    if not isinstance(value, list | tuple):
        raise Unreadable(f"{name!r} is a list")
    return value


def _names(body: Body, name: str) -> frozenset[str]:
    names = _list(body, name)
    if not all(isinstance(each, str) and each for each in names):
        raise Unreadable(f"{name!r} is a list of names")
    return frozenset(names)


def _some(body: Body, name: str) -> frozenset[str]:
    names = _names(body, name)
    if not names:
        raise Unreadable(f"{name!r} is empty: name one at least")
    return names


def _word(kind: type[Word], value: Any, what: str) -> Word:
    try:
        return kind(value)
    except ValueError:
        raise Unreadable(f"{value!r} is no {what}; there are {', '.join(kind.values)}") from None
