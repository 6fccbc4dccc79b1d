"""Whose a record is, and what is to be written there."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from destinations.connectors.salesforce.soql import PREFIX, named, spellings
from destinations.contract import Field, Held, Later, Stuck, Wanted
from destinations.targets import Move, Progress, Stood, move, strictest


class Person(Progress):
    """One person, how they are found, and their records that are still to be written."""

    def __init__(self, wanted: Wanted, authority: str) -> None:
        super().__init__(wanted)
        self.known_there = False
        self.left: set[str] = set()
        self.keys = {
            (each.kind, spelling.casefold()): (spelling, each.value)
            for each in wanted.identifiers
            if each.kind != "mrn" or authority in {"", each.namespace}
            for spelling in spellings(each)
        }

    def targets(self) -> set[str]:
        asked = self.wanted.fields, *self.wanted.fields_at.values()
        told = {target for fields in asked for target in fields}
        perhaps = {each for each in self.wanted.perhaps if not each.startswith(PREFIX)}
        return told | {key.partition(".")[2] for key in self.held} | perhaps

    def known(self, key: str, target: str, asked: Field | None) -> Held | None:
        """What is known of a field; a denial of ours, where a lost call may have left one."""
        lost = asked is None and target in self.wanted.perhaps
        return self.held.get(key) or (Held(wrote=True) if lost else None)

    def owns(self, way: str, value: Any) -> Iterator[Mapping[str, Field]]:
        """What a record must hold in which this number or address stands, if it is theirs."""
        denials = {name: field for name, field in self.wanted.fields.items() if field.denies}
        if found := self.keys.get((way, str(value).casefold())):
            yield self.wanted.fields if way == "mrn" else self.wanted.fields_at.get(found[1], denials)


class Record:
    """One record, whose it is, and what is to be written there."""

    def __init__(self, kind: str, id: str, owners: list[tuple[Person, Mapping[str, Field]]]) -> None:
        self.kind, self.id, self.owners = kind, id, owners
        self.found = id  # empty where it must be made
        self.values: dict[str, Any] = {}
        self.learnt: list[tuple[Person, str, Held | None, Held | None]] = []  # known before, known after

    @property
    def method(self) -> str:
        return "PATCH" if self.found else "POST"

    def decide(self, target: str, row: Mapping[str, Any], now: datetime) -> None:
        """What one field must say: the strictest answer of all whose record this is."""
        key, name = f"{self.id}.{target}", named(self.kind, target)
        asked = strictest(fields.get(target) for _, fields in self.owners)
        if asked and asked.fact:
            self.state(name, [fields.get(target) for _, fields in self.owners], row)
            return
        over = next((held.otherwise for person, _ in self.owners if (held := person.held.get(key))), False)
        stood = Stood(denies(row.get(name), asked, over), changed=moment(row.get("LastModifiedDate")))
        moves = {
            person: move(asked, person.known(key, target, asked), stood, person.wanted)
            for person, _ in self.owners
        }
        steps = {step for step, _ in moves.values()}
        lifted = Move.LIFT in steps  # Heed's own denial, as one of them knows, or older than the opt-in
        if lifted or (Move.DENY in steps and not stood.denied):
            self.values[name] = asked.value if asked else over
        elif asked and asked.denies is False and row.get(name) is None and asked.value is not False:
            self.values[name] = asked.value  # a yes in words, where the field says nothing yet
        for person, (step, known) in moves.items():
            before, after = person.held.get(key), None if lifted else known
            if step is Move.ASK and not lifted:
                person.asks.add(target)
            if name in self.values:
                self.learnt.append((person, key, before, after))
            else:
                person.learn(key, after)

    def state(self, name: str, said: Sequence[Field | None], row: Mapping[str, Any]) -> None:
        """A plain fact, where all whose record this is have it in common."""
        values = [field.value for field in said if field]
        if len(values) == len(said) and all(each == values[0] for each in values):
            self.values |= {name: values[0]} if row.get(name) != values[0] else {}

    def sent(self) -> dict[str, Any]:
        """The record as it is sent; denials are noted before the call, for its answer may be lost."""
        for person, key, _, after in self.learnt:
            if after:
                person.learn(key, after)
        return {"attributes": {"type": self.kind}, "id": self.id, **self.values}

    def written(self, fault: Later | Stuck | None) -> None:
        for person, key, before, after in self.learnt:
            person.learn(key, before if fault else after)
        for person, _ in self.owners:
            person.left.discard(self.id)
            person.written.add(self.id)
            person.faults += [fault] if fault else []

    def read_back(self, row: Mapping[str, Any]) -> None:
        stands = all(row.get(name) == value for name, value in self.values.items())
        for person, _ in self.owners:
            person.read_back(self.id, stands)


def denies(current: Any, asked: Field | None, over: Any) -> bool:
    """Does a field say no? By what the mapper would write; else anything but what ends Heed's own denial."""
    if asked is None or asked.denies is None:
        return current not in (None, over)
    return bool(current == asked.value) if asked.denies else current not in (None, asked.value)


def moment(said: Any) -> datetime | None:
    try:
        return datetime.strptime(str(said), "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        return None
