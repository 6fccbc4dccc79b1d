"""The six digits of a code: made from a nonce with a key, as HOTP does (RFC 4226), and kept nowhere. Pure.

So a code that has to be sent again is the same one, and whoever reads the database alone knows none.
"""

import hmac
import unicodedata

from preferences import keys

LENGTH = 6
USE = "code"


def digits(nonce: bytes, key_id: str) -> str:
    """The code; empty, which nobody can enter, where its key is no longer listed."""
    try:
        key = keys.key_by_id(key_id)
    except KeyError:
        return ""
    mac = hmac.digest(key.derive(USE), nonce, "sha256")
    return f"{int.from_bytes(mac[:8]) % 10**LENGTH:0{LENGTH}}"


def typed(text: str) -> str:
    """What somebody typed or pasted, in whichever digits, whatever between; empty if it is no code."""
    found = "".join(str(unicodedata.decimal(each)) for each in text[:50] if each.isdecimal())
    return found if len(found) == LENGTH else ""


def are_same(one: str, other: str) -> bool:
    """Compared in the same time wherever they differ."""
    return hmac.compare_digest(one, other)
