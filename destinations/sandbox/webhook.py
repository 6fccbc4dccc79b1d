"""An in-house system that takes Heed's own webhook, and believes whatever it heard last.

Signatures: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from pathlib import Path

from destinations.sandbox.addresses import filed_under
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found
from destinations.sandbox.tracker import Tracker
from destinations.sandbox.wording import label

TOLERANCE = 300
SNAPSHOT, HEARD = "snapshot", "heard"
WORDS = {"opted_in": "opted in", "opted_out": "opted out", "never_asked": "never asked"}


class WebhookSandbox(Tracker):
    """Keeps the snapshot that came last, whatever its date, and events. Seed: `snapshots` as Heed sends."""

    slug, name, kind = "webhook", "Front-desk system", "Front desk"

    def __init__(self, path: str | Path = ":memory:", secret: str = "") -> None:
        super().__init__(path)
        self.secret = secret or new_secret()

    def refused(self, request: Request) -> Answer | None:
        """Everything must be signed, and lately."""
        return (
            None if signed(request, self.secret, time.time()) else self.error(401, "signature does not match")
        )

    def error(self, status: int, message: str = "") -> Answer:
        """`{"error": …}`."""
        return Answer(status, {"error": message or f"refused with {status}"})

    @route("POST", "/hooks/heed")
    def hear(self, request: Request) -> Answer:
        """Keep the snapshot, unless this very message (`webhook-id`) was heard before."""
        message = request.document()
        heard = self.store.get(HEARD, request.headers["webhook-id"]) is not None
        if heard or message.get("type") == "heed.ping":
            return Answer(200, {"received": True})
        if message.get("type") == "event.tracked":
            data = message["data"]
            pairs = [(each["kind"], each["value"]) for each in data["identifiers"]]
            self.took(request.headers["webhook-id"], data["event"], data, filed_under(pairs))
            return Answer(200, {"received": True})
        self.store.wrote(self.plant("snapshots", message))
        self.store.put(HEARD, request.headers["webhook-id"], {})
        return Answer(200, {"received": True})

    def found(self, under: list[str]) -> Found:
        """The snapshot of whoever has that identifier."""
        snapshots, happened = self.store.filed(SNAPSHOT, under), super().found(under).record
        record = {**(snapshots[-1] if snapshots else {}), **happened}
        return Found(record, {subject(each["data"]) for each in snapshots})

    def believes(self, record: Document) -> list[Belief]:
        """Category by category, channel by channel."""
        preferences = record.get("data", {}).get("preferences", {})
        held = [
            Belief(label(category, channel), said(held), held.get("allowed"))
            for category, channels in preferences.items()
            for channel, held in channels.items()
        ]
        return held + super().believes(record)

    def plant(self, kind: str, document: Document) -> str:
        """A snapshot, kept for its profile (or for the address that nobody holds)."""
        data = document.get("data")
        if kind != "snapshots" or not isinstance(data, dict) or not subject(data):
            raise Unreadable("a snapshot needs data with a profile or an identifier")
        listed = [*data.get("identifiers", []), data.get("identifier")]
        pairs = [(each.get("kind", ""), each.get("value")) for each in listed if isinstance(each, dict)]
        self.store.put(SNAPSHOT, subject(data), document, filed_under(pairs))
        return subject(data)


def subject(data: Document) -> str:
    """Whom a snapshot is about."""
    who = data.get("profile") or data.get("identifier") or ""
    return who if isinstance(who, str) else json.dumps(who, sort_keys=True)


def said(held: Document) -> str:
    """ "opted out"; "never asked, may be sent"; "opted in, but must not be sent (restriction)"."""
    words = WORDS.get(held.get("state", ""), "unknown")
    if held.get("allowed") and held.get("state") != "opted_in":
        return f"{words}, may be sent"
    if not held.get("allowed") and held.get("state") != "opted_out":
        return f"{words}, must not be sent ({held.get('because', 'no reason given')})"
    return words


def new_secret() -> str:
    """`whsec_` and 24 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def signature(secret: str, message: str, stamp: str, body: bytes) -> str:
    """The `v1` signature of a message: HMAC-SHA-256 over id, timestamp and raw body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{message}.{stamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed.digest()).decode()


def signed(request: Request, secret: str, now: float) -> bool:
    """Whether one of the signatures is right and the message no older (or newer) than five minutes."""
    message, stamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
    if not message or not stamp.isdigit() or abs(now - int(stamp)) > TOLERANCE:
        return False
    right = signature(secret, message, stamp, request.body).encode()
    given = request.headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(right, each.encode()) for each in given)
