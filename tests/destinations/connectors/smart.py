"""Heed's key at EHRs, for tests; and how it is registered there."""

from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from destinations.assertions import public_key


def pem_of(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


PEM = pem_of(ec.generate_private_key(ec.SECP384R1()))
SIGNS_IN = {"token": "", "client_id": "heed", "private_key": PEM}


def registered(pem: str = PEM, kid: str = "") -> dict[str, Sequence[Mapping[str, Any]]]:
    """A seed: the client, known by the public half of its key."""
    return {"Client": [{"id": "heed", "jwks": {"keys": [public_key(pem, kid)]}}]}
