"""Vendors that tell us, as they really sign."""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from destinations.models import Destination, Inbound
from destinations.sandbox.webhook import new_secret
from destinations.services.hearing import hear
from destinations.services.listening import save_inbound

Tell = Callable[..., Any]


@pytest.fixture
def sendgrid(world: Any, client: Client) -> Tell:
    """SendGrid posts these events, signed with its key; then they are read."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    save_inbound(
        slug="sendgrid-events",
        name="SendGrid events",
        vendor="sendgrid",
        settings={"public_key": base64.b64encode(public).decode()},
        secrets={},
        speaks_for_person=True,
        system=Destination.objects.get(slug="sendgrid"),
    )

    def tell(
        *events: dict[str, Any], at: datetime | None = None, spoil: bytes = b"", read: bool = True
    ) -> Any:
        body = json.dumps(events).encode() + b"\r\n"
        timestamp = str(int((at or timezone.now()).timestamp()))
        signature = base64.b64encode(key.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))).decode()
        answer = client.post(
            "/inbound/sendgrid-events",
            body + spoil,
            content_type="application/json",
            headers={
                "X-Twilio-Email-Event-Webhook-Signature": signature,
                "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
            },
        )
        if read:
            hear()
        return answer

    return tell


@pytest.fixture
def dialer(db: None, client: Client) -> Tell:
    """An in-house dialer posts one report, signed by the library of Standard Webhooks; then it is read."""
    secret = new_secret()
    save_inbound(
        slug="dialer",
        name="Dialer",
        vendor="webhook",
        settings={},
        secrets={"secret": secret},
    )

    def tell(
        data: Any, *, name: str = "msg_1", kind: str = "preferences.reported", at: datetime | None = None
    ) -> Any:
        body = json.dumps({"type": kind, "data": data})
        moment = at or timezone.now()
        answer = client.post(
            "/inbound/dialer",
            body,
            content_type="application/json",
            headers={
                "webhook-id": name,
                "webhook-timestamp": str(int(moment.timestamp())),
                "webhook-signature": Webhook(secret).sign(name, moment, body),
            },
        )
        hear()
        return answer

    return tell


@pytest.fixture
def events() -> Callable[[], list[tuple[str, str, str]]]:
    """Every event with what it became."""

    def read() -> list[tuple[str, str, str]]:
        rows = Inbound.objects.values_list(
            "inboundevent__event", "inboundevent__state", "inboundevent__became"
        )
        return [(event, state, became) for event, state, became in rows.order_by("inboundevent") if event]

    return read
