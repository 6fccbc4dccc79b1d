"""The two forms in which a list leaves: lines of JSON, or CSV. Both end with a line that says *complete*."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from preferences.lists import Complete, Line
from preferences.terms import ANY, IdentifierKind

COLUMNS = ("id", "kind", "value", "category", "channel", "denied", "because", "since")
# What a spreadsheet would calculate (CWE-1236). A phone number begins with + and is none of that.
CALCULATES = re.compile(r"[=\-@\t\r]|\+(?!\d+\Z)")
PIECE = 64 * 1024  # characters: fewer and larger writes


@dataclass(frozen=True, slots=True)
class Form:
    """A way of writing a list down."""

    content_type: str
    write: Callable[[Iterable[Line | Complete]], Iterator[str]]


def ndjson(entries: Iterable[Line | Complete]) -> Iterator[str]:
    """One JSON object a line."""
    for entry in entries:
        written = _end(entry) if isinstance(entry, Complete) else _fields(entry)
        yield json.dumps(written, separators=(",", ":"), ensure_ascii=False) + "\n"


def as_csv(entries: Iterable[Line | Complete]) -> Iterator[str]:
    """RFC 4180 with a head; the last record is `complete`, cursor, rows, as of, and nothing in the rest."""
    yield _record(COLUMNS)
    for entry in entries:
        if isinstance(entry, Complete):
            _, *rest = _end(entry).values()
            yield _record(("complete", *rest, *[""] * (len(COLUMNS) - 1 - len(rest))))
        else:
            yield _record(tuple(_cell(each) for each in _fields(entry).values()))


FORMS: Mapping[str, Form] = {
    "ndjson": Form("application/x-ndjson", ndjson),
    "csv": Form("text/csv; charset=utf-8", as_csv),
}


def in_pieces(written: Iterable[str]) -> Iterator[bytes]:
    """The same text in pieces worth sending."""
    piece = io.StringIO()
    for each in written:
        piece.write(each)
        if piece.tell() >= PIECE:
            yield piece.getvalue().encode()
            piece = io.StringIO()
    yield piece.getvalue().encode()


def _fields(line: Line) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "kind": "profile" if line.kind == IdentifierKind.HEED else line.kind,
        "value": line.value,
        "category": line.category,
        "channel": line.channel or ANY,
        "denied": line.denied,
        "because": line.because or None,
        "since": line.since.isoformat() if line.since else None,
    }


def _end(complete: Complete) -> dict[str, Any]:
    return {
        "complete": True,
        "cursor": complete.cursor,
        "rows": complete.rows,
        "complete_as_of": complete.as_of.isoformat(),
    }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if CALCULATES.match(value) else value


def _record(cells: Iterable[Any]) -> str:
    record = io.StringIO()
    csv.writer(record, lineterminator="\r\n").writerow(cells)
    return record.getvalue()
