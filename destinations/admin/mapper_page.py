"""What the page shows on which a mapper is edited: rows as controls, problems beside them. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from destinations.admin.mapper_preview import PreviewForm, Seen
from destinations.admin.mapper_rows import typed
from destinations.mapping.problems import Problem, System
from destinations.mapping.sources import SOURCES
from destinations.mapping.steps import ANSWERS_NEVER, STEPS, Form, Parameter
from destinations.mapping.wording import offered, source_words

Groups = Sequence[tuple[str, Sequence[tuple[str, str]]]]
OUT = {True: " (they said no)", False: " (they said yes)"}


@dataclass(frozen=True, slots=True)
class Control:
    """One thing to fill in."""

    name: str
    label: str
    form: str
    value: str
    choices: Groups = ()


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step of a row."""

    name: str
    do: str
    words: str
    help: str
    controls: tuple[Control, ...]
    remove: str


@dataclass(frozen=True, slots=True)
class RowShown:
    """One row: its fields are called by its place, counted from 0; people count from 1."""

    at: int
    target: str
    source: str
    value: str
    sources: Groups
    steps: tuple[StepShown, ...]
    fitting: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]

    @property
    def number(self) -> int:
        return self.at + 1


@dataclass(frozen=True, slots=True)
class ExampleShown:
    """An example that the mapper is kept with."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class MapperPage:
    """All that the page shows."""

    system: str
    pk: int
    back: str
    rows: tuple[RowShown, ...]
    problems: tuple[str, ...]
    wrong: int
    targets: tuple[tuple[str, str], ...]
    examples: tuple[ExampleShown, ...]
    kept_examples: str
    reason: str
    seen: str
    preview: PreviewForm
    found: Seen
    newer: Any = None  # published since this draft was begun
    choose: str = ""  # where its author says what becomes of it
    others: Sequence[Any] = ()
    revisions: Sequence[Any] = ()


def rows_shown(body: Mapping[str, Any], system: System, found: Sequence[Problem]) -> tuple[RowShown, ...]:
    """Every row with its controls; a source that is not on offer any more is shown as it stands."""
    groups = offered(system)
    answers = [(group, each) for group, each in groups if all(_is_answer(source) for source, _ in each)]
    return tuple(
        RowShown(
            at,
            str(row.get("target", "")),
            str(row.get("source", "")),
            typed(row.get("value"), Form.TEXT),
            _with_own(groups, str(row.get("source", "")), system),
            tuple(_steps(at, row, answers)),
            _fitting(row),
            tuple(each.words for each in found if each.row == at + 1),
        )
        for at, row in enumerate(body["rows"])
    )


def _is_answer(source: str) -> bool:
    known = SOURCES.get(source.partition(":")[0])
    return known is not None and known.is_answer


def _with_own(groups: Groups, source: str, system: System) -> Groups:
    known = {each for _, group in groups for each, _ in group}
    if not source or source in known:
        return groups
    return [("As it stands", [(source, source_words(source, system.catalogue))]), *groups]


def _fitting(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The steps that can take what stands at the end of the row; all of them where that is not clear yet."""
    known = SOURCES.get(str(row.get("source", "")).partition(":")[0])
    kind, never = known.gives if known else None, ANSWERS_NEVER if known and known.is_answer else set()
    for body in row.get("steps", ()):
        step = STEPS.get(str(body.get("do")))
        kind = step.gives if step else None
    return tuple(
        (name, step.words)
        for name, step in STEPS.items()
        if (kind is None or kind in step.takes) and name not in never
    )


def _steps(at: int, row: Mapping[str, Any], answers: Groups) -> Iterator[StepShown]:
    """What yes and no mean is said beside them: of an answer, yes is that the person is out."""
    is_out = True if _is_answer(str(row.get("source", ""))) else None
    for place, body in enumerate(row.get("steps", ())):
        yield _step(f"{at}-{place}", body, answers, is_out, f"unstep:{at}:{place}")
        if is_out is not None and body.get("do") == "not":
            is_out = not is_out


def _step(name: str, body: Mapping[str, Any], answers: Groups, is_out: bool | None, remove: str) -> StepShown:
    do = str(body.get("do"))
    step = STEPS.get(do)
    if step is None:
        return StepShown(name, do, "A step that is not known", "Remove it.", (), remove)
    means = {} if is_out is None else {"yes": OUT[is_out], "no": OUT[not is_out]}
    controls = (
        _control(f"{name}-{each}", parameter, body.get(each), answers, means.get(each, ""))
        for each, parameter in step.parameters.items()
    )
    return StepShown(name, do, step.words, step.help, tuple(controls), remove)


def _control(name: str, parameter: Parameter, value: Any, answers: Groups, means: str) -> Control:
    choices = answers if parameter.form is Form.SOURCE else [("", list((parameter.choices or {}).items()))]
    kind = {Form.LINES: "lines", Form.TABLE: "table", Form.ONE_OF: "choice", Form.SOURCE: "choice"}
    label = f"{parameter.label}{means}"
    return Control(name, label, kind.get(parameter.form, "text"), typed(value, parameter.form), choices)


def examples_shown(body: Mapping[str, Any]) -> tuple[tuple[ExampleShown, ...], str]:
    """The examples by name, and as the form carries them."""
    examples = body.get("examples", [])
    shown = (
        ExampleShown(at, str(each.get("name", "")))
        for at, each in enumerate(examples)
        if isinstance(each, Mapping)
    )
    return tuple(shown), json.dumps(examples, ensure_ascii=False)
