"""One batch for SendGrid on its way through the lists."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from destinations.connectors.sendgrid.places import GLOBAL, GROUPS, members, place_of
from destinations.contract import (
    Answer,
    Call,
    Delivery,
    Held,
    Later,
    Reason,
    Refused,
    Settings,
    Steps,
    Stuck,
    Wanted,
    ask,
    by_status,
    read,
)
from destinations.members import Member
from destinations.targets import Move, Stood, needs_reading

GLOBAL_AT_ONCE = 25  # it is read address by address: part of a large batch must be done before time is up


class Round:
    """One batch on its way through the lists, one list after the other."""

    def __init__(self, batch: Sequence[Wanted], settings: Settings) -> None:
        # The global list silences everything: only Heed's own entry goes.
        self.items = [Member(wanted, place_of(settings.groups), {GLOBAL}) for wanted in batch]
        self.headers, self.now = {"Authorization": f"Bearer {settings.api_key}"}, batch[0].now
        self.reads_back = settings.reads_back

    def through(self) -> Delivery:
        yield from (item.result() for item in self.items if not item.left)
        try:
            for place in (yield from self.places()):
                at_once = GLOBAL_AT_ONCE if place == GLOBAL else len(self.items)
                for start in range(0, len(items := self.at(place)), at_once):
                    yield from self.settle(place, items[start : start + at_once])
        except Refused as refused:
            yield from (item.result(refused.outcome) for item in self.items if item.left)

    def at(self, place: str) -> list[Member]:
        return [item for item in self.items if place in item.left]

    def ask(self, method: str, path: str, **more: Any) -> Steps[Answer]:
        claims = {item.wanted.id: item.held for item in self.items if item.left}
        return (yield from ask(Call(method, path, headers=self.headers, claims=claims, **more)))

    def places(self) -> Steps[list[str]]:
        """The lists to go through. What is posted to a group that does not exist lands on the global list."""
        places = {place for item in self.items for place in item.lists}
        groups = sorted(places - {GLOBAL})
        found: set[str] = set()
        if groups:
            answer = yield from self.ask("GET", GROUPS, params=[("id", group) for group in groups])
            found = {str(each.get("id")) for each in read(answer, list, self.now) if isinstance(each, dict)}
        for group in groups:
            for item in self.at(group) if group not in found else ():
                words = f"there is no unsubscribe group {group} ({', '.join(item.lists[group])})"
                yield from item.passed(group, Stuck(Reason.REJECTED_CONFIG, words))
        return [*sorted(places & found), *(places & {GLOBAL})]

    def settle(self, place: str, items: list[Member]) -> Delivery:
        adds: list[tuple[Member, Held | None]] = []
        lifts: list[Member] = []
        stood = yield from self.stood(place, items)
        for item in items:
            if place not in item.left:
                continue  # SendGrid would not read it
            step, known = item.decide(place, stood.get(item.wanted.id))
            if step is Move.DENY:
                adds.append((item, known))
            elif step is Move.LIFT:
                lifts.append(item)
            else:
                item.note(place, known)
                yield from item.passed(place)
        wrote = yield from self.add(place, adds)
        for item in lifts:
            wrote += yield from self.lift(place, item)
        if wrote:
            yield from self.read_back(place, wrote)

    def kept(self, place: str, item: Member, *, on_it: bool) -> Steps[list[tuple[Member, bool]]]:
        """It was put on a list, or taken off it. Groups are read back with one call; the rest has passed."""
        item.written.add(place)
        if self.reads_back and place != GLOBAL:
            return [(item, on_it)]
        yield from item.passed(place)
        return []

    def read_back(self, place: str, wrote: list[tuple[Member, bool]]) -> Delivery:
        found = yield from self.listed(place, [item for item, _ in wrote])
        for item, on_it in wrote:
            if place in item.left:
                item.read_back(place, (item.wanted.address.lower() in found) is on_it)
                yield from item.passed(place)

    def stood(self, place: str, items: list[Member]) -> Steps[dict[str, Stood]]:
        """What the list says of those who must be read before they are touched."""
        unread = [each for each in items if needs_reading(each.field(place), each.known(place))]
        listed = yield from (self.listed_globally(unread) if place == GLOBAL else self.listed(place, unread))
        return {item.wanted.id: Stood(item.wanted.address.lower() in listed) for item in unread}

    def listed(self, place: str, items: list[Member]) -> Steps[set[str]]:
        """Which of them a group holds. Those that SendGrid would not read have passed it with a fault."""
        found: set[str] = set()
        for some, got in (yield from self.bulk(f"{members(place)}/search", items, list)):
            found.update(() if isinstance(got, Stuck) else (str(address).lower() for address in got))
            for item in some if isinstance(got, Stuck) else ():
                yield from item.passed(place, got)
        return found

    def listed_globally(self, items: list[Member]) -> Steps[set[str]]:
        found = set()
        for item in items:
            answer = yield from self.ask("GET", f"{GLOBAL}/{quote(item.wanted.address, safe='')}")
            body = read(answer, dict, self.now)  # {} where it is not on the list
            if body and "recipient_email" not in body:
                raise Refused(Later(Reason.GARBLED))
            found.add(str(body.get("recipient_email", "")).lower())
        return found

    def add(self, place: str, adds: list[tuple[Member, Held | None]]) -> Steps[list[tuple[Member, bool]]]:
        """Put them on the list; returns those who are to be read back."""
        wrote: list[tuple[Member, bool]] = []
        before = {item.wanted.id: item.known(place) for item, _ in adds}
        for item, known in adds:
            item.note(place, known)  # before the call: its answer may be lost
        for items, got in (yield from self.bulk(members(place), [item for item, _ in adds], dict)):
            for item in items:
                if isinstance(got, Stuck):
                    item.note(place, before[item.wanted.id])
                    yield from item.passed(place, got)
                else:
                    wrote += yield from self.kept(place, item, on_it=True)
        return wrote

    def lift(self, place: str, item: Member) -> Steps[list[tuple[Member, bool]]]:
        """Take one off the list; returns them if they are to be read back."""
        answer = yield from self.ask("DELETE", f"{members(place)}/{quote(item.wanted.address, safe='')}")
        if answer.status not in {204, 404}:
            yield from item.passed(place, self.refusal(answer))
            return []
        item.note(place, None)
        return (yield from self.kept(place, item, on_it=False))

    def bulk(self, path: str, items: list[Member], shape: type[Any]) -> Steps[list[tuple[list[Member], Any]]]:
        """POST addresses. One that SendGrid refuses spoils the whole call, so halves are tried alone."""
        if not items:
            return []
        body = {"recipient_emails": [item.wanted.address for item in items]}
        answer = yield from self.ask("POST", path, json=body)
        if answer.ok:
            got = read(answer, shape, self.now)
            if isinstance(got, dict) and "recipient_emails" not in got:
                raise Refused(Later(Reason.GARBLED))
            return [(items, got)]
        refusal = self.refusal(answer)
        if refusal.reason is not Reason.REJECTED_DATA or len(items) == 1:
            return [(items, refusal)]
        half = len(items) // 2
        first = yield from self.bulk(path, items[:half], shape)
        return first + (yield from self.bulk(path, items[half:], shape))

    def refusal(self, answer: Answer) -> Stuck:
        """What is wrong with the addresses of one call; what ends the batch is raised."""
        refusal = by_status(answer, self.now)
        if isinstance(refusal, Later) or refusal.reason is Reason.REJECTED_AUTH:
            raise Refused(refusal)
        return refusal
