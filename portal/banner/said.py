"""What a browser posts: read strictly, since anybody can read its key out of the page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from preferences.api import moments
from preferences.clock import Moment
from preferences.errors import Forbidden, Malformed

KNOWN = {"key", "anonymousId", "messageId", "timestamp", "sentAt", "choices", "despite", "signal", "shown"}
MOST = 50  # categories


@dataclass(frozen=True, slots=True)
class Posted:
    """What a visitor chose, and on which wording."""

    key: str
    browser: str
    message_id: str
    occurred: Moment
    choices: Mapping[str, bool]
    despite: frozenset[str]
    signal: bool
    shown: str
    problems: tuple[str, ...]


def read(raw: bytes, now: datetime) -> Posted:
    """Raises Malformed, and Forbidden where it names more than a browser."""
    body = _object(raw)
    if others := sorted(body.keys() - KNOWN):
        raise Forbidden(
            "this key is for browsers: send nothing that names a person, and nothing but "
            f"{', '.join(sorted(KNOWN))}",
            unknown=[each[:50] for each in others[:10]],
        )
    occurred, problems = moments.occurred(body, body.get("sentAt"), now)
    return Posted(
        key=_text(body, "key"),
        browser=_browser(_text(body, "anonymousId")),
        message_id=_text(body, "messageId"),
        occurred=occurred,
        choices=_choices(body.get("choices")),
        despite=frozenset(_slugs(body.get("despite", []))),
        signal=body.get("signal") is True,
        shown=_text(body, "shown"),
        problems=problems,
    )


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(raw)
        json.dumps(body, ensure_ascii=False).encode()  # half a character is JSON, and can't be kept
    except (ValueError, RecursionError):
        raise Malformed("the body must be a JSON object") from None
    if not isinstance(body, dict):
        raise Malformed("the body must be a JSON object")
    return body


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > 200 or "\0" in value:
        raise Malformed(f"{name} must be a short text", key=name)
    return value


def _browser(text: str) -> str:
    """Made at random by the browser: nothing else may stand there, an email address for instance."""
    try:
        return str(UUID(text))
    except ValueError:
        raise Malformed("anonymousId must be a UUID", key="anonymousId") from None


def _choices(value: object) -> dict[str, bool]:
    if (
        not isinstance(value, dict)
        or len(value) > MOST
        or not all(isinstance(each, bool) for each in value.values())
    ):
        raise Malformed("choices must be an object of categories with true or false", key="choices")
    return value


def _slugs(value: object) -> list[str]:
    if not isinstance(value, list) or len(value) > MOST or not all(isinstance(each, str) for each in value):
        raise Malformed("despite must be a list of categories", key="despite")
    return value
