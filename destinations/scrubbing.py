"""What of a call and its answer may be kept: nothing that names a person."""

import re

from destinations.contract import Answer

LONGEST = 300
EMAIL = re.compile(r"[^\s\"'<>,;:(){}\[\]]+(?:@|%40)[^\s\"'<>,;:(){}\[\]/?&]+")
NUMBER = re.compile(r"\+?\d[\d\s().-]{2,}\d")
TOKEN = re.compile(r"[A-Za-z0-9_\-.]{24,}")
QUOTED = re.compile(
    r"\"(?:given|family|name|display|text|line|diagnostics)\"\s*:\s*(?:\"[^\"]*\"|\[[^\]]*\])", re.I
)


def scrub(text: str) -> str:
    """Addresses, long numbers, tokens and free-text members taken out."""
    text = QUOTED.sub(lambda found: found[0].split(":")[0] + ': "…"', text)
    text = EMAIL.sub("…@…", text)
    return TOKEN.sub("…", NUMBER.sub("…", text))


def excerpt(answer: Answer) -> str:
    """The beginning of a refusal, scrubbed; a vendor's good answers are about people and are not kept."""
    if answer.ok:
        return ""
    return scrub(answer.body[: LONGEST * 4].decode("utf-8", "replace"))[:LONGEST]


def pattern(path: str) -> str:
    """A path without what it names: no query, no segment with a digit or an address."""
    segments = path.partition("?")[0].split("/")
    return "/".join("*" if re.search(r"\d{3}|@|%40", segment) else segment for segment in segments)
