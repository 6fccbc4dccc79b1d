"""Credentials of destinations: encrypted as one piece, write-only to everyone but the engine."""

import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag

from preferences import keys

OWNER = b"heed:credentials"


class Unreadable(Exception):
    """The credentials were locked under a key that HEED_KEYS no longer lists: they must be entered again."""


def lock(secrets: Mapping[str, str]) -> bytes:
    """Encrypt under the current key; the key's id goes in front."""
    key = keys.current_key()
    sealed = keys.encrypt(key.derive("credentials"), json.dumps(dict(secrets)).encode(), OWNER)
    return key.id.encode() + b"\x00" + sealed


def standing(locked: bytes) -> dict[str, str]:
    """The credentials that new ones are added to: none where all must be entered again."""
    try:
        return unlock(locked)
    except Unreadable:
        return {}


def unlock(locked: bytes) -> dict[str, str]:
    """The credentials. Raises Unreadable."""
    if not locked:
        return {}
    key_id, _, sealed = bytes(locked).partition(b"\x00")
    try:
        key = keys.key_by_id(key_id.decode())
        secrets: dict[str, str] = json.loads(keys.decrypt(key.derive("credentials"), sealed, OWNER))
    except (KeyError, ValueError, InvalidTag):
        raise Unreadable from None
    return secrets
