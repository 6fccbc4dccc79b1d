"""Is a step filled in? Against what each step declares. Pure."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from destinations.mapping.naming import check_source
from destinations.mapping.problems import System, Wrong, listed
from destinations.mapping.sources import SOURCES
from destinations.mapping.steps import ENTRIES_MAX, STEPS, TEXT_MAX, Form, Parameter

NUMBER_MAX = 1_000_000_000_000


def check_step(body: Mapping[str, Any], system: System) -> None:
    """Raises Wrong with what is missing, or too much."""
    step = STEPS.get(str(body.get("do")))
    if step is None:
        raise Wrong(f"there is no step “{str(body.get('do'))[:40]}”: choose one from the list")
    if set(body) - {"do"} - set(step.parameters):
        raise Wrong(f"“{step.words}” can't be read: remove the step, and add it again")
    for name, parameter in step.parameters.items():
        where = f"“{step.words}”, {parameter.label.lower()}"
        _check(body.get(name), parameter, where)
        if parameter.form is Form.SOURCE and not SOURCES[check_source(body.get(name), system)].is_answer:
            raise Wrong(f"{where}: choose an answer, something that a person can say no to")
    if body["do"] == "when" and body.get("out", "") == body.get("in", ""):
        raise Wrong(f"“{step.words}” says the same either way: the system could not tell a no from a yes")


def _check(value: Any, parameter: Parameter, where: str) -> None:
    if value in (None, "") and not parameter.required:
        return
    CHECKS[parameter.form](value, parameter, where)


def _text(value: Any, parameter: Parameter, where: str) -> None:
    if not isinstance(value, str) or not value:
        raise Wrong(f"{where}: write a text")
    if len(value) > TEXT_MAX:
        raise Wrong(f"{where}: {TEXT_MAX} characters at most")


def _number(value: Any, parameter: Parameter, where: str) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or abs(value) > NUMBER_MAX:
        raise Wrong(f"{where}: write a number")


def _one_of(value: Any, parameter: Parameter, where: str) -> None:
    choices = parameter.choices or {}
    if value not in choices:
        raise Wrong(f"{where}: choose {listed(choices.values())}")


def _lines(value: Any, parameter: Parameter, where: str) -> None:
    if not isinstance(value, list) or not value:
        raise Wrong(f"{where}: write one entry a line")
    _bounded(value, where)
    for each in value:
        _text(each, parameter, where)


def _table(value: Any, parameter: Parameter, where: str) -> None:
    pairs: list[Any] = value if isinstance(value, list) else []
    if not pairs or not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        raise Wrong(f"{where}: write one line for each text: what it is = what it becomes")
    _bounded(pairs, where)
    for each in (text for pair in pairs for text in pair):
        _text(each, parameter, where)
    seen: set[str] = set()
    for before, _ in pairs:
        if before in seen:
            raise Wrong(f"{where}: “{before}” stands there twice")
        seen.add(before)


def _bounded(value: Any, where: str) -> None:
    if len(value) > ENTRIES_MAX:
        raise Wrong(f"{where}: {ENTRIES_MAX} entries at most, and there are {len(value):,}")


def _source(value: Any, parameter: Parameter, where: str) -> None:
    if not isinstance(value, str) or not value:
        raise Wrong(f"{where}: choose an answer")


CHECKS: Mapping[Form, Callable[[Any, Parameter, str], None]] = {
    Form.TEXT: _text,
    Form.NUMBER: _number,
    Form.ONE_OF: _one_of,
    Form.LINES: _lines,
    Form.TABLE: _table,
    Form.SOURCE: _source,
}
