"""Proof that a call comes from a vendor: over the raw body, compared in constant time."""

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from destinations.vendors.contract import CLOCKS_DIFFER, NotAuthentic

SECRET_PREFIX = "whsec_"  # noqa: S105 - how they begin


def same(given: str, expected: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())


def of_now(timestamp: str, now: datetime, *, per_second: int = 1) -> None:
    """Raises NotAuthentic where a call was signed more than five minutes ago, or will be."""
    try:
        seconds = int(timestamp) / per_second
    except (ValueError, OverflowError):
        raise NotAuthentic("the timestamp is missing or no number") from None
    if abs(now.timestamp() - seconds) > CLOCKS_DIFFER:
        raise NotAuthentic("signed more than five minutes from now: a replay, or a clock that is wrong")


def standard_webhooks(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: datetime) -> None:
    """Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`, one of several signatures is enough.

    Raises NotAuthentic.
    """
    name, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    of_now(timestamp, now)
    signed = f"{name}.{timestamp}.".encode() + body
    given = [
        each.partition(",")[2] for each in headers.get("webhook-signature", "").split() if each[:3] == "v1,"
    ]
    for secret in filter(None, secrets):
        digest = hmac.digest(_unpacked(secret), signed, "sha256")
        if any(same(each, base64.b64encode(digest).decode()) for each in given):
            return
    raise NotAuthentic("no signature fits: check the secret")


def _unpacked(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise NotAuthentic("the secret on our side is no base64") from None


def ecdsa_p256(public_key: str, signed: bytes, signature: str) -> bool:
    """SendGrid's: a base64 SubjectPublicKeyInfo, and a base64 DER signature with SHA-256."""
    try:
        key = load_der_public_key(base64.b64decode(public_key, validate=True))
        if not isinstance(key, EllipticCurvePublicKey):
            return False
        key.verify(base64.b64decode(signature, validate=True), signed, ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
