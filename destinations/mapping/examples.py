"""Examples that a mapper is kept with: given this person, expect this payload. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from destinations.contract import Field
from destinations.mapping.evaluating import Mapper
from destinations.mapping.problems import System, Wrong
from destinations.mapping.samples import check_person, view_of
from destinations.mapping.view import View

EXAMPLES_MAX, NAME_MAX = 50, 100


def payload(mapper: Mapper, view: View) -> dict[str, Any]:
    """What each field would say; what is left alone, or that nobody was asked about, is not in it."""
    return {target: field.value for target, field in mapper.fields(view).items() if _is_told(field)}


def _is_told(field: Field) -> bool:
    return field.denies is not None or field.fact


def broken(examples: Any, mapper: Mapper, system: System) -> Iterator[str]:
    """In words, each example that does not hold, or can't be read."""
    if not isinstance(examples, list | tuple) or len(examples) > EXAMPLES_MAX:
        yield f"a mapper may have {EXAMPLES_MAX} examples at most"
        return
    for example in examples:
        try:
            _check(example, mapper, system)
        except Wrong as wrong:
            yield str(wrong)


def _check(example: Any, mapper: Mapper, system: System) -> None:
    if not isinstance(example, Mapping) or set(example) != {"name", "person", "expect"}:
        raise Wrong("an example has a name, a person, and what is expected for them")
    name = str(example["name"]).strip()
    if not name or len(name) > NAME_MAX or not isinstance(example["expect"], Mapping):
        raise Wrong(f"an example has a name, {NAME_MAX} characters at most, and says what is expected")
    try:
        check_person(example["person"], system)
    except Wrong as wrong:
        raise Wrong(f"example “{name}”: {wrong}") from None
    view = view_of(example["person"], system.connector, system.catalogue, system.authority)
    _compare(name, example["expect"], payload(mapper, view))


def _compare(name: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    for target in [*expected, *(each for each in found if each not in expected)]:
        should, would = expected.get(target), found.get(target)
        if (type(should), should) != (type(would), would):
            raise Wrong(
                f"example “{name}”: “{target}” would say {said(would)}, but {said(should)} is expected"
            )


def said(value: Any) -> str:
    """A value as staff read it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"“{', '.join(value)}”" if isinstance(value, list) else f"“{value}”"
