"""What differs between two publications, as rows that people can read. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Body = Mapping[str, Any]
NAMES = ("channel", "target")  # what an entry of a list is known by, wherever in the list it stands


class Difference(NamedTuple):
    """One place where two bodies differ; None where there is nothing."""

    path: tuple[str, ...]
    before: Any
    after: Any


def difference(before: Body | None, after: Body | None) -> tuple[Difference, ...]:
    """Every place that differs, in the order of the newer body, then what is gone.

    Entries of a list that are known by a name are compared by it, so that a row that was only moved is none.
    """
    return tuple(_differ((), before or {}, after or {}))


def _differ(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Difference]:
    old, new = _parts(before), _parts(after)
    if old is None or new is None:
        if before != after:
            yield Difference(path, before, after)
        return
    for name in [*new, *(each for each in old if each not in new)]:
        yield from _differ((*path, name), old.get(name), new.get(name))


def _parts(value: Any) -> Mapping[str, Any] | None:
    """What something is made of, by name; nothing is made of nothing. None: it can only be compared whole."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    return _named(value) if isinstance(value, list) else None


def _named(entries: Sequence[Any]) -> Mapping[str, Any] | None:
    if not entries:
        return {}
    for name in NAMES:
        if all(isinstance(each, Mapping) and name in each for each in entries):
            by_name = {str(each[name]): each for each in entries}
            return by_name if len(by_name) == len(entries) else None
    return None
