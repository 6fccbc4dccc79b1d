"""What a visit keeps from one request to the next: what was saved, and what is to be asked twice.

Each with whose page it was saved on: where the page of somebody else is open by now, nothing of it is shown,
confirmed or taken back there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from portal import visits
from portal.forms import Filled, Pick
from portal.standing import Standing
from preferences.services import Choice
from preferences.terms import State

SAVED, TO_CONFIRM = "portal.saved", "portal.to_confirm"


@dataclass(frozen=True, slots=True)
class Result:
    """The changes of the last save, by their ids, and whether it was *stop everything*.

    `undone`: the changes that it took back, where it was *undo*. `final`: only staff put it right.
    `left_out`: something else that waited for the same code was not saved.
    """

    changes: tuple[int, ...]
    stop: bool
    undone: tuple[int, ...] = ()
    final: bool = False
    left_out: bool = False

    @property
    def can_undo(self) -> bool:
        return bool(self.changes) and not self.undone and not self.final

    @property
    def of(self) -> str:
        """Which save it is, for the form that takes it back."""
        return " ".join(map(str, self.changes))


def keep_final(request: HttpRequest, changes: Sequence[int]) -> None:
    """What was said about how the person is reached: nothing is added to it, and it is not undone here."""
    _keep(request, SAVED, {"changes": [*changes], "stop": False, "final": True})


def keep_saved(request: HttpRequest, changes: Sequence[int], *, stop: bool, waits: bool = False) -> None:
    """`waits`: the same save goes on once a code was entered, and then adds to this."""
    last = _kept(request, SAVED)
    earlier = last["changes"] if last.get("waits") else []
    _keep(request, SAVED, {"changes": [*earlier, *changes], "stop": stop, "waits": waits})


def keep_undone(request: HttpRequest, undone: Iterable[int], by: Iterable[int]) -> None:
    """The last save was taken back, by these changes."""
    _keep(request, SAVED, {"changes": [*by], "stop": False, "undone": [*undone]})


def keep_left_out(request: HttpRequest) -> None:
    """Of two forms that waited for a code the one that was sent last was saved."""
    if SAVED in request.session:
        request.session[SAVED] = request.session[SAVED] | {"left_out": True}


def end_waiting(request: HttpRequest) -> None:
    """The rest of the save is not wanted any more; what was saved of it stands."""
    if SAVED in request.session:
        request.session[SAVED] = request.session[SAVED] | {"waits": False}


def add_saved(request: HttpRequest, changes: Sequence[int]) -> None:
    """The second step of the same save."""
    kept = _kept(request, SAVED)
    if not kept or kept.get("final"):
        kept = {"changes": [], "stop": False}
    if changes:
        _keep(request, SAVED, {**kept, "changes": [*kept["changes"], *changes]})


def saved(request: HttpRequest) -> Result | None:
    kept = _kept(request, SAVED)
    if not kept:
        return None
    undone, final = tuple(kept.get("undone", ())), kept.get("final", False)
    left_out = kept.get("left_out", False)
    return Result(tuple(kept["changes"]), kept["stop"], undone, final, left_out)


def keep_to_confirm(request: HttpRequest, picks: Iterable[Pick], form: str) -> None:
    """Remember what waits for a second step; nothing waits any more where there are no picks."""
    cells = [
        [*pick.cell, pick.shown.state if pick.shown else "", pick.shown.change if pick.shown else 0]
        for pick in picks
    ]
    if cells:
        _keep(request, TO_CONFIRM, {"cells": cells, "form": form})
    else:
        request.session.pop(TO_CONFIRM, None)


def to_confirm(request: HttpRequest) -> Filled | None:
    """The opt-ins that wait for a second step, as the form that they came with."""
    kept = _kept(request, TO_CONFIRM)
    if not kept:
        return None
    picks = tuple(
        Pick(Choice(category, channel, State.IN), Standing(State(state), change) if state else None)
        for category, channel, state, change in kept["cells"]
    )
    return Filled(picks, form=kept["form"])


def _keep(request: HttpRequest, name: str, what: Mapping[str, Any]) -> None:
    request.session[name] = {**what, "whose": visits.turned_to(request)}


def _kept(request: HttpRequest, name: str) -> Mapping[str, Any]:
    # Two windows: one may save for a person just when the other opens the page of the next.
    kept: Mapping[str, Any] = request.session.get(name, {})
    return kept if kept.get("whose") == visits.turned_to(request) else {}
