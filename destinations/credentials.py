"""Credentials of destinations: encrypted as one piece, write-only to everyone but the engine."""

import json
from collections.abc import Mapping

from preferences import keys

OWNER = b"heed:credentials"


def lock(secrets: Mapping[str, str]) -> bytes:
    """Encrypt under the current key; the key's id goes in front."""
    key = keys.current_key()
    sealed = keys.encrypt(key.derive("credentials"), json.dumps(dict(secrets)).encode(), OWNER)
    return key.id.encode() + b"\x00" + sealed


def unlock(locked: bytes) -> dict[str, str]:
    """The credentials. Raises KeyError where HEED_KEYS no longer lists their key."""
    if not locked:
        return {}
    key_id, _, sealed = bytes(locked).partition(b"\x00")
    key = keys.key_by_id(key_id.decode())
    secrets: dict[str, str] = json.loads(keys.decrypt(key.derive("credentials"), sealed, OWNER))
    return secrets
