"""Two people side by side, and what would hold if they were one."""

from dataclasses import dataclass
from uuid import UUID

from config.staff.selectors import Known
from config.staff.standing import Cell, Denial, Grid, denials, grid
from config.staff.who import Who, who
from preferences import clock
from preferences.asof import AsOf


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: who they are, and what beats their choices."""

    who: Who
    denials: tuple[Denial, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One answer: of the one, of the other, and of both together."""

    name: str
    channel: str
    one: Cell
    other: Cell
    together: Cell

    @property
    def differs(self) -> bool:
        return (
            len(
                {
                    (cell.said.words, cell.holds, cell.because)
                    for cell in (self.one, self.other, self.together)
                }
            )
            > 1
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that tells two people apart, and what follows from a merge. `shared`: what both hold."""

    one: Side
    other: Side
    shared: frozenset[UUID]
    answers: tuple[Compared, ...]
    follows: tuple[str, ...]
    together: tuple[Denial, ...]

    @property
    def differing(self) -> tuple[Compared, ...]:
        return tuple(each for each in self.answers if each.differs)


def compare(one: Known, other: Known) -> Comparison:
    """Read side by side; nothing is written."""
    both = _together(one, other)
    grids = (grid(one), grid(other), grid(both))
    return Comparison(
        Side(who(one), denials(one)),
        Side(who(other), denials(other)),
        frozenset(one.kinds) & frozenset(other.kinds),
        _answers(*grids),
        _follows(one, other),
        denials(both),
    )


def _together(one: Known, other: Known) -> Known:
    then = AsOf(clock.now())
    person = then.as_one(one.profile.pk, other.profile.pk)
    return one.with_person(person, kinds=other.kinds, clear=other.clear)


def _answers(one: Grid, other: Grid, together: Grid) -> tuple[Compared, ...]:
    rows = zip(one.every, other.every, together.every, strict=True)
    return tuple(
        Compared(mine.name, a.channel, a, b, c)
        for mine, theirs, ours in rows
        for a, b, c in zip(mine.cells, theirs.cells, ours.cells, strict=True)
        if a and b and c
    )


def _follows(one: Known, other: Known) -> tuple[str, ...]:
    orders = (one.person.order is not None) + (other.person.order is not None)
    words = [
        "From now on they are one person. The other record’s page and links lead here.",
        "The choices of both count, for the past too: of two the later one, and at the same moment the no.",
        "Every address of either is the one person’s: each system is told what holds for both.",
    ]
    if orders == 2:
        words.append(
            "Both have a confidential-communications order. Until staff confirm which one stands, "
            "only what both allow is allowed."
        )
    if orders == 1:
        words.append("The confidential-communications order of one then holds for both.")
    words.append("It can be undone. What was refused while they were one then stays refused for both.")
    return tuple(words)
