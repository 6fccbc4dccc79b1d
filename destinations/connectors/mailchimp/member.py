"""One address in an audience: what stands there, and what must change."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import md5
from typing import Any

from destinations.contract import Field, Held, Reason, Stuck, Wanted
from destinations.targets import Move, Progress, Stood, move, strictest

STATUS, OUT, SILENT = "status", "unsubscribed", {"unsubscribed", "cleaned"}
CONFIRMS = "Mailchimp has asked the person to confirm by email: until they do, they get nothing"
BOUNCES = "Mailchimp has cleaned this address, because mail to it bounces: the person signs up anew"


class Member(Progress):
    """One address: what stands there, and what must change."""

    def __init__(self, wanted: Wanted, groups: Mapping[str, Any]) -> None:
        super().__init__(wanted)
        self.places: dict[str, list[str]] = {}
        for target in {**wanted.fields, **wanted.held}:
            place = STATUS if target == STATUS else str(groups.get(target.partition(".")[2], ""))
            if place:
                self.places.setdefault(place, []).append(target)
        self.known_there = False
        self.change: dict[str, Any] = {}
        self.learnt: dict[str, tuple[Held | None, Held | None]] = {}  # known before, known after

    @property
    def path(self) -> str:
        return md5(self.wanted.address.lower().encode(), usedforsecurity=False).hexdigest()

    @property
    def opts_in(self) -> bool:
        """Has the person said yes to the audience, rather than a no of theirs come to its end?"""
        field = self.field(STATUS) if STATUS in self.places else None
        return field is not None and field.denies is False

    def field(self, place: str) -> Field | None:
        return strictest(self.wanted.fields.get(target) for target in self.places[place])

    def decide(self, shown: Mapping[str, Any]) -> None:
        """What must change where this stands."""
        self.known_there = True
        status, interests = str(shown.get("status")), shown.get("interests") or {}
        for place, targets in self.places.items():
            if place != STATUS and place not in interests:
                words = f"there is no group {place} ({', '.join(targets)})"
                self.faults.append(Stuck(Reason.REJECTED_CONFIG, words))
                continue
            out = status in SILENT if place == STATUS else not interests[place]
            before = max((self.held[each] for each in targets if each in self.held), key=_own, default=None)
            stood = Stood(out, changed=_moment(shown.get("last_changed")))
            step, known = move(self.field(place), before, stood, self.wanted)
            if step is Move.ASK:
                self.asks.update(targets)
            if step is Move.LIFT or (step is Move.DENY and not out):
                self._changes(place, step, status, before, known)
            else:
                self._knows(place, known)
        if status == "pending" and self.opts_in:
            self.faults.append(Stuck(Reason.TO_CONFIRM, CONFIRMS))

    def _changes(self, place: str, step: Move, status: str, before: Held | None, known: Held | None) -> None:
        if place == STATUS and step is Move.LIFT and status == "cleaned":
            self.faults.append(Stuck(Reason.BY_THEMSELVES, BOUNCES))
            return
        if place == STATUS:
            self.change[STATUS] = "subscribed" if step is Move.LIFT else OUT
            if known and status != "subscribed":  # it never sent to them, so the end of our no starts nothing
                known = replace(known, wrote=False, before=True, seen=known.at)
        else:
            self.change.setdefault("interests", {})[place] = step is Move.LIFT
        self.learnt[place] = before, known

    def _knows(self, place: str, known: Held | None) -> None:
        for target in self.places[place]:
            self.learn(target, known)

    def sent(self) -> dict[str, Any]:
        """What must change; denials are noted before the call, for its answer may be lost."""
        for place, (_, after) in self.learnt.items():
            if after:
                self._knows(place, after)
        return self.change

    def wrote(self, still: Stuck | None = None) -> None:
        """It was kept; `still`: what the person has yet to do."""
        for place, (_, after) in self.learnt.items():
            self._knows(place, after)
        self.faults += [still] if still else []

    def undone(self, fault: Stuck | None = None) -> None:
        for place, (before, _) in self.learnt.items():
            self._knows(place, before)
        self.faults += [fault] if fault else []


def _own(held: Held) -> bool:
    return held.wrote


def _moment(said: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
