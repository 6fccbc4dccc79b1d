"""The page's form: how it says what it showed, and what a person changed against that. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from portal.standing import Standing
from preferences.services import Choice
from preferences.terms import State

CHOICE = "choice."
ANSWERS = {State.IN.value: State.IN, State.OUT.value: State.OUT}
MOST = 500  # cells that a form is read for
CellKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Pick:
    """A choice that differs from what the form showed; `shown` is None where the form does not say."""

    choice: Choice
    shown: Standing | None

    @property
    def cell(self) -> CellKey:
        return self.choice.category, self.choice.channel


@dataclass(frozen=True, slots=True)
class Filled:
    """What came back: the choices that the person changed, and whether they pressed *stop everything*."""

    picks: tuple[Pick, ...]
    stop: bool = False
    form: str = ""

    @property
    def of(self) -> str:
        """What it is about, for the page that asks a second time."""
        return " ".join(".".join(pick.cell) for pick in self.picks)


def written(standings: Mapping[CellKey, Standing]) -> str:
    """What the form shows, for its hidden field: `category.channel=state@change`."""
    return " ".join(
        f"{category}.{channel}={each.state.value}@{each.change}"
        for (category, channel), each in standings.items()
    )


def read(post: QueryDict) -> Filled:
    """Read a filled form; what is no answer is left out."""
    shown = _shown(post.get("shown", ""))
    picks = [
        Pick(Choice(*cell, ANSWERS[answer]), shown.get(cell))
        for cell, answer in _answers(post).items()
        if cell not in shown or shown[cell].state != answer
    ]
    return Filled(tuple(picks), stop=post.get("act") == "stop", form=post.get("form", "")[:100])


def is_about(post: QueryDict, of: str) -> bool:
    """Does this form ask what is asked now? One of another tab may show something earlier."""
    return post.get("of", of) == of


def _answers(post: QueryDict) -> dict[CellKey, str]:
    found = {}
    for name in list(post)[:MOST]:
        category, dot, channel = name.removeprefix(CHOICE).partition(".")
        answer = post.get(name, "")
        if name.startswith(CHOICE) and dot and answer in ANSWERS:
            found[category, channel] = answer
    return found


def _shown(text: str) -> dict[CellKey, Standing]:
    shown = {}
    for part in text.split()[:MOST]:
        cell, _, said = part.partition("=")
        category, _, channel = cell.partition(".")
        state, _, change = said.partition("@")
        if state in State.values and change.isascii() and change.isdigit():
            shown[category, channel] = Standing(State(state), int(change[:18]))
    return shown
