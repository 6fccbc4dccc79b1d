"""Making properties say less before they leave: nothing here can say more than what came. Pure."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from governance.allowed import AllowedEvent
from governance.matching import Properties, Value, text
from governance.rules import Redaction
from governance.terms import How

DROP = Redaction(How.DROP)
GENERALISED = frozenset({How.PLACE, How.DATE, How.DOMAIN})
RANKS = {How.DROP: 0, How.HASH: 1, How.PLACE: 2, How.DATE: 2, How.DOMAIN: 2, How.TRUNCATE: 3}
# ZIP areas with 20,000 people or fewer by the census of 2000, in guidance to 45 CFR 164.514(b)(2)(i)(B).
SPARSE = frozenset(
    "036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893".split()  # seventeen
)
ZIP = re.compile(r"(\d{3})\d{2}(?:-?\d{4})?")
STATE = re.compile(r"(?:[A-Z]{2}-)?[A-Z]{2}", re.IGNORECASE)
MONTH = re.compile(r"(\d{4})-(\d{2})(?!\d)")
HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)

Digest = Callable[[str], str]  # text -> a code that only one system gets


def strictest(redactions: Collection[Redaction]) -> Redaction:
    """Of the ways to redact one property; two that generalise it differently leave nothing."""
    if len({each.how for each in redactions} & GENERALISED) > 1:
        return DROP
    return min(redactions, key=lambda each: (RANKS[each.how], each.keep))


def redacted(
    properties: Properties, allowed: AllowedEvent, redactions: Mapping[str, Redaction], digest: Digest
) -> dict[str, Value]:
    """What may leave of an event: only what the allow list has, less what is redacted."""
    kept = {path: value for path, value in properties.items() if path in allowed.properties}
    for path, redaction in redactions.items():
        if path in kept:
            less = list(_less(kept.pop(path), redaction, digest))
            if less:
                kept[path] = less[0] if len(less) == 1 and not _many(properties[path]) else less
    return kept


def _many(value: Value) -> bool:
    return isinstance(value, list | tuple)


def _less(value: Value, redaction: Redaction, digest: Digest) -> Iterator[str]:
    for each in value if _many(value) else (value,):
        if each is not None and (said := WAYS[redaction.how](each, redaction, digest)):
            yield said


def _drop(value: Value, redaction: Redaction, digest: Digest) -> str:
    return ""


def _hash(value: Value, redaction: Redaction, digest: Digest) -> str:
    return digest(text(value) or "")


def _truncate(value: Value, redaction: Redaction, digest: Digest) -> str:
    return str(value)[: redaction.keep]


def _domain(value: Value, redaction: Redaction, digest: Digest) -> str:
    """Of an email address, or the host of a URL; nothing where there is neither."""
    said = str(value).strip()
    host = said.rpartition("@")[2] if "@" in said and "//" not in said else _host(said)
    return host.lower() if HOST.fullmatch(host) else ""


def _host(url: str) -> str:
    try:
        return urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""


def _date(value: Value, redaction: Redaction, digest: Digest) -> str:
    """Year and month of a date in ISO 8601; nothing else is recognised as one."""
    found = MONTH.match(str(value).strip())
    return found.group() if found else ""


def _place(value: Value, redaction: Redaction, digest: Digest) -> str:
    """The first three digits of a ZIP code, or a state; a town or an address leaves nothing."""
    said = str(value).strip()
    if found := ZIP.fullmatch(said):
        return "000" if found[1] in SPARSE else found[1]
    return said.upper() if STATE.fullmatch(said) else ""


WAYS: Mapping[How, Callable[[Any, Redaction, Digest], str]] = {
    How.DROP: _drop,
    How.HASH: _hash,
    How.TRUNCATE: _truncate,
    How.DOMAIN: _domain,
    How.DATE: _date,
    How.PLACE: _place,
}
