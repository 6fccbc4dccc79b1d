"""Texts that Heed itself sends: written down here, sent by `services.texts_leaving`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from destinations import credentials, sealing
from destinations.models import Inbound, OutgoingText
from destinations.services.listening import settings_of
from destinations.terms import TextPurpose, TextState
from destinations.vendors import VENDORS
from preferences import keys
from preferences.errors import Malformed, NotFound

USE = "text"
LONGEST = 1600  # characters: what ten parts hold
NO_SENDER = "no connection sends texts: enter account, API key and sender of a Twilio connection"
MEANS: Mapping[str, TextState] = {
    "delivered": TextState.DELIVERED,
    "undelivered": TextState.FAILED,
    "failed": TextState.FAILED,
    "canceled": TextState.FAILED,
}


class TooEarly(Exception):
    """A report came before the answer to the call that sent the text. Says so, for staff."""


def can_send() -> bool:
    """Is there a connection that sends texts?"""
    return connection_that_sends() is not None


def connection_that_sends() -> Inbound | None:
    """The connection by which texts of ours leave: the first that is set up to send."""
    found = Inbound.objects.filter(source__is_active=True, vendor__in=list(VENDORS))
    return next(filter(sends, found.select_related("source").order_by("pk")), None)


def sends(connection: Inbound) -> bool:
    """Is a connection set up to send texts?"""
    vendor = VENDORS.get(connection.vendor)
    try:
        return vendor is not None and vendor.sends(settings_of(connection))
    except credentials.Unreadable:
        return False


@transaction.atomic
def send(
    *,
    phone: UUID,
    words: str,
    purpose: TextPurpose,
    key: str,
    until: datetime,
    connection: Inbound | None = None,
    sender: str = "",
    offered: Sequence[str] = (),
) -> OutgoingText:
    """Have one text sent to a phone (the key of its identifier), and return at once.

    `key` names this text: asked for again by the same key, it is not sent twice. `until`: it is of no use
    afterwards, and is not sent. `sender`: which of our numbers. `offered`: what it asks about, in order.
    Whether texts may go there is asked just before it leaves: its state says so where none may.
    Raises NotFound where no connection sends texts, Malformed for words that are no text.
    """
    by = connection or connection_that_sends()
    if by is None:
        raise NotFound(NO_SENDER)
    if not 0 < len(words) <= LONGEST:
        raise Malformed(f"a text has 1 to {LONGEST} characters")
    prints = keys.fingerprints(USE, purpose, key)
    if known := OutgoingText.objects.filter(key__in=prints).first():
        return known
    text, made = OutgoingText.objects.get_or_create(
        key=prints[-1],
        defaults={
            "connection": by,
            "identifier_id": phone,
            "purpose": purpose,
            "body": sealing.seal(words.encode(), USE),
            "until": until,
            "sender": sender,
            "offered": list(offered),
        },
    )
    if made:
        transaction.on_commit(lambda: async_task("destinations.tasks.send_texts"), robust=True)
    return text


def note_report(*, connection: Inbound, name: str, status: str, fault: str) -> str:
    """What the vendor says later became of a text of ours; in words. An older report changes nothing.

    Raises TooEarly where it may be about a text that is just being sent and has no name here yet.
    """
    state = MEANS.get(status)
    if state is None:
        return "a text of ours"
    ours = OutgoingText.objects.filter(connection=connection)
    # Asked first: what is settled between the two questions is found by its name.
    is_sending = ours.filter(state=TextState.SENDING).exists()
    named = ours.filter(name=name)
    settled = named.filter(state=TextState.SENT).update(
        state=state, fault=fault[:200], settled_at=timezone.now()
    )
    if settled:
        return f"a text of ours: {state.label.lower()}"
    if is_sending and not named.exists():
        raise TooEarly("a report about a text that is just being sent: it is read again")
    return "a text of ours"
