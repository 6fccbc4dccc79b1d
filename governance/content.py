"""What rules ask of an event's content, as bits that hold where a property is there or says something."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import NamedTuple, TypeVar

from governance.allowed import AllowedEvent
from governance.matching import Properties, Value, texts
from governance.rules import AboutContent, Carries, Property, Redaction
from governance.terms import Op, PropertyClass

Key = TypeVar("Key")
Worked = TypeVar("Worked")
KEPT = 10_000  # of each kind of thing that was worked out
LONGEST = 100  # characters of a text that is remembered; what rules compare is short


def keep(kept: dict[Key, Worked], key: Key, worked: Worked) -> None:
    """Remember what was worked out; when there is too much of it, begin anew."""
    if len(kept) >= KEPT:
        kept.clear()
    kept[key] = worked


@dataclass(slots=True)
class Asked:
    """What is asked of one property: bits that hold where it is there, and where it says something."""

    present: int = 0
    values: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class Content:
    """Everything that is asked of content, by path and by class."""

    def __init__(self) -> None:
        self.paths: dict[str, Asked] = defaultdict(Asked)
        self.carries: dict[PropertyClass, int] = defaultdict(int)
        self.redacts: dict[PropertyClass, int] = defaultdict(int)

    def ask(self, condition: AboutContent, bits: int) -> None:
        """These bits hold where the condition does."""
        match condition:
            case Carries(kind=kind):
                self.carries[kind] |= bits
            case Property(path=path, op=Op.PRESENT):
                self.paths[path].present |= bits
            case Property(path=path, values=values):
                for value in values:
                    self.paths[path].values[value] |= bits

    def find(self, redactions: Iterable[Redaction], bits: int) -> None:
        """These bits hold where there is something to redact."""
        for each in redactions:
            if each.kind is None:
                self.paths[each.path].present |= bits
            else:
                self.redacts[each.kind] |= bits

    def of(self, allowed: AllowedEvent, *, health: int = 0) -> "Bearing":
        """What the properties of an event hold; `health` where there is health information, too."""
        always = health | self.carries[PropertyClass.HEALTH] if allowed.is_health else 0
        sayings = {}
        for path, kind in allowed.properties.items():
            own = self.paths.get(path, Asked())
            of_class = self.carries[kind] | self.redacts[kind]
            of_class |= health if kind == PropertyClass.HEALTH else 0
            if own.present or own.values or of_class:
                sayings[path] = Saying(Asked(own.present | of_class, own.values))
        return Bearing(always, sayings)


class Saying(dict[str, int]):
    """Which bits a property holds by the text that it says, learnt as texts come."""

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self.asked = asked

    def __missing__(self, said: str) -> int:
        bits = self.of(said)
        if len(said) <= LONGEST:
            keep(self, said, bits)
        return bits

    def of(self, value: Value) -> int:
        """The same of whatever it says: a number, a list. None of it is remembered: `1` is not `True`."""
        return reduce(or_, (self.asked.values.get(each, 0) for each in texts(value)), self.asked.present)


class Bearing(NamedTuple):
    """Which bits events of one name hold: `always`, and by what a property says, where rules ask about it."""

    always: int
    sayings: Mapping[str, Saying]

    def together(self, properties: Properties) -> int:
        """The bits of all properties."""
        bits, sayings = self
        for path, value in properties.items():
            saying = sayings.get(path)
            # Of what properties say, most is asked about by no rule.
            if saying is not None and (held := saying[value] if type(value) is str else saying.of(value)):
                bits |= held
        return bits
