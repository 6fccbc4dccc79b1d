"""What a STOP leaves out, by the word of whoever sent it: it is narrowed, and never lifted so."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from preferences import clock, ledger, projection, slots
from preferences.catalogue import catalogue_at
from preferences.clock import effective, micros
from preferences.errors import Malformed, NotFound
from preferences.models import Identifier
from preferences.services.said import Said
from preferences.terms import Channel, IdentifierKind, State, SubjectKind


@transaction.atomic
def spare(*, identifier_id: UUID, categories: Collection[str], said: Said) -> None:
    """A STOP goes on, but not for texts of these kinds: the person said so from that phone.

    In answer to the one question that may follow a STOP (47 CFR 64.1200(a)(12)); a later STOP is whole again.
    Raises NotFound, Malformed where nothing is named or no date is known, UnknownCategory, UnknownChannel.
    """
    if not Identifier.objects.filter(pk=identifier_id, kind=IdentifierKind.PHONE).exists():
        raise NotFound("there is no such phone number")
    now = clock.now()
    at = effective(State.IN, said.occurred, now)
    if at is None or not categories:
        raise Malformed("say what is left out, and when that was said")
    [subject] = ledger.lock(SubjectKind.IDENTIFIER, [identifier_id])
    known = catalogue_at(subject.catalogue_version)
    for slug in categories:
        known.check_channel(known.category(slug), Channel.SMS)
    entry = {"do": "spared", "channel": Channel.SMS.value, "at": micros(at)}
    entries = [said.signed({**entry, "category": slug}) for slug in sorted(categories)]
    change = ledger.append(subject, entries, said.origin(now))
    for each in entries:
        projection.place_spared(subject.projection, each, change)
    ledger.finish(subject)
    ledger.hand_over([(SubjectKind.IDENTIFIER, str(identifier_id))], now, denies=False, change=change)
    transaction.on_commit(slots.on_outbox, robust=True)
