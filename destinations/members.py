"""One address on its way through a system's lists: what each must do with it, and what is known after."""

from collections.abc import Callable, Collection, Iterator

from destinations.contract import Field, Held, Result, Stuck, Wanted
from destinations.targets import Move, Progress, Stood, move, strictest


class Member(Progress):
    """One address, and the lists it has still to pass; a list may serve several targets.

    `place_of`: the list a target stands for, empty where there is none. `own_only`: lists from which only
    Heed's own entry is ever taken, because others put people there for more than one category.
    """

    def __init__(
        self, wanted: Wanted, place_of: Callable[[str], str], own_only: Collection[str] = ()
    ) -> None:
        super().__init__(wanted)
        self.own_only = own_only
        self.lists: dict[str, list[str]] = {}
        for target in {**wanted.fields, **wanted.held}:
            if place := place_of(target):
                self.lists.setdefault(place, []).append(target)
        self.left = set(self.lists)

    def field(self, place: str) -> Field | None:
        """The strictest of the answers that meet in this list."""
        return strictest(self.wanted.fields.get(target) for target in self.lists[place])

    def known(self, place: str) -> Held | None:
        held = [self.held[target] for target in self.lists[place] if target in self.held]
        return max(held, key=lambda each: each.wrote, default=None)

    def note(self, place: str, known: Held | None) -> None:
        """What is known of a list from now on; of a write, before its call."""
        for target in self.lists[place]:
            self.learn(target, known)

    def decide(self, place: str, stood: Stood | None) -> tuple[Move, Held | None]:
        before = self.known(place)
        step, known = move(self.field(place), before, stood, self.wanted)
        if step is Move.LIFT and place in self.own_only and not (before and before.wrote):
            step, known = Move.ASK, before
        if step is Move.ASK:
            self.asks.update(self.lists[place])
        return step, known

    def passed(self, place: str, fault: Stuck | None = None) -> Iterator[Result]:
        """This list is done with; yields the Result after the last."""
        self.left.discard(place)
        self.faults += [fault] if fault else []
        if not self.left:
            yield self.result()
