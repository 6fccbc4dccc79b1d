"""Links that need no login and no row: signed, and read by whichever key they name (DESIGN, section 7).

Version 1 byte, key id, purpose 1, profile 16, epoch 4, issued 4, category, address 0 or 16, HMAC 16:
in base64url. Key id and category have their length in front.
"""

import base64
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from string import ascii_letters, digits
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from portal.holders import link_holder
from portal.terms import LinkProblem, Purpose
from preferences import keys
from preferences import selectors as people_selectors
from preferences.errors import Forgotten, NotFound
from preferences.terms import ANY

VERSION = 1
MAC_BYTES = 16
LONGEST = 400  # characters: a slug of 50 and a key id of 50 leave room
HEAD = struct.Struct("!c16sII")  # purpose, profile, epoch, issued
SPELLED = frozenset(f"{ascii_letters}{digits}-_")  # what a token is made of


class Unusable(Exception):
    """The link does not open; `problem` says why."""

    def __init__(self, problem: LinkProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: whose page, since when, and the address that it was sent to."""

    purpose: Purpose
    profile_id: UUID
    epoch: int
    issued: datetime
    category: str = ANY
    address_id: UUID | None = None


def link_for(
    profile_id: UUID,
    category: str = ANY,
    address_id: UUID | None = None,
    *,
    purpose: Purpose = Purpose.VIEW,
) -> str:
    """The path of a new link to a person's page, to be sent to that address. Raises NotFound, Forgotten."""
    holder = link_holder(profile_id)
    if holder is None:
        raise Forgotten if people_selectors.forgotten([profile_id]) else NotFound("there is no such person")
    link = Link(purpose, profile_id, holder.epoch, timezone.now(), category, address_id)
    return f"/{purpose}/{sign(link)}"


def usable(token: str, purpose: Purpose, now: datetime) -> Link:
    """The link, if it opens now. Raises Unusable."""
    link = read(token, purpose)
    holder = link_holder(link.profile_id, link.address_id)
    if holder is None:
        raise Unusable(LinkProblem.REVOKED)
    if purpose == Purpose.VIEW:
        if link.epoch != holder.epoch or not holder.is_reached(link.issued):
            raise Unusable(LinkProblem.REVOKED)
        if now >= link.issued + timedelta(days=settings.HEED_LINK_DAYS):
            raise Unusable(LinkProblem.EXPIRED)
    return link


# --- bytes ---


def sign(link: Link) -> str:
    """The token of a link, under the current key."""
    key = keys.current_key()
    content = (
        bytes([VERSION])
        + _with_length(key.id)
        + HEAD.pack(link.purpose.encode(), link.profile_id.bytes, link.epoch, int(link.issued.timestamp()))
        + _with_length(link.category)
        + (link.address_id.bytes if link.address_id else b"")
    )
    return base64.urlsafe_b64encode(content + _mac(key, content)).rstrip(b"=").decode()


def read(token: str, purpose: Purpose) -> Link:
    """What a token says, once its signature holds. Raises Unusable.

    What was copied along with it is left out: signs of any script, and marks that nobody sees.
    """
    try:
        content, rest = _verified(token.strip("".join({*token} - SPELLED)))
        mark, profile, epoch, issued = HEAD.unpack_from(rest)
        category, address = _take(rest[HEAD.size :])
        if mark != purpose.encode():
            raise ValueError("a link for something else")
        return Link(
            purpose,
            UUID(bytes=profile),
            epoch,
            datetime.fromtimestamp(issued, UTC),
            category.decode(),
            UUID(bytes=address) if address else None,
        )
    except (ValueError, KeyError, IndexError, struct.error):
        raise Unusable(LinkProblem.UNREADABLE) from None


def _verified(token: str) -> tuple[bytes, bytes]:
    """The signed content, and what of it follows the key id. Nothing else is read before the signature."""
    if len(token) > LONGEST or not token.isascii():
        raise ValueError("no token of ours")
    signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    content, mac = signed[:-MAC_BYTES], signed[-MAC_BYTES:]
    # Base64 has several spellings of the same bytes; only ours is a link.
    if base64.urlsafe_b64encode(signed).rstrip(b"=").decode() != token or content[0] != VERSION:
        raise ValueError("no token of ours")
    key_id, rest = _take(content[1:])
    if not hmac.compare_digest(_mac(keys.key_by_id(key_id.decode()), content), mac):
        raise ValueError("the signature does not hold")
    return content, rest


def _mac(key: keys.MasterKey, content: bytes) -> bytes:
    return hmac.digest(key.derive("link"), content, "sha256")[:MAC_BYTES]


def _with_length(text: str) -> bytes:
    return bytes([len(text.encode())]) + text.encode()


def _take(content: bytes) -> tuple[bytes, bytes]:
    length = content[0]
    if len(content) < 1 + length:
        raise ValueError("cut off")
    return content[1 : 1 + length], content[1 + length :]
