"""What comes over the wire and what goes back, as plain values: a vendor's file reads like its manual."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any
from urllib.parse import parse_qs

Document = dict[str, Any]
JSON = "application/json"


class Unreadable(Exception):
    """The body is not what the vendor's API takes; the words are for the caller."""


@dataclass(frozen=True)
class Request:
    """One call as it arrived; `partial` (a fault) asks that only half of a batch's items be taken."""

    method: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    partial: bool = False

    def asked(self, name: str) -> str:
        """The first value of a query parameter, or nothing."""
        return next(iter(self.query.get(name, [])), "")

    def document(self) -> Document:
        """The JSON object in the body."""
        found = self.json()
        if not isinstance(found, dict):
            raise Unreadable("the body must be a JSON object")
        return found

    def json(self) -> Any:
        """The JSON value in the body."""
        try:
            return json.loads(self.body or b"null")
        except ValueError as error:
            raise Unreadable("the body is not JSON") from error

    def form(self) -> dict[str, str]:
        """The form in the body, first values only."""
        fields = parse_qs(self.body.decode(errors="replace"))
        return {name: values[0] for name, values in fields.items()}

    def bearer(self) -> str:
        """The bearer token, or nothing."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True)
class Answer:
    """What goes back: a JSON value (or ready bytes, or nothing), and how badly the wire treats it."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON
    drip_ms: int = 0
    hold: Event | None = None  # never answered; the connection closes once this is set or the caller left

    def content(self) -> bytes:
        """The bytes of the body."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
