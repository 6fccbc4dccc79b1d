"""A vendor's own words, of which staff read and records keep only what can be no content (R20)."""

import re

SHOWN = re.compile(r"\*|[A-Za-z][A-Za-z0-9_.:/^-]{0,59}")
NUMBER = re.compile(r"(?:\d[_.:/^-]*){7}")  # so long, it may be a phone's or a record's
HIDDEN = "(not shown)"


def word(said: object) -> str:
    """A name as systems give them: no sentence, address or long number. Anything else is not shown."""
    text = str(said)
    return text if not text or (SHOWN.fullmatch(text) and not NUMBER.search(text)) else HIDDEN
