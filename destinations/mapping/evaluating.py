"""From a mapper's body to fields: compiled once for a publication, then run for everyone. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from destinations.contract import Field
from destinations.mapping.sources import SOURCES, reader
from destinations.mapping.steps import STEPS, defaulted
from destinations.mapping.view import View

Run = Callable[[Any], Any]
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One row, ready to run: where it goes, and what it says there.

    `plain`: an answer as it is, yes or no. `answer`: the source of the answer that it tells, if any.
    """

    target: str
    source: str
    field: Callable[[View], Field | None]
    plain: bool = False
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Mapper:
    """All rows of a publication."""

    rows: Sequence[Row]

    def fields(self, view: View) -> dict[str, Field]:
        """What each target must hold; a target that nobody was asked about is left out."""
        filled = ((row.target, row.field(view)) for row in self.rows)
        return {target: field for target, field in filled if field is not None}


def compiled(rows: Iterable[Body]) -> Mapper:
    """Rows that were checked when they were saved."""
    return Mapper(
        [Row(row["target"], row["source"], _field_of(row), _is_plain(row), _answer_of(row)) for row in rows]
    )


def _is_plain(row: Body) -> bool:
    return _is_answer(row) and not row.get("steps")


def _answer_of(row: Body) -> str:
    whens = (step["answer"] for step in row.get("steps", ()) if step["do"] == "when")
    return str(row["source"] if _is_answer(row) else next(whens, ""))


def _is_answer(row: Body) -> bool:
    return SOURCES[row["source"].partition(":")[0]].is_answer


def said(row: Body, *, denies: bool) -> Any:
    """What a no (or a yes) becomes on its way through the steps of a row whose source is an answer."""
    return _through([_run(step) for step in row.get("steps", ())], denies)


def _field_of(row: Body) -> Callable[[View], Field | None]:
    read, steps = reader(row["source"], row.get("value")), row.get("steps", ())
    if _is_answer(row):
        says = {denies: said(row, denies=denies) for denies in (True, False)}
        return lambda view: _worded(read(view), says)
    at = next((place for place, step in enumerate(steps) if step["do"] == "when"), None)
    if at is None:
        return partial(_fact, read, [_run(step) for step in steps])
    before, after = [_run(step) for step in steps[:at]], [_run(step) for step in steps[at + 1 :]]
    return partial(_when, read, before, steps[at], after)


def _worded(answer: Field | None, says: Mapping[bool, Any]) -> Field | None:
    """An answer in the words of the row; what it means for the person stays as it is."""
    if answer is None or answer.denies is None:
        return answer
    return replace(answer, value=says[answer.denies], otherwise=says[False])


def _fact(read: Run, steps: Sequence[Run], view: View) -> Field | None:
    value = _through(steps, read(view))
    return None if value is None else Field(value, None, fact=True)


def _when(read: Run, before: Sequence[Run], step: Body, after: Sequence[Run], view: View) -> Field | None:
    """A fact that an answer turns into one of two: the row then says no or yes for the person."""
    answer = reader(step["answer"])(view)
    if answer is None or answer.denies is None:
        return answer  # type: ignore[no-any-return]  # sources of answers give fields
    value = _through(before, read(view))
    says = {
        True: _through(after, step.get("out") or value),
        False: _through(after, step.get("in") or value),
    }
    return _worded(answer, says)


def _run(step: Body) -> Run:
    if step["do"] == "default":
        return partial(defaulted, given=step)
    return partial(STEPS[step["do"]], given=step)


def _through(steps: Iterable[Run], value: Any) -> Any:
    for step in steps:
        value = step(value)
    return value
