"""A client's proof of who it is: a JWT that it signs with its own private key (RFC 7523). Pure."""

import json
from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

LIFE = 240  # seconds: SMART allows 300, and the other side's clock may be behind
MADE_OF = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}  # RFC 7638, section 3.2


def assertion(pem: str, client_id: str, audience: str, now: datetime, kid: str = "") -> str:
    """Once only, for one audience, signed as SMART wants it: RS384 or ES384. Raises ValueError in words."""
    key = private_key(pem)
    claims = {"iss": client_id, "sub": client_id, "aud": audience, "jti": uuid4().hex}
    algorithm = "RS384" if isinstance(key, RSAPrivateKey) else "ES384"
    named = {"kid": kid or str(public_key(pem)["kid"])}
    return jwt.encode({**claims, "exp": int(now.timestamp()) + LIFE}, key, algorithm, headers=named)


def public_key(pem: str, kid: str = "") -> dict[str, Any]:
    """The half of it that others may have, as a JWK (RFC 7517). Raises ValueError in words.

    `kid`: its name; else its thumbprint (RFC 7638), which a new key changes by itself.
    """
    key = private_key(pem)
    if isinstance(key, RSAPrivateKey):
        jwk, algorithm = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "RS384"
    else:
        jwk, algorithm = ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "ES384"
    parts = {name: jwk[name] for name in MADE_OF[jwk["kty"]]}
    return {**parts, "kid": kid or thumbprint(parts), "alg": algorithm, "use": "sig"}


def thumbprint(parts: dict[str, Any]) -> str:
    told = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return urlsafe_b64encode(sha256(told.encode()).digest()).rstrip(b"=").decode()


def private_key(pem: str) -> RSAPrivateKey | EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem.strip().encode(), None)
    except (ValueError, TypeError) as wrong:
        raise ValueError(
            "the private key cannot be read: paste it whole, as PEM without a password"
        ) from wrong
    if isinstance(key, RSAPrivateKey) and key.key_size >= 2048:
        return key
    if isinstance(key, EllipticCurvePrivateKey) and key.curve.name == "secp384r1":
        return key
    raise ValueError("the private key must be RSA of 2048 bits or more, or on the curve P-384")
