"""Where a described call goes and what it says: paths into bodies, placeholders. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

PATH = r"[A-Za-z_$][A-Za-z0-9_-]{0,59}(\[\d{1,2}\])?(\.[A-Za-z_$][A-Za-z0-9_-]{0,59}(\[\d{1,2}\])?){0,5}"
PLACEHOLDER = re.compile(r"\{(address|email|phone|mrn|id)\}")
METHODS = ("POST", "PUT", "PATCH")
MISSING = object()

Values = Mapping[str, str]  # what stands for each placeholder


def named_in(text: str) -> set[str]:
    """The placeholders in a text."""
    return set(PLACEHOLDER.findall(text))


def pattern(path: str) -> str:
    """The path as the allow-list has it: one placeholder, one segment."""
    return PLACEHOLDER.sub("*", path.partition("?")[0])


def path_for(path: str, values: Values) -> str:
    """The path to one record. Raises ValueError where a value would lead elsewhere."""

    def segment(found: re.Match[str]) -> str:
        value = values[found[1]]
        if path[: found.start()].endswith("'"):  # OData ends a key at an apostrophe unless there are two
            value = value.replace("'", "''")
        return quote(value, safe="").replace("..", "%2E%2E")

    filled = PLACEHOLDER.sub(segment, path)
    if {".", "..", "%2E%2E"} & set(filled.partition("?")[0].split("/")):
        raise ValueError("a number that is no name for a record")
    return filled


def body_of(lines: Mapping[str, str], values: Values, says: Mapping[str, Any]) -> dict[str, Any]:
    """About one record: lines whose placeholders are known, and what the mapper's rows say."""
    known = {path: text for path, text in lines.items() if named_in(text) <= set(values)}
    return placed([*((path, value_of(text, values)) for path, text in known.items()), *says.items()])


def value_of(text: str, values: Values) -> Any:
    """A constant is JSON where it can be read as such, so that a list's number is a number."""
    if named_in(text):
        return PLACEHOLDER.sub(lambda found: values[found[1]], text)
    try:
        return json.loads(text)
    except ValueError:
        return text


def placed(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """`{"people[0].name": …}` as it stands in a body. Raises ValueError where two values meet."""
    whole: dict[Any, Any] = {}
    for path, value in pairs:
        *above, last = _steps(path)
        inner: Any = whole
        for each in above:
            inner = inner.setdefault(each, {}) if isinstance(inner, dict) else None
        if not isinstance(inner, dict) or last in inner:
            raise ValueError(f"two values meet at {path}")
        inner[last] = value
    told: dict[str, Any] = _with_lists(whole)
    return told


def _steps(path: str) -> list[str | int]:
    return [int(each) if each.isdigit() else each for each in re.findall(r"[^.\[\]]+", path)]


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(isinstance(key, int) for key in value):
        return [_with_lists(value[key]) for key in sorted(value)]
    return {key: _with_lists(inner) for key, inner in value.items()}


def found_at(path: str, value: Any) -> Any:
    """What stands there in an answer, else MISSING."""
    for step in _steps(path):
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return value
