"""Heed's keys: what is derived from HEED_KEYS, and what they lock.

Each use has its own key, derived by HKDF-SHA-256 (RFC 5869), so that one leaking says nothing of another.
"""

import base64
import os
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE_BYTES = 12
KEY_BYTES = 32
FINGERPRINT = "fingerprint"


@dataclass(frozen=True, slots=True)
class MasterKey:
    """One entry of HEED_KEYS."""

    id: str
    secret: bytes = field(repr=False)

    def derive(self, use: str) -> bytes:
        """The 256-bit key for one use: wrap, fingerprint, link, digest."""
        return _derive(self.secret, use)

    def mac(self, use: str, content: bytes) -> bytes:
        """HMAC-SHA-256 of the content under the key for that use."""
        return _mac(self.secret, use).digest(content)

    def cipher(self, use: str) -> AESGCM:
        """AES-256-GCM under the key for that use."""
        return _cipher(self.secret, use)


@lru_cache(maxsize=64)
def _derive(secret: bytes, use: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"heed:{use}".encode()).derive(secret)


@lru_cache(maxsize=64)
def _cipher(secret: bytes, use: str) -> AESGCM:
    return AESGCM(_derive(secret, use))


@lru_cache(maxsize=64)
def _mac(secret: bytes, use: str) -> "_Mac":
    return _Mac(_derive(secret, use))


class _Mac:
    """HMAC-SHA-256 (RFC 2104) under one key. The key is hashed in once, which is most of the cost."""

    def __init__(self, key: bytes) -> None:
        block = key.ljust(64, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(self, content: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(content)
        outer.update(inner.digest())
        return outer.digest()


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
    for mac in _layers(tuple(settings.HEED_KEYS)):
        digest = mac.digest(digest)
        layers.append(digest)
    return layers


@cache
def _layers(entries: tuple[str, ...]) -> list[_Mac]:
    return [_mac(key.secret, FINGERPRINT) for key in reversed(_parsed(entries))]


def layered(key: MasterKey, digest: bytes) -> bytes:
    """One layer more around a fingerprint: all that a rotation needs."""
    return key.mac(FINGERPRINT, digest)


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
    return Wrapped(key.id, nonce, key.cipher("wrap").encrypt(nonce, data_key, owner))


def unwrap(wrapped: Wrapped, owner: bytes) -> bytes:
    """The data key. Raises InvalidTag where row or key do not belong together."""
    return key_by_id(wrapped.key_id).cipher("wrap").decrypt(wrapped.nonce, wrapped.ciphertext, owner)


def new_data_key() -> bytes:
    return os.urandom(KEY_BYTES)


def encrypt(data_key: bytes, plaintext: bytes, owner: bytes) -> bytes:
    """Nonce and AES-256-GCM ciphertext in one piece."""
    return encrypt_with(AESGCM(data_key), plaintext, owner)


def decrypt(data_key: bytes, ciphertext: bytes, owner: bytes) -> bytes:
    return decrypt_with(AESGCM(data_key), ciphertext, owner)


def encrypt_with(cipher: AESGCM, plaintext: bytes, owner: bytes) -> bytes:
    """The same under a master key's cipher."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plaintext, owner)


def decrypt_with(cipher: AESGCM, ciphertext: bytes, owner: bytes) -> bytes:
    return cipher.decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], owner)


def keyed_digest(use: str, content: bytes) -> bytes:
    """HMAC-SHA-256 under the current key for that use."""
    return current_key().mac(use, content)
