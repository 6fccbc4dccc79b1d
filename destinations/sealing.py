"""Small things locked under a master key as one piece: credentials, and what vendors sent us."""

from cryptography.exceptions import InvalidTag

from preferences import keys


class Unreadable(Exception):
    """Locked under a key that HEED_KEYS no longer lists, or not by us."""


def seal(plaintext: bytes, use: str) -> bytes:
    """Encrypt under the current key; the key's id goes in front."""
    key = keys.current_key()
    return key.id.encode() + b"\x00" + keys.encrypt_with(key.cipher(use), plaintext, f"heed:{use}".encode())


def unseal(sealed: bytes, use: str) -> bytes:
    """Raises Unreadable."""
    key_id, _, ciphertext = bytes(sealed).partition(b"\x00")
    try:
        key = keys.key_by_id(key_id.decode())
        return keys.decrypt_with(key.cipher(use), ciphertext, f"heed:{use}".encode())
    except (KeyError, ValueError, InvalidTag):
        raise Unreadable from None
