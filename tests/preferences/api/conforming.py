"""Every answer in these tests is held against the API's own document: status, content type and shape."""

import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from config.openapi import document

EVERYWHERE = {"405"}  # a method that no document has


@cache
def _paths() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    return [
        (re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "/?"), methods)
        for path, methods in document()["paths"].items()
    ]


def operation(method: str, path: str) -> dict[str, Any] | None:
    """What is documented of a request; None where there is no such route or method."""
    for pattern, methods in _paths():
        if pattern.fullmatch(path.partition("?")[0]):
            found: dict[str, Any] | None = methods.get("get" if method == "HEAD" else method.lower())
            return found
    return None


def fits(value: Any, schema: Any) -> None:
    """Raises ValidationError."""
    rooted = {**schema, "components": document()["components"]}
    Draft202012Validator(rooted, format_checker=FormatChecker()).validate(value)


def conforms(method: str, path: str, answer: Any) -> None:
    """Raises AssertionError, ValidationError."""
    found, status = operation(method, path), str(answer.status_code)
    if found is None or status in EVERYWHERE:
        assert status in {"404", *EVERYWHERE}
        return
    assert status in found["responses"], f"{method} {path} answered {status}, which is not documented"
    content = found["responses"][status].get("content")
    if content is None or method == "HEAD":
        assert not answer.content
        return
    kind = answer.headers["Content-Type"].partition(";")[0]
    assert kind in content
    if kind.endswith("json") and "ndjson" not in kind:
        fits(answer.json(), content[kind]["schema"])
