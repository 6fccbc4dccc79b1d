"""Lists come in pages: how long a page is, and where the next one begins."""

from collections.abc import Mapping

from preferences.errors import Malformed

MOST = 1000


def limit_of(query: Mapping[str, str]) -> int:
    """How many a page has, as the query says. Raises Malformed."""
    limit = whole(query, "limit")
    if limit is None:
        return MOST
    return checked(limit)


def checked(limit: int) -> int:
    """Raises Malformed."""
    if not 1 <= limit <= MOST:
        raise Malformed(f"limit must be a whole number from 1 to {MOST}", key="limit")
    return limit


def whole(query: Mapping[str, str], name: str) -> int | None:
    """A whole number in the query. Raises Malformed."""
    text = query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Malformed(f"{name} must be a whole number", key=name)
    return int(text)
