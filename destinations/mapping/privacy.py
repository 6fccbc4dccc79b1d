"""What may not go where (R20): identifiers, and categories that tell of a person's health. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from destinations.mapping.problems import System, Wrong
from preferences.catalogue import Category

Body = Mapping[str, Any]


def check(row: Body, steps: Sequence[Body], system: System) -> None:
    """Raises Wrong where a row would tell a system what it must not know."""
    names_somebody = row["source"].partition(":")[0] in ("identifier", "heed")
    if names_somebody and not system.has_agreement:
        raise Wrong(f"record the agreement (BAA) with {system.name} first: this tells it who a person is")
    if not system.is_advertising:
        return
    if names_somebody:
        # A hashed address is still an address: whoever has it can hash it too (FTC, July 24, 2024).
        raise Wrong(
            f"{system.name} is used for advertising: no number or address may go there, hashed or not"
        )
    for category in _told_of(row, steps, system):
        if category.sensitive:
            name = category.in_("en").name
            raise Wrong(f"“{name}” tells of a person's health, and {system.name} is used for advertising")


def _told_of(row: Body, steps: Sequence[Body], system: System) -> Iterator[Category]:
    """Every category that the row draws from, or that its target names."""
    sources = (row["source"], *(str(step.get("answer", "")) for step in steps))
    named = {argument for source in sources for argument in source.split(":")[1:]}
    for slug, category in system.catalogue.by_slug.items():
        if slug in named or slug in row["target"].lower():
            yield category
