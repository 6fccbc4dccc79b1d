"""Denials about a person rather than an address: confidential communications (R8), and deceased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from preferences import clock, history, identity, slots
from preferences.clock import effective, micros
from preferences.errors import Forbidden, Malformed
from preferences.identity import Named
from preferences.ledger import Subject
from preferences.models import Profile
from preferences.services.opt_ins import own_word
from preferences.services.recording import lock_profiles, meant
from preferences.services.restating import add
from preferences.services.said import Said
from preferences.terms import ADDRESS_OF, Actor, Channel, State
from preferences.words import readable

MOST = 20


@dataclass(frozen=True, slots=True)
class Allowed:
    """One way in which the person may be reached: a channel, and an address (of a letter: its text).

    `verified`: how we know that they are reached there, where they just showed it.
    """

    channel: str
    address: Named | None = None
    text: str = ""
    verified: str = ""


@transaction.atomic
def order(*, profile_id: UUID, allowed: Sequence[Allowed], said: Said) -> int:
    """From now on only these ways are allowed (45 CFR 164.522(b)); the latest order stands.

    What it names they hold for as long as it does so, whatever systems say of it. No reason is asked. Raises
    NotFound, Malformed, and Forbidden for whoever is neither staff nor the person: a system's own evidence is
    not looked at by anybody, and an order cuts off all else.
    """
    if said.by != Actor.STAFF and not own_word(said):
        raise Forbidden(
            "an order is set by the person, through a system that speaks for them, or by staff with what "
            "shows it: pass the request on to staff"
        )
    _check(allowed)
    ids = identity.find_or_make([each.address for each in allowed if each.address])
    subject = lock_profiles([profile_id])[profile_id]
    now = clock.now()
    pairs = sorted({(each.channel, str(ids[each.address]) if each.address else "") for each in allowed})
    shown = [_shown(ids[each.address], each.verified) for each in allowed if each.address and each.verified]
    entries = [_entry(said, now, pairs), *shown, *meant(subject, profile_id)]
    texts = [each.text for each in allowed if each.text]
    change = add(subject, entries, said.with_evidence(letters_to=texts) if texts else said, now)
    transaction.on_commit(slots.on_outbox, robust=True)
    return change


@transaction.atomic
def end_order(*, profile_id: UUID, said: Said) -> int:
    """The order no longer holds, at the person's request. Raises NotFound, Forbidden, Malformed."""
    if said.by != Actor.STAFF:
        raise Forbidden("an order is ended only by staff, at the person's request")
    subject = lock_profiles([profile_id])[profile_id]
    now = clock.now()
    if not Profile.objects.filter(pk=subject.id, order__isnull=False).exists():
        raise Malformed("there is no order to end")
    entries = [_entry(said, now, None), *meant(subject, profile_id)]
    change = add(subject, entries, said, now, denies=False)
    transaction.on_commit(slots.on_outbox, robust=True)
    return change


@transaction.atomic
def set_deceased(*, profile_id: UUID, deceased: bool, said: Said) -> int:
    """Nothing is sent any more; or the report was wrong, by staff or by the source that made it.

    Raises NotFound, Forbidden.
    """
    subject = lock_profiles([profile_id])[profile_id]
    now = clock.now()
    if not deceased and said.by != Actor.STAFF and said.source.pk not in _reported_by(subject):
        raise Forbidden("this is corrected only by staff, or by the system that reported it")
    at = effective(State.OUT if deceased else State.IN, said.occurred, now) or now
    entry = {"do": "deceased", "set": deceased, "at": micros(at if deceased else now)}
    change = add(subject, [entry, *meant(subject, profile_id)], said, now, denies=deceased)
    transaction.on_commit(slots.on_outbox, robust=True)
    return change


def _check(allowed: Sequence[Allowed]) -> None:
    if not 0 < len(allowed) <= MOST:
        raise Malformed(f"an order names 1 to {MOST} ways in which the person may be reached", key="allowed")
    for each in allowed:
        if each.channel not in Channel.values:
            raise Malformed(f"there is no channel {each.channel!r}", key="allowed")
        kind = ADDRESS_OF.get(each.channel)
        if kind and (each.address is None or each.address.kind != kind):
            raise Malformed(f"{each.channel} needs an address of its kind: {kind}", key="allowed")
        if kind is None and not readable(each.text):
            raise Malformed("a letter needs the address that it goes to", key="allowed")


def _entry(said: Said, now: datetime, pairs: Sequence[tuple[str, str]] | None) -> dict[str, Any]:
    at = micros(effective(State.OUT, said.occurred, now) or now)
    if pairs is None:
        return {"do": "order", "set": False, "at": at}
    return {"do": "order", "set": True, "allowed": [list(pair) for pair in pairs], "at": at}


def _shown(address: UUID, how: str) -> dict[str, Any]:
    return {"do": "verified", "identifier": str(address), "verified": how}


def _reported_by(subject: Subject) -> set[int]:
    return {
        change.source
        for changes in history.people([subject.id]).values()
        for change in changes
        for entry in change.entries
        if entry["do"] == "deceased" and entry["set"]
    }
