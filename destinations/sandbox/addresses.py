"""One spelling per address, so that what was filed under one is found by another."""

import re
from collections.abc import Iterable


def filed_as(kind: str, value: object) -> str:
    """`email:ana@example.org`, `phone:+15550100123`, `mrn:4711`: how a document is filed and found."""
    text = str(value).strip()
    if kind == "email":
        text = text.lower()
    elif kind == "phone":
        digits = re.sub(r"\D", "", text)
        text = f"+1{digits}" if len(digits) == 10 and not text.startswith("+") else f"+{digits}"
    return f"{kind}:{text}"


def filed_under(pairs: Iterable[tuple[str, object]]) -> list[str]:
    """The spellings of those (kind, value) that have a value."""
    return sorted({filed_as(kind, value) for kind, value in pairs if value})
