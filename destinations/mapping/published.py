"""The mapper in force at a system: read once for each publication, by all that sends or shows."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from destinations.connectors import CONNECTORS
from destinations.mapping.concerning import Cell, tells
from destinations.mapping.evaluating import Mapper, compiled
from destinations.models import Destination
from preferences.catalogue import Catalogue, catalogue
from preferences.models import Revision
from preferences.terms import RevisionKind


def mapper_of(destination: Destination) -> Mapper:
    """What one system is told now: one small query."""
    return mappers_of([destination])[destination.pk]


def mappers_of(destinations: Iterable[Destination]) -> dict[int, Mapper]:
    """The same for several. Until one is published, a connector's own rows count."""
    systems = list(destinations)
    rows = Revision.objects.filter(kind=RevisionKind.MAPPER, key__in={each.slug for each in systems})
    newest = {
        key: (pk, bytes(digest))
        for key, pk, digest in rows.order_by("number").values_list("key", "id", "digest")
    }
    return {
        each.pk: _published(*newest[each.slug]) if each.slug in newest else _default(each.connector)
        for each in systems
    }


def told_of(destinations: Iterable[Destination], cells: Collection[Cell]) -> set[int]:
    """Which of these systems are told of a choice about one of these: two small queries.

    One that is told everything about a person, or whose connector was taken out, counts as told.
    """
    systems = [each for each in destinations if each.connector in CONNECTORS]
    others = {each.pk for each in destinations} - {each.pk for each in systems}
    known, mappers = catalogue(), mappers_of(systems)
    told = (
        each.pk
        for each in systems
        if CONNECTORS[each.connector].wants_snapshot or tells(mappers[each.pk], cells, known)
    )
    return others.union(told)


def told_nowhere(destinations: Iterable[Destination], known: Catalogue) -> dict[str, list[str]]:
    """By category the channels (a use of data has none) of which none of these is told. One query."""
    systems = [*destinations]
    if any(CONNECTORS[each.connector].wants_snapshot for each in systems):
        return {}
    mappers = mappers_of(systems).values()
    cells = [(each.slug, channel) for each in known if not each.retired for channel in each.channels]
    found: dict[str, list[str]] = {}
    for cell in cells:
        if not any(tells(mapper, [cell], known) for mapper in mappers):
            found.setdefault(cell[0], []).append(cell[1])
    return found


def body_of(destination: Destination) -> dict[str, Any]:
    """The rows in force at a system, as staff edit them: one small query."""
    newest = Revision.objects.filter(kind=RevisionKind.MAPPER, key=destination.slug).order_by("-number")
    return next(iter(newest.values_list("body", flat=True)[:1]), None) or default_body(destination.connector)


def default_body(connector: str) -> dict[str, Any]:
    """The mapper that a connector comes with, as staff edit it."""
    return {"connector": connector, "rows": [dict(row) for row in CONNECTORS[connector].rows]}


@lru_cache(maxsize=256)
def _published(pk: int, digest: bytes) -> Mapper:
    """Safe to keep: a publication never changes."""
    return compiled(Revision.objects.values_list("body", flat=True).get(pk=pk)["rows"])


@lru_cache
def _default(connector: str) -> Mapper:
    return compiled(CONNECTORS[connector].rows)
