"""Heed's keys: what is derived from HEED_KEYS, and what they lock.

Each use has its own key, derived by HKDF-SHA-256 (RFC 5869), so that one leaking says nothing of another.
"""

import base64
import hmac
import os
from dataclasses import dataclass, field
from functools import cache, lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE_BYTES = 12
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class MasterKey:
    """One entry of HEED_KEYS."""

    id: str
    secret: bytes = field(repr=False)

    def derive(self, use: str) -> bytes:
        """The 256-bit key for one use: wrap, fingerprint, link, digest."""
        return _derive(self.secret, use)


@lru_cache(maxsize=64)
def _derive(secret: bytes, use: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"heed:{use}".encode()).derive(secret)


def parse_keys(entries: list[str]) -> tuple[MasterKey, ...]:
    """Read `id:base64` entries, the current key first. Raises ValueError with a remedy."""
    keys = []
    for entry in entries:
        name, _, encoded = entry.partition(":")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except ValueError:
            secret = b""
        if not name or len(secret) != KEY_BYTES:
            raise ValueError("each key is `id:base64` of 32 random bytes")
        keys.append(MasterKey(name, secret))
    if not keys:
        raise ValueError("no key is set")
    if len({key.id for key in keys}) != len(keys):
        raise ValueError("two keys have the same id")
    return tuple(keys)


@cache
def _parsed(entries: tuple[str, ...]) -> tuple[MasterKey, ...]:
    return parse_keys(list(entries))


def master_keys() -> tuple[MasterKey, ...]:
    """All keys, the current one first."""
    return _parsed(tuple(settings.HEED_KEYS))


def current_key() -> MasterKey:
    """The key under which everything new is written."""
    return master_keys()[0]


def key_by_id(key_id: str) -> MasterKey:
    """Raises KeyError where HEED_KEYS no longer lists it."""
    for key in master_keys():
        if key.id == key_id:
            return key
    raise KeyError(f"HEED_KEYS no longer lists the key {key_id}")


# --- fingerprints: an onion, so that rotation needs no plaintext ---


def generation() -> int:
    """How many layers a fingerprint made now has."""
    return len(master_keys())


def fingerprints(kind: str, namespace: str, value: str) -> list[bytes]:
    """The fingerprint at every generation, the oldest first; the last one is what is written now."""
    digest = f"{kind}|{namespace}|{value}".encode()
    layers = []
    for key in reversed(master_keys()):
        digest = layered(key, digest)
        layers.append(digest)
    return layers


def layered(key: MasterKey, digest: bytes) -> bytes:
    """One layer more around a fingerprint: all that a rotation needs."""
    return hmac.digest(key.derive("fingerprint"), digest, "sha256")


def fingerprint(kind: str, namespace: str, value: str) -> bytes:
    """HMAC-SHA-256 of kind|namespace|value, layer by layer with the oldest key innermost."""
    return fingerprints(kind, namespace, value)[-1]


# --- data keys: one per identifier and one per person's evidence, so that each can be destroyed ---


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key locked under a master key."""

    key_id: str
    nonce: bytes
    ciphertext: bytes


def wrap(data_key: bytes, owner: bytes) -> Wrapped:
    """Lock a data key; the owner's row id is authenticated with it, so rows can't be swapped."""
    key, nonce = current_key(), os.urandom(NONCE_BYTES)
    return Wrapped(key.id, nonce, AESGCM(key.derive("wrap")).encrypt(nonce, data_key, owner))


def unwrap(wrapped: Wrapped, owner: bytes) -> bytes:
    """The data key. Raises InvalidTag where row or key do not belong together."""
    wrapping = AESGCM(key_by_id(wrapped.key_id).derive("wrap"))
    return wrapping.decrypt(wrapped.nonce, wrapped.ciphertext, owner)


def new_data_key() -> bytes:
    return os.urandom(KEY_BYTES)


def encrypt(data_key: bytes, plaintext: bytes, owner: bytes) -> bytes:
    """Nonce and AES-256-GCM ciphertext in one piece."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(data_key).encrypt(nonce, plaintext, owner)


def decrypt(data_key: bytes, ciphertext: bytes, owner: bytes) -> bytes:
    return AESGCM(data_key).decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], owner)


def keyed_digest(use: str, content: bytes) -> bytes:
    """HMAC-SHA-256 under the current key for that use."""
    return hmac.digest(current_key().derive(use), content, "sha256")
