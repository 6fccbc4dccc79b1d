"""What must never stand in a log, and how it is taken out: addresses, numbers, tokens, keys, query strings.

The patterns would rather take too much than too little. Names can't be told from other words:
keep them out of messages.
"""

import re
from collections.abc import Mapping
from functools import partial

# What a field with one of these names holds is never written, whatever it looks like.
UNSPEAKABLE = frozenset(
    {"address", "addresses", "anonymous_id", "authorization", "body", "code", "cookie", "device", "email"}
    | {
        "external_id",
        "first_name",
        "identifier",
        "identifiers",
        "key",
        "last_name",
        "message_text",
        "mrn",
        "name",
    }
    | {
        "number",
        "password",
        "patient",
        "payload",
        "phone",
        "recipient",
        "secret",
        "sender",
        "text",
        "to",
        "token",
    }
    | {"traits", "userid", "value"}
)
HIDDEN = "[hidden]"
PHONE_DIGITS = range(7, 32)  # a number this long may be a phone's or a medical record's
LONGEST_PLAIN_INTEGER = 10**9

# Left alone although they are long numbers: UUIDs and points in time.
_UUID = r"(?<![0-9A-Za-z])[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?![0-9A-Za-z])"
_TIME = (
    r"(?<![\d+])(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)"
    r"(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
_NUMBER = r"(?<![0-9A-Za-z_])\+?\(?\d(?:[\s().\-/]{0,2}\d)+(?![0-9A-Za-z_])"
_NUMBERS = re.compile(f"(?P<kept>{_UUID}|{_TIME})|(?P<number>{_NUMBER})", re.IGNORECASE)

# Tried from where such letters begin only: from each of them anew, a long path took a second of its process.
_LETTER = r"[^\s@<>\"'(),;:=\[\]{}|/?&]"

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"://[^\s/@]+@"), "://[credentials]@"),
    (re.compile(f"(?<!{_LETTER}){_LETTER}+(?:@|%40){_LETTER}+", re.IGNORECASE), "[email]"),
    (re.compile(r"\b(Bearer|Basic)\s+[^\s\"']+", re.IGNORECASE), r"\1 [key]"),
    (re.compile(r"\bheed_([A-Za-z0-9]{8})_[A-Za-z0-9_\-]+"), r"heed_\1_[key]"),
    (re.compile(r"/(p|u)/[^\s/?#\"'<>&]+"), r"/\1/[token]"),
    (re.compile(r"(?<=[\w/.\-%\]])\?[^\s\"'<>]+"), "?[query]"),
    # PostgreSQL repeats the row that it refused: "DETAIL:  Key (slug)=(…) already exists."
    (re.compile(r"\bDETAIL:.*"), "DETAIL: [hidden]"),
)


def scrub(text: str) -> str:
    """The same text without anything that could lead to a person."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return _NUMBERS.sub(_without_number, text)


def _without_number(match: re.Match[str]) -> str:
    digits = sum(character.isdigit() for character in match.group())
    return match.group() if match.group("kept") or digits not in PHONE_DIGITS else "[number]"


def scrub_value(value: object, name: str = "") -> object:
    """The same for anything that a log record may carry, to be written as JSON."""
    if name.lower() in UNSPEAKABLE and value is not None:
        return HIDDEN
    match value:
        case None | bool() | float():
            return value
        case int():
            return value if abs(value) < LONGEST_PLAIN_INTEGER else "[number]"
        case Mapping():
            return {scrub(str(key)): scrub_value(item, str(key)) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return list(map(partial(scrub_value, name=name), value))
        case _:
            return scrub(str(value))
