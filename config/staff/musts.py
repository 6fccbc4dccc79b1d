"""What each system must hold about a person now, in words: the same rows that the engine sends."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from config.staff.selectors import Around, Known
from config.staff.words import Mark
from destinations.connectors import CONNECTORS
from destinations.mapping import Mapper, View
from destinations.mapping.published import mappers_of
from destinations.mapping.wording import source_words
from destinations.models import Propagation
from preferences.catalogue import Catalogue

EVERYTHING = Mark("All that holds for this person")


def musts(rows: Sequence[Propagation], known: Known, around: Around) -> dict[UUID, tuple[Mark, ...]]:
    """Per propagation; nothing where nobody was asked, or where the kind of system is no longer supported."""
    systems = {row.destination for row in rows if row.destination.connector in CONNECTORS}
    mappers = mappers_of(systems)
    return {row.pk: tuple(_must(row, known, around, mappers)) for row in rows}


def _must(row: Propagation, known: Known, around: Around, mappers: Mapping[int, Mapper]) -> Iterator[Mark]:
    connector = CONNECTORS.get(row.destination.connector)
    view = _view(row.identifier_id, known, around)
    if connector is None or view is None:
        return
    if connector.wants_snapshot and view.address is None:
        yield EVERYTHING
    yield from _held(mappers[row.destination_id], view)


def _view(identifier: UUID, known: Known, around: Around) -> View | None:
    """Who stands behind a row; nobody behind that of somebody who was merged into this person."""
    if identifier == known.profile.pk:
        return View([(known.person, True)], None, known.catalogue, known.rules)
    for held in known.person.held:
        if held.id == identifier:
            standing = around.holders.get(identifier, {})
            people = [(around.people[who], current) for who, current in standing.items()]
            return View(people, held, known.catalogue, known.rules)
    return None


def _held(mapper: Mapper, view: View) -> Iterator[Mark]:
    for row in mapper.rows:
        field = row.field(view)
        if field is not None and field.denies is not None:
            yield _mark(row.source, field.denies, view.catalogue)


def _mark(source: str, denies: bool, catalogue: Catalogue) -> Mark:
    words, tone = source_words(source, catalogue), "bad" if denies else "good"
    if source.startswith("answer:"):
        return Mark(f"{'No' if denies else 'Yes'} to {words}", tone)
    # Only `all_out` is ever lifted: once one of its categories is wanted, not everything is refused.
    return Mark(words if denies else words.replace("No to everything", "Yes to something"), tone)
