"""Can a mapper be published? Every row from its source through its steps to its target, by type. Pure.

Nothing fails open or turns silently into nothing: an unknown category or path, or a type that cannot fit, is
a problem that names its row.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from destinations.contract import Kind, Target
from destinations.mapping import examples, parameters, privacy
from destinations.mapping.evaluating import compiled, said
from destinations.mapping.naming import check_source
from destinations.mapping.problems import KINDS, Problem, System, Wrong, listed
from destinations.mapping.sources import CONSTANTS, SOURCES
from destinations.mapping.steps import ANSWERS_NEVER, STEPS, TEXT_MAX

ROWS_MAX, STEPS_MAX, BODY_MAX, TARGET_MAX = 200, 10, 200_000, 200
KEYS = {"target", "source", "value", "steps"}

Body = Mapping[str, Any]


def problems(body: Body, system: System) -> list[Problem]:
    """All that must be put right, row by row; of each row the first thing only."""
    try:
        rows = _rows(body)
    except Wrong as wrong:
        return [Problem(0, str(wrong))]
    found = [*_of_rows(rows, system), *_of_paths(rows)]
    if not found:
        found = [
            Problem(0, words) for words in examples.broken(body.get("examples", ()), compiled(rows), system)
        ]
    return sorted(found, key=lambda each: each.row)


def _rows(body: Body) -> Sequence[Body]:
    """The rows, if there are any that can be looked at. Raises Wrong."""
    rows = body.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise Wrong("a mapper is a list of rows")
    if len(rows) > ROWS_MAX:
        raise Wrong(f"a mapper may have {ROWS_MAX} rows at most, and this one has {len(rows):,}")
    if len(json.dumps(dict(body))) > BODY_MAX:
        raise Wrong("this is too much to keep: shorten the tables and examples")
    return rows


def _of_rows(rows: Sequence[Body], system: System) -> Iterator[Problem]:
    for number, row in enumerate(rows, 1):
        try:
            check_row(row, system)
        except Wrong as wrong:
            yield Problem(number, str(wrong))


def check_row(row: Body, system: System) -> None:
    """One row by itself. Raises Wrong with the first thing that must be put right."""
    steps = row.get("steps", [])
    if set(row) - KEYS or not isinstance(steps, list) or not all(isinstance(each, Mapping) for each in steps):
        raise Wrong("this row can't be read: remove it, and add it again")
    target = _target(row.get("target"), system)
    source = check_source(row.get("source"), system)
    _check_constant(source, row.get("value"))
    if len(steps) > STEPS_MAX:
        raise Wrong(f"a row may have {STEPS_MAX} steps at most, and this one has {len(steps)}")
    for step in steps:
        parameters.check_step(step, system)
    privacy.check(row, steps, system)
    gives = _flow(SOURCES[source].gives, steps)
    _check_order(source, steps)
    _check_fit(row, target, gives, system)


def _target(path: Any, system: System) -> Target:
    if not isinstance(path, str) or not path.strip():
        raise Wrong("say which field it fills")
    fits = [each for each in system.connector.targets if each.fits(path)]
    if not fits or len(path) > TARGET_MAX:
        ways = listed(f"{each.example} ({each.words})" for each in system.connector.targets)
        raise Wrong(f"“{path[:80]}” is no field that {system.name} has: write for example {ways}")
    if path.casefold() in {each.casefold() for each in system.reserved}:
        raise Wrong(f"people are found by “{path}” in {system.name}, so nothing may be written there")
    _check_name(path, fits[0], system)
    return fits[0]


def _check_name(path: str, target: Target, system: System) -> None:
    """A slip in a name would fit the shape, and what was told under the right one would be taken back."""
    name = target.named(path)
    known = {*system.catalogue.by_slug, *system.named.get(target.setting, ())}
    if not name or name in known:
        return
    meant = get_close_matches(name, known, n=1)
    hint = f", the nearest is “{path.replace(name, meant[0])}”" if meant else ""
    raise Wrong(f"“{path[:80]}” is no field that {system.name} has: nothing is called “{name}”{hint}")


def _check_constant(source: str, value: Any) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if source == "constant" and not (isinstance(value, str) and 0 < len(value) <= TEXT_MAX):
        raise Wrong(f"write the text that everyone gets, {TEXT_MAX} characters at most")
    if source == "number" and not (is_number and abs(value) <= parameters.NUMBER_MAX):
        raise Wrong("write the number that everyone gets")
    if source not in ("constant", "number") and value not in (None, ""):
        raise Wrong("a text of its own belongs to a row whose source is a text for everyone")


def _flow(kind: Kind, steps: Sequence[Body]) -> Kind:
    """What stands at the end, each step taking what the one before it gives. Raises Wrong."""
    before = "what the row begins with"
    for body in steps:
        step = STEPS[body["do"]]
        if kind not in step.takes:
            needs = KINDS[min(step.takes - {Kind.ANSWER})]
            raise Wrong(f"“{step.words}” needs {needs}, but {before} is {KINDS[kind]}")
        kind, before = step.gives, f"what “{step.words}” gives"
    return kind


def _check_order(source: str, steps: Sequence[Body]) -> None:
    """Who is out must always be said; who was never asked must never be."""
    does = [step["do"] for step in steps]
    never = ANSWERS_NEVER & set(does) if SOURCES[source].is_answer else frozenset()
    if never:
        words = STEPS[min(never)].words
        raise Wrong(f"“{words}” can't stand on an answer: where nobody was asked, nothing is sent")
    if "when" not in does:
        return
    if does.count("when") > 1:
        raise Wrong(f"“{STEPS['when'].words}” may stand in a row once")
    if "default" in does[does.index("when") :]:
        raise Wrong(f"“{STEPS['default'].words}” must stand before “{STEPS['when'].words}”")
    if source not in CONSTANTS and "default" not in does:
        raise Wrong(
            f"“{STEPS['when'].words}” needs a text that is always known, or a no might not be told: "
            f"put “{STEPS['default'].words}” before it"
        )


def _check_fit(row: Body, target: Target, gives: Kind, system: System) -> None:
    source, does = row["source"], [step["do"] for step in row.get("steps", ())]
    is_answer = SOURCES[source.partition(":")[0]].is_answer or "when" in does
    if target.only and not source.startswith(target.only):
        raise Wrong(f"“{row['target']}” is {target.words}: what one category says must not fill it")
    if not is_answer and not target.facts:
        raise Wrong(f"“{row['target']}” is for answers only: it must say no or yes for the person")
    if gives not in target.takes:
        takes = listed(KINDS[each] for each in Kind if each in target.takes)
        raise Wrong(f"“{row['target']}” takes {takes}, but the row ends with {KINDS[gives]}")
    if is_answer and "when" not in does:
        _check_both_ways(row)


def _check_both_ways(row: Body) -> None:
    """A no and a yes that look alike could not be told apart, here or there."""
    no, yes = said(row, denies=True), said(row, denies=False)
    if no == yes:
        raise Wrong(f"no and yes both become “{no}”: the system could not tell them apart")


def _of_paths(rows: Sequence[Body]) -> Iterator[Problem]:
    """Two rows for one field, or a row that would put something inside another's value."""
    filled: dict[str, int] = {}
    paths = [(number, str(row.get("target", "")).casefold()) for number, row in enumerate(rows, 1)]
    for number, path in paths:
        if path in filled:
            yield Problem(number, f"“{rows[number - 1]['target']}” is already filled by row {filled[path]}")
        elif path:
            filled[path] = number
    for number, path in paths:
        parts = path.split(".")
        above = next(
            (".".join(parts[:at]) for at in range(1, len(parts)) if ".".join(parts[:at]) in filled), ""
        )
        if above:
            words = f"it would stand inside “{above}”, which row {filled[above]} fills with one value"
            yield Problem(number, words)
