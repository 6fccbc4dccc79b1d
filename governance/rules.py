"""A policy as values: rules, their conditions and what they do. `governance.parsing` reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from governance.terms import Effect, How, Is, Op, PropertyClass, Stance


@dataclass(frozen=True, slots=True)
class Consent:
    """What the person chose. `on`: a channel, `any` or `every`; empty for a use of data."""

    category: str
    on: str
    said: Is


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The person lives in one of these."""

    places: frozenset[str]


@dataclass(frozen=True, slots=True)
class Restriction:
    """One of these restrictions is on the person or an address of theirs."""

    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Named:
    """The event is one of these."""

    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Property:
    """A property of the event is there, or says one of these; `values` are as `matching.text` makes them."""

    path: str
    op: Op
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Carries:
    """A property of that class is there; for health also: the event itself is about health."""

    kind: PropertyClass


AboutPerson = Consent | Jurisdiction | Restriction
AboutContent = Property | Carries
Condition = AboutPerson | Named | AboutContent


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is redacted, by path or all of a class, and how. `keep`: the characters that `truncate` leaves."""

    how: How
    path: str = ""
    kind: PropertyClass | None = None
    keep: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """When all of `when` hold, then `effect`, for systems of these purposes and for those that are named."""

    id: str
    name: str
    effect: Effect
    when: tuple[Condition, ...] = ()
    on: bool = True
    redactions: tuple[Redaction, ...] = ()
    purposes: frozenset[str] = frozenset()
    destinations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules together. `stances`: what holds for a purpose when no rule matches."""

    rules: tuple[Rule, ...] = ()
    stances: Mapping[str, Stance] = field(default_factory=dict)
    number: int = 0
