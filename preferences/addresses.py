"""What one address is: the form in which identifiers are compared (R16), and how they are shown masked."""

import re
from collections import Counter
from collections.abc import Mapping
from uuid import UUID

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from preferences.errors import Malformed
from preferences.terms import IdentifierKind

LONGEST = 320  # RFC 5321: 64 + 1 + 255 characters
LONGEST_NAMESPACE = 50
# Marks that come along where an address is copied out of text from right to left, or a list of contacts.
UNSEEN = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
# Lone surrogates come in as JSON escapes, and neither hash nor database takes them.
UNREADABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def normalise(kind: str, value: str) -> str:
    """The one spelling under which an identifier is kept. Raises Malformed with what is wrong."""
    value = value.strip()
    if not value:
        raise Malformed(f"the {kind} is empty")
    if len(value) > LONGEST or UNREADABLE.search(value):
        raise Malformed(f"the {kind} is longer than {LONGEST} characters or holds control characters")
    match kind:
        case IdentifierKind.EMAIL:
            return _email(value)
        case IdentifierKind.PHONE:
            return _phone(value)
    return value


def check_namespace(namespace: str) -> str:
    """A source's slug, or the authority of a record number. Raises Malformed.

    A `|` would let one identifier pass for another: fingerprints are over kind|namespace|value.
    """
    if len(namespace) > LONGEST_NAMESPACE or "|" in namespace or UNREADABLE.search(namespace):
        raise Malformed(f"an authority is at most {LONGEST_NAMESPACE} characters, without `|`")
    return namespace


def _email(value: str) -> str:
    lowered = value.strip(f" {UNSEEN}").lower()
    try:
        validate_email(lowered)
        if not lowered.isascii():
            name, _, domain = lowered.rpartition("@")
            lowered = f"{name}@{_mailed(domain)}"
            validate_email(lowered)
    except ValidationError:
        raise Malformed("the email is not an address like name@example.org") from None
    return lowered


def _mailed(domain: str) -> str:
    """The domain that mail goes to (RFC 3490): wide letters, and characters that nobody sees, are dropped on
    the way there, and would be as many spellings of one mailbox.
    """
    try:
        return domain.encode("idna").decode("idna")
    except UnicodeError:  # no mail gets there
        return domain


def _phone(value: str) -> str:
    """E.164; a number without a country is read as HEED_PHONE_REGION's."""
    try:
        number = phonenumbers.parse(value, settings.HEED_PHONE_REGION)
    except phonenumbers.NumberParseException:
        raise Malformed("the phone is not a number like +1 202 555 0143") from None
    if not phonenumbers.is_possible_number(number) or number.extension:
        raise Malformed("the phone is not a number like +1 202 555 0143")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def in_full(kind: str, value: str) -> str:
    """As its owner would write it: a phone number in groups."""
    if kind != IdentifierKind.PHONE:
        return value
    number = phonenumbers.parse(value)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def masked_apart(known: Mapping[UUID, tuple[str, str]]) -> dict[UUID, str]:
    """Several, each (kind, value) masked; of emails that look alike then, a few letters more are shown."""
    found = {pk: masked(*each) for pk, each in known.items()}
    for more in (1, 2, 3):
        alike = Counter(found.values())
        found |= {pk: masked(*known[pk], more) for pk, words in found.items() if alike[words] > 1}
    return found


def masked(kind: str, value: str, more: int = 0) -> str:
    """Enough for its owner to recognise, too little for anyone else to use. `more`: letters at the ends."""
    if kind == IdentifierKind.EMAIL:
        name, _, domain = value.partition("@")
        host, dot, rest = domain.rpartition(".")
        return f"{name[:1]}•••{_end(name, more)}@{host[:1]}•••{_end(host, more)}{dot}{rest}"
    if kind == IdentifierKind.PHONE:
        return f"••• ••• {value[-4:]}"
    return f"•••{value[-3:]}"


def _end(text: str, letters: int) -> str:
    """Never so many that nothing is left to hide."""
    return text[-letters:] if 0 < letters < len(text) - 1 else ""
