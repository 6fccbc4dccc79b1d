"""Signed webhooks. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from destinations.contract import (
    Answer,
    By,
    Call,
    Checked,
    Connector,
    Delivery,
    Done,
    Forwarded,
    Kind,
    Later,
    Probe,
    Reason,
    Refused,
    Setting,
    Settings,
    Stranger,
    Stuck,
    Target,
    Wanted,
    ask,
    by_status,
)
from destinations.paths import PATH, nested, unflattened


class Webhook(Connector):
    """Everything Heed knows of one person's wishes, POSTed to an endpoint of the receiver's own."""

    slug, name = "webhook", "Signed webhook"
    channels = frozenset({"email", "sms", "phone", "mail", "push"})
    addresses = By.PERSON
    wants_snapshot = wants_unheld = takes_events = True
    stranger = Stranger.CREATE
    calls_a_row = 1
    probe_sends = "a signed event of type “heed.ping”, which says nothing about anybody"
    settings = {
        "base_url": Setting("Endpoint", "The whole URL that is posted to"),
        "secret": Setting(
            "Signing secret", "whsec_…; during a rotation both, with a space between", secret=True
        ),
    }
    may_call = ("POST ",)  # the endpoint itself, nothing below it
    targets = (
        Target(
            PATH,
            "contact.language",
            "a field of the receiver's own, in `data.fields` beside what every message holds",
            frozenset(Kind) - {Kind.DATE},
            facts=True,
        ),
    )

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # A repeat after a lost answer carries the same webhook-id, by which the receiver knows it.
        for wanted in batch:
            message = f"{wanted.id}.{wanted.counter}.{wanted.digest[:16]}"
            try:
                own = {"fields": nested(wanted.fields)} if wanted.fields else {}
                told = {"type": "preferences.changed", "data": {**wanted.snapshot, **own}}
                call = signed(message, told, wanted.now, settings.secret.split() or [""])
            except ValueError as words:
                yield wanted.is_(Stuck(Reason.REJECTED_CONFIG, str(words)))
                continue
            answer = yield from ask(replace(call, claims={wanted.id: wanted.held}))
            yield wanted.is_(Done() if answer.ok else by_status(answer, wanted.now))

    def forward(self, batch: Sequence[Forwarded], settings: Settings) -> Delivery:
        """Events as they came, one message each, under the event's own id."""
        for event in batch:
            try:
                call = signed(event.id, told_of(event), event.now, settings.secret.split() or [""])
            except ValueError as words:
                yield event.is_(Stuck(Reason.REJECTED_CONFIG, str(words)))
                continue
            answer = yield from ask(replace(call, claims={event.id: {}}))
            outcome = Done() if answer.ok else by_status(answer, event.now)
            yield event.is_(outcome)
            if isinstance(outcome, Later):
                return

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        return Answer(204)

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        try:
            call = signed(
                f"ping.{uuid4()}", {"type": "heed.ping", "data": {}}, now, settings.secret.split() or [""]
            )
        except ValueError as words:
            raise Refused(Stuck(Reason.REJECTED_CONFIG, str(words))) from None
        answer = yield from ask(call)
        if not answer.ok:
            raise Refused(by_status(answer, now))
        return [Checked(True, f"The endpoint took a signed event (HTTP {answer.status}).")]


def told_of(event: Forwarded) -> dict[str, Any]:
    """`event.tracked`: what happened, to whom, and what they said about uses of their data."""
    data = {
        "event": event.name,
        "kind": event.kind,
        "occurred_at": event.occurred_at.isoformat(),
        "identifiers": [
            {"kind": each.kind, "namespace": each.namespace, "value": each.value}
            for each in event.identifiers
        ],
        "properties": unflattened(event.properties),
        "consents": dict(event.consents),
        "jurisdiction": event.jurisdiction,
    }
    return {"type": "event.tracked", "data": data}


def signed(message: str, told: Mapping[str, Any], now: datetime, secrets: Sequence[str]) -> Call:
    """The POST, whose signed bytes are the ones sent."""
    content = {"type": told["type"], "id": message, "timestamp": now.isoformat(), "data": told["data"]}
    body = json.dumps(content, separators=(",", ":")).encode()
    stamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signature(secret, message, stamp, body) for secret in secrets),
    }
    return Call("POST", "", body=body, headers=headers)


def signature(secret: str, message: str, stamp: str, body: bytes) -> str:
    """`v1,` and the HMAC-SHA-256 over id, timestamp and body, each joined by a full stop."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise ValueError("the signing secret must be whsec_ and base64")
    digest = hmac.new(key, f"{message}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
