"""Whose a contact is, and what is to be written there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from destinations.contract import Field, Held, Later, Stuck, Wanted
from destinations.targets import Move, Progress, Stood, move, strictest

OUT, IN, UNSAID = "UNSUBSCRIBED", "SUBSCRIBED", "NOT_SPECIFIED"


class Person(Progress):
    """One person, and the addresses by which their contacts are found."""

    def __init__(self, wanted: Wanted) -> None:
        super().__init__(wanted)
        self.known_there = False
        self.emails = {each.value.lower(): each.value for each in wanted.identifiers if each.kind == "email"}

    def targets(self) -> set[str]:
        asked = self.wanted.fields, *self.wanted.fields_at.values()
        told = {target for fields in asked for target in fields}
        return told | {key.partition(".")[2] for key in self.held} | self.wanted.perhaps

    def known(self, key: str, target: str, asked: Field | None) -> Held | None:
        """What is known of a target; a no of ours, where a lost call may have left one."""
        lost = asked is None and target in self.wanted.perhaps
        return self.held.get(key) or (Held(wrote=True) if lost else None)

    def owns(self, email: str) -> Iterator[Mapping[str, Field]]:
        """What a contact with this address must hold; by a former address only the no arrives."""
        if email in self.emails:
            denials = {name: field for name, field in self.wanted.fields.items() if field.denies}
            yield self.wanted.fields_at.get(self.emails[email], denials)


@dataclass(frozen=True, slots=True)
class Change:
    """One target that must change: what is sent, and what each owner knew and will know of it."""

    value: Any
    explicit: bool  # the person said yes, rather than a no of theirs having come to its end
    learnt: tuple[tuple[Person, Held | None, Held | None], ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What says no there, what says that a no is over, and what stood there before."""

    no: str
    back: str
    before: str = ""


class Contact:
    """One contact, whose it is, and what must change."""

    def __init__(self, id: str, email: str, owners: list[tuple[Person, Mapping[str, Field]]]) -> None:
        self.id, self.email, self.owners = id, email, owners
        self.changes: dict[str, Change] = {}

    def decide_status(self, target: str, shown: Mapping[str, Any]) -> None:
        """A subscription type; its own date says when it was changed."""
        status, asked = str(shown.get("status")), self.asked(target)
        if asked and asked.denies is False and status == UNSAID:
            self.changes[target] = Change(IN, True, ())  # a yes, where HubSpot knows of none
            return
        stood = Stood(status == OUT, since=moment(shown.get("timestamp")) if status == OUT else None)
        said = Words(OUT, IN if asked and asked.denies is False else self.over(target, UNSAID), status)
        self._decide(target, asked, stood, said)

    def decide_property(self, target: str, current: Any, changed: datetime | None) -> None:
        """A property, dated by the contact's last change."""
        asked, over = self.asked(target), spelled(self.over(target, False))
        value = spelled(asked.value) if asked else over
        if asked and asked.denies:
            denied = current == value
        else:  # anything but what ends a no of Heed's
            denied = current not in (None, "", value if asked and asked.denies is False else over)
        self._decide(target, asked, Stood(denied, changed=changed), Words(value, value))

    def asked(self, target: str) -> Field | None:
        return strictest(fields.get(target) for _, fields in self.owners)

    def over(self, target: str, unknown: Any) -> Any:
        """What comes back when Heed's own no ends."""
        held = (person.held.get(f"{self.id}.{target}") for person, _ in self.owners)
        return next((each.otherwise for each in held if each and each.wrote), unknown)

    def _decide(self, target: str, asked: Field | None, stood: Stood, said: Words) -> None:
        key, learnt, steps = f"{self.id}.{target}", [], set[Move]()
        for person, _ in self.owners:
            before = person.known(key, target, asked)
            step, after = move(asked, before, stood, person.wanted)
            if said.before and after and step is Move.DENY:
                after = replace(after, otherwise=before.otherwise if before and before.wrote else said.before)
            steps.add(step)
            learnt.append((person, step, before, after))
        lifted = Move.LIFT in steps  # Heed's own no, as one of them knows, or older than the opt-in
        change = lifted or (Move.DENY in steps and not stood.denied)
        for person, step, _, after in () if change else learnt:
            if step is Move.ASK:
                person.asks.add(target)
            person.learn(key, after)
        if change:
            explicit = lifted and asked is not None and asked.denies is False
            known = tuple((person, before, None if lifted else after) for person, _, before, after in learnt)
            self.changes[target] = Change(said.back if lifted else said.no, explicit, known)

    def sending(self) -> None:
        """Denials are noted before the call, for its answer may be lost."""
        for target, change in self.changes.items():
            for person, _, after in change.learnt:
                if after:
                    person.learn(f"{self.id}.{target}", after)

    def settled(self, target: str, fault: Later | Stuck | None) -> None:
        for person, before, after in self.changes[target].learnt:
            if not fault or isinstance(fault, Stuck):
                person.learn(f"{self.id}.{target}", before if fault else after)
        if fault:
            for person, _ in self.owners:
                person.faults.append(fault)


def spelled(value: Any) -> str:
    """As properties hold it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def moment(said: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return at if at.tzinfo else None
