"""JSON Patch, as far as a server must take it to be told by one: test, add, remove (RFC 6902)."""

from copy import deepcopy
from typing import Any

from destinations.sandbox.exchange import Document


class Refused(Exception):
    """A test that does not hold, or a place that is not there: nothing is changed."""


def patched(document: Document, operations: list[Document]) -> Document:
    """The document with all of it done. Raises Refused."""
    found = deepcopy(document)
    for each in operations:
        *way, last = [part.replace("~1", "/").replace("~0", "~") for part in each["path"].split("/")[1:]]
        try:
            place: Any = found
            for part in way:
                place = place[int(part) if isinstance(place, list) else part]
            _do(each, place, last)
        except (KeyError, IndexError, ValueError, TypeError) as wrong:
            raise Refused(each["path"]) from wrong
    return found


def _do(operation: Document, place: Any, last: str) -> None:
    key: Any = last
    if isinstance(place, list):
        key = len(place) if last == "-" else int(last)
    match operation["op"]:
        case "test":
            if place[key] != operation["value"]:
                raise Refused(operation["path"])
        case "add" if isinstance(place, list):
            place.insert(key, operation["value"])
        case "add":
            place[key] = operation["value"]
        case "remove":
            del place[key]
        case other:
            raise Refused(f"{other} is not taken here")
