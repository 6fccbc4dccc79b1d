"""The allow list: which events may come in, and what of each is kept. Read once per publication."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.db import connection
from django.db.models import Max

from governance.terms import EventClass, PropertyClass
from preferences.models import Revision
from preferences.terms import RevisionKind

Scalar = str | int | float | bool
Value = Scalar | list[Scalar]
SCALARS = (str, int, float, bool)

LONGEST_NAME = 100
# Whatever holds an address, or a number that could be somebody's, is no name.
_NAME = re.compile(r"(?!.*\d{5})[A-Za-z][A-Za-z0-9_ ./:()&+-]*")
_PATH = re.compile(r"(?!.*\d{5})[A-Za-z_$][A-Za-z0-9_$ -]*(\.[A-Za-z_$][A-Za-z0-9_$ -]*)*")


def is_name(text: str) -> bool:
    """Does this look like the name of an event, and not like something said of a person?"""
    return len(text) <= LONGEST_NAME and bool(_NAME.fullmatch(text))


def is_path(text: str) -> bool:
    """Does this look like where a property stands: `value`, `clinic.name`, `context.ip`?"""
    return len(text) <= LONGEST_NAME and bool(_PATH.fullmatch(text))


@dataclass(frozen=True)
class AllowedEvent:
    """One event that may come in, as published: revision `number` of it."""

    name: str
    is_health: bool
    categories: tuple[str, ...]
    properties: Mapping[str, PropertyClass]
    number: int
    what: str = ""
    retired: bool = False

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """The properties that say who somebody is."""
        return self.of(PropertyClass.IDENTIFIER)

    @cached_property
    def health(self) -> frozenset[str]:
        """The properties that say something about somebody's health."""
        return self.of(PropertyClass.HEALTH)

    def of(self, wanted: PropertyClass) -> frozenset[str]:
        """The properties of a class."""
        return frozenset(path for path, kind in self.properties.items() if kind == wanted)


def event_from(body: Mapping[str, Any], number: int = 0) -> AllowedEvent:
    """Read the body of a published revision."""
    return AllowedEvent(
        name=body["name"],
        is_health=body["class"] == EventClass.HEALTH,
        categories=tuple(body["categories"]),
        properties={path: PropertyClass(kind) for path, kind in body["properties"].items()},
        number=number,
        what=body["what"],
        retired=body.get("retired", False),
    )


def events_version() -> int:
    """The newest publication of any event: revisions are only ever added, so this only grows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM preferences_revision WHERE kind = %s", [RevisionKind.EVENT])
        return cursor.fetchone()[0] or 0


@lru_cache(maxsize=8)
def events_at(version: int) -> Mapping[str, AllowedEvent]:
    """The events as published up to that version, retired ones left out. Safe to keep: it never changes."""
    latest = (
        Revision.objects.filter(kind=RevisionKind.EVENT, id__lte=version)
        .values("key")
        .annotate(latest=Max("id"))
        .values("latest")
    )
    rows = Revision.objects.filter(id__in=latest).order_by("key")
    found = (event_from(row.body, row.number) for row in rows)
    return {each.name: each for each in found if not each.retired}


def events() -> Mapping[str, AllowedEvent]:
    """The events that may come in now, by name: one small query."""
    return events_at(events_version())


@lru_cache(maxsize=256)
def event_as(name: str, number: int) -> AllowedEvent | None:
    """An event as one of its revisions had it: what an earlier verdict was made by."""
    row = Revision.objects.filter(kind=RevisionKind.EVENT, key=name, number=number).first()
    return event_from(row.body, number) if row else None


def flat(value: Mapping[str, Any], start: str = "") -> Iterator[tuple[str, Value | None]]:
    """Every property by its path; None for one that can't be kept: a list of objects, a name with a dot.

    What is null or empty says nothing and is left out.
    """
    for name, each in value.items():
        path = f"{start}{name}"
        if "." in name:
            yield path, None
        elif isinstance(each, dict):
            yield from flat(each, f"{path}.")
        elif isinstance(each, list):
            if each:
                yield path, each if all(isinstance(one, SCALARS) for one in each) else None
        elif each is not None:
            yield path, each


def kept(event: AllowedEvent, properties: Mapping[str, Value | None]) -> dict[str, Value]:
    """Of what came with an event, what its publication lists."""
    return {
        path: value for path, value in properties.items() if value is not None and path in event.properties
    }
