"""What a property says, as text that rules compare. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

Value = Any  # a scalar of JSON, or a list of them
Properties = Mapping[str, Value]


def text(value: Value) -> str | None:
    """A scalar as text: case, space around it and its type make no difference. None says nothing."""
    if isinstance(value, str):
        return value.strip().casefold()
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).casefold()


def texts(value: Value) -> Iterator[str]:
    """All that a property says: a list says each of its elements."""
    for each in value if isinstance(value, list | tuple) else (value,):
        said = text(each)
        if said is not None:
            yield said
