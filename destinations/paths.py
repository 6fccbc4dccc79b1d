"""Dotted paths, for systems whose messages nest. Pure; shared by connectors."""

from collections.abc import Mapping
from typing import Any

from destinations.contract import Field

PATH = r"[A-Za-z_][A-Za-z0-9_-]{0,59}(\.[A-Za-z_][A-Za-z0-9_-]{0,59}){0,5}"


def nested(fields: Mapping[str, Field]) -> dict[str, Any]:
    """`{"contact.language": …}` as it stands in a message. What shall be left alone is not in it."""
    message: dict[str, Any] = {}
    for path, field in fields.items():
        if field.denies is None and not field.fact:
            continue
        *above, last = path.split(".")
        inner = message
        for each in above:
            inner = inner.setdefault(each, {})
        inner[last] = field.value
    return message


def unflattened(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Values by dotted path, as they stand in a message. Where one path leads on from another, it wins."""
    message: dict[str, Any] = {}
    for path, value in sorted(properties.items()):
        *above, last = path.split(".")
        inner = message
        for each in above:
            found = inner.get(each)
            inner[each] = inner = found if isinstance(found, dict) else {}
        inner[last] = value
    return message
