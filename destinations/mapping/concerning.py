"""Which systems a choice is anything to: those whose mapper tells an answer that it is part of. Pure."""

from collections.abc import Collection

from destinations.mapping.evaluating import Mapper
from preferences.catalogue import Catalogue
from preferences.terms import ANY

Cell = tuple[str, str]  # category and channel; a use of data has none, and ANY are all of them


def tells(mapper: Mapper, cells: Collection[Cell], known: Catalogue) -> bool:
    """Would a system with this mapper be told of a choice about one of these?"""
    return any(_tells(row.answer, cells, known) for row in mapper.rows)


def _tells(answer: str, cells: Collection[Cell], known: Catalogue) -> bool:
    name, _, about = answer.partition(":")
    match name:
        case "answer":
            category, _, channel = about.partition(":")
            return _holds(cells, category, channel)
        case "all_out":
            return all(_holds(cells, each.slug, about) for each in known.refusable(about))
    return False


def _holds(cells: Collection[Cell], category: str, channel: str) -> bool:
    return any(slug in (category, ANY) and via in (channel, ANY) for slug, via in cells)
