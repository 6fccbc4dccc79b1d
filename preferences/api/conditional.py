"""Answers with an ETag: not sent twice (304), and not written over by who has not seen them (412)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from preferences.api.door import Door, answer

KEEP_AND_ASK = {"Cache-Control": "private, no-cache"}  # may be kept by the caller, who asks before using it


def etag(body: Mapping[str, Any]) -> str:
    """A strong validator: it changes whenever the answer would."""
    return f'"{hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]}"'


def answer_unless_known(
    door: Door, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """The answer, or 304 where the caller has it (RFC 9110, section 13.1.2)."""
    tag = etag(body)
    door.headers.update({**KEEP_AND_ASK, **(headers or {}), "ETag": tag})
    if listed(tag, door.request.META.get("HTTP_IF_NONE_MATCH", ""), weakly=True):
        return HttpResponse(status=304)
    return answer(body)


def listed(tag: str, header: str, *, weakly: bool) -> bool:
    """Is this tag among those that a header lists? `W/` counts for reading, never for writing."""
    tags = {each.strip() for each in header.split(",")}
    return "*" in tags or tag in tags or (weakly and f"W/{tag}" in tags)
