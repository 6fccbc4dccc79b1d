"""Segment's HTTP tracking API. https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/"""

import base64
import binascii
import json
from pathlib import Path

from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.tracker import Tracker

FIELDS = {
    "type",
    "event",
    "name",
    "messageId",
    "timestamp",
    "userId",
    "anonymousId",
    "properties",
    "context",
    "traits",
    "integrations",
    "sentAt",
}
BATCH_BYTES, EVENT_BYTES, EVENTS = 500_000, 32_000, 2_500


class SegmentSandbox(Tracker):
    """A key of any other source is taken, and what comes with it is dropped without a word."""

    slug, name, kind = "segment", "Segment", "Events"
    unknown, knows_people = "knows browsers, not people", False

    def __init__(self, path: str | Path = ":memory:", key: str = "wk") -> None:
        super().__init__(path)
        self.key = key

    def refused(self, request: Request) -> Answer | None:
        """Nobody is."""
        return None

    def error(self, status: int, message: str = "") -> Answer:
        """`{"success": false, "message"}`."""
        return Answer(status, {"success": False, "message": message or "refused"})

    @route("POST", "/v1/batch")
    def take(self, request: Request) -> Answer:
        """Yes, unless it is too large or cannot be read at all."""
        if len(request.body) > BATCH_BYTES:
            return self.error(400, "Exceeded the maximum request size")
        try:
            listed = request.document()["batch"]
        except (Unreadable, KeyError):
            return self.error(400, "malformed JSON")
        if not isinstance(listed, list) or len(listed) > EVENTS:
            return self.error(400, "too many")
        if not all(isinstance(each, dict) and not set(each) - FIELDS for each in listed):
            return self.error(400, "unknown field")
        for each in listed if written_with(request) == self.key else []:
            self._keep(each)
        return Answer(200, {"success": True})

    def _keep(self, message: Document) -> None:
        who = message.get("userId") or message.get("anonymousId")
        if not who or len(json.dumps(message)) > EVENT_BYTES:
            return
        name = str(message.get("event") or message.get("name") or message["type"])
        email = str(message.get("context", {}).get("traits", {}).get("email", ""))
        under = [f"user:{who}", *([f"email:{email.lower()}"] if email else [])]
        self.took(message["messageId"], name, message, under)


def written_with(request: Request) -> str:
    """The write key, the user's name of HTTP Basic."""
    try:
        text = base64.b64decode(request.headers.get("authorization", "").partition(" ")[2]).decode()
    except (binascii.Error, ValueError):
        return ""
    return text.partition(":")[0]
