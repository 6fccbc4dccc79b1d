"""Credentials of destinations: encrypted as one piece, write-only to everyone but the engine."""

import json
from collections.abc import Mapping

from destinations.sealing import Unreadable, seal, unseal

USE = "credentials"

__all__ = ["Unreadable", "lock", "standing", "unlock"]


def lock(secrets: Mapping[str, str]) -> bytes:
    """Encrypt under the current key."""
    return seal(json.dumps(dict(secrets)).encode(), USE)


def standing(locked: bytes) -> dict[str, str]:
    """The credentials that new ones are added to: none where all must be entered again."""
    try:
        return unlock(locked)
    except Unreadable:
        return {}


def unlock(locked: bytes) -> dict[str, str]:
    """The credentials. Raises Unreadable: they must be entered again."""
    if not locked:
        return {}
    secrets: dict[str, str] = json.loads(unseal(locked, USE))
    return secrets
