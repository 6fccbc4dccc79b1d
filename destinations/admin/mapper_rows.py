"""A mapper's body, to and from what its form holds. Pure.

Row 2's third step's table is called `2-2-table`; rows and steps are counted from 0.
"""

import json
import math
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from destinations.mapping.steps import STEPS, Form

Posted = Mapping[str, str]
Body = dict[str, Any]


def body_from(posted: Posted, connector: str) -> Body:
    """What the form says; what can't be read stays as it was typed, for the check to name."""
    body: Body = {"connector": connector, "rows": list(_rows(posted))}
    examples = _examples(posted.get("examples", ""))
    return body | ({"examples": examples} if examples else {})


def _rows(posted: Posted) -> Iterator[Body]:
    for number in count():
        if f"{number}-target" not in posted:
            return
        row: Body = {
            "target": posted[f"{number}-target"].strip(),
            "source": posted.get(f"{number}-source", ""),
        }
        if row["source"] in ("constant", "number"):
            typed = posted.get(f"{number}-value", "")
            row["value"] = typed if row["source"] == "constant" else number_in(typed)
        if steps := list(_steps(posted, f"{number}-")):
            row["steps"] = steps
        yield row


def _steps(posted: Posted, start: str) -> Iterator[Body]:
    for number in count():
        do = posted.get(f"{start}{number}-do")
        if do is None:
            return
        step = STEPS.get(do)
        given = {
            name: _read(posted.get(f"{start}{number}-{name}", ""), parameter.form)
            for name, parameter in (step.parameters if step else {}).items()
        }
        yield {"do": do, **given}


def _read(typed: str, form: Form) -> Any:
    if form is Form.NUMBER:
        return number_in(typed)
    if form is Form.LINES:
        return [line.strip() for line in typed.splitlines() if line.strip()]
    return table_in(typed) if form is Form.TABLE else typed


def number_in(typed: str) -> int | float | str:
    """`1`, `0.5`; anything else as it was typed."""
    try:
        number = float(typed)
    except ValueError:
        return typed
    if not math.isfinite(number):
        return typed
    return int(number) if number.is_integer() else number


def table_in(typed: str) -> list[list[str]] | str:
    """`es = Spanish` a line; as it was typed where a line is none."""
    table: list[list[str]] = []
    for line in filter(None, (each.strip() for each in typed.splitlines())):
        before, equals, after = (part.strip() for part in line.partition("="))
        if not (before and equals and after):
            return typed
        table.append([before, after])
    return table


def typed(value: Any, form: Form) -> str:
    """A parameter as the form shows it."""
    if form is Form.LINES and isinstance(value, list):
        return "\n".join(map(str, value))
    if form is Form.TABLE and isinstance(value, list):
        return "\n".join(" = ".join(map(str, pair)) for pair in value)
    return "" if value is None else str(value)


def _examples(posted: str) -> list[Any]:
    try:
        examples = json.loads(posted or "[]")
    except ValueError:
        return []
    return examples if isinstance(examples, list) else []


# --- what the buttons do ---


def changed(body: Body, act: str, new_step: Posted) -> Body:
    """The body after a button was pressed: `add`, `up:2`, `remove:2`, `step:2`, `unstep:2:0`, `forget:1`."""
    name, *numbers = act.split(":")
    if name == "add":
        return {**body, "rows": [*body["rows"], {"target": "", "source": ""}]}
    places = [int(each) for each in numbers if each.isdecimal()]
    if not places:
        return body
    if name == "forget":
        return {**body, "examples": _without(body.get("examples", []), places[0])}
    return {**body, "rows": _moved(body["rows"], name, places, new_step)}


def _moved(rows: list[Body], name: str, places: list[int], new_step: Posted) -> list[Body]:
    at, row = places[0], rows[places[0]] if places[0] < len(rows) else None
    if row is None:
        return rows
    match name:
        case "remove":
            return _without(rows, at)
        case "up" if at > 0:
            return [*rows[: at - 1], row, rows[at - 1], *rows[at + 1 :]]
        case "step" if (do := new_step.get(f"{at}-new", "")) in STEPS:
            defaults = {name: each.default for name, each in STEPS[do].parameters.items()}
            return _with(rows, at, {**row, "steps": [*row.get("steps", []), {"do": do, **defaults}]})
        case "unstep" if len(places) > 1:
            return _with(rows, at, {**row, "steps": _without(row.get("steps", []), places[1])})
    return rows


def _without(listed: list[Any], at: int) -> list[Any]:
    return listed[:at] + listed[at + 1 :]


def _with(listed: list[Any], at: int, entry: Any) -> list[Any]:
    return [*listed[:at], entry, *listed[at + 1 :]]
