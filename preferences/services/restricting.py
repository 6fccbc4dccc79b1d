"""Denials on an address that beat choices (R7): set by anyone, lifted as the table in DESIGN section 4 says."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from preferences import clock, ledger, projection, slots
from preferences.catalogue import Catalogue, catalogue_at
from preferences.clock import effective, micros
from preferences.errors import Forbidden, NotFound
from preferences.ledger import Subject
from preferences.services.recording import Choice, Said, speaks
from preferences.terms import (
    ANY,
    CHANNELS_OF,
    Actor,
    IdentifierKind,
    RestrictionKind,
    State,
    SubjectKind,
    Verified,
)

LIFTED_BY = {
    RestrictionKind.STOP: "START from that number",
    RestrictionKind.DO_NOT_CALL: "the person's own later request, with evidence",
    RestrictionKind.SUPPRESSED: "the person, verified at that address",
}


def restrict(
    *, identifier_id: UUID, kind: RestrictionKind, said: Said, category: str = ANY, channel: str = ""
) -> None:
    """Deny a category (or all) at an address, for everyone who holds it now or later. Raises NotFound."""
    _place(identifier_id, [_entry(kind, category, channel, said, is_set=True)], said)


def lift(
    *,
    identifier_id: UUID,
    kind: RestrictionKind,
    said: Said,
    category: str = ANY,
    channel: str = "",
    verified: Verified | None = None,
    from_handset: bool = False,
) -> None:
    """End a restriction. Raises Forbidden, naming who may, where this person or system may not."""
    may = {
        RestrictionKind.STOP: from_handset,
        RestrictionKind.DO_NOT_CALL: speaks(said) and bool(said.evidence),
        RestrictionKind.SUPPRESSED: said.by in (Actor.PERSON, Actor.STAFF) and verified is not None,
    }
    if not may.get(kind, False):
        raise Forbidden(f"this restriction is lifted only by {LIFTED_BY.get(kind, 'staff')}")
    _place(identifier_id, [_entry(kind, category, channel, said, is_set=False)], said)


def _entry(kind: RestrictionKind, category: str, channel: str, said: Said, *, is_set: bool) -> dict[str, Any]:
    now = clock.now()
    at = effective(State.OUT if is_set else State.IN, said.occurred, now)
    return {
        "do": "restriction",
        "kind": kind.value,
        "category": category,
        "channel": channel,
        "set": is_set,
        "at": micros(at or now),
        "by": said.by.value,
    }


@transaction.atomic
def _place(identifier_id: UUID, entries: Sequence[dict[str, Any]], said: Said) -> None:
    subjects = ledger.lock(SubjectKind.IDENTIFIER, [identifier_id])
    if not subjects:
        raise NotFound("there is no such address")
    write_restrictions(subjects[0], entries, said, clock.now())
    transaction.on_commit(slots.on_outbox)


def write_restrictions(
    subject: Subject, entries: Sequence[dict[str, Any]], said: Said, recorded_at: datetime
) -> int:
    """Append restrictions to a locked identifier's chain, and hand it over."""
    change = ledger.append(subject, entries, said.origin(recorded_at))
    for entry in entries:
        projection.place_restriction(subject.projection, entry, change)
    ledger.finish(subject)
    denies = any(entry["set"] for entry in entries)
    ledger.hand_over([(SubjectKind.IDENTIFIER, str(subject.id))], recorded_at, denies=denies)
    return change


def held_on_address(
    subject: Subject, kind: IdentifierKind, choices: Sequence[Choice], said: Said, recorded_at: datetime
) -> int | None:
    """Keep opt-outs that name only an address nobody, or several people, hold: on the address (R7)."""
    catalogue = catalogue_at(subject.catalogue_version)
    entries = [
        entry
        for choice in choices
        if choice.state == State.OUT
        for entry in _kept(choice, kind, catalogue, said)
    ]
    return write_restrictions(subject, entries, said, recorded_at) if entries else None


def _kept(choice: Choice, kind: IdentifierKind, catalogue: Catalogue, said: Said) -> list[dict[str, Any]]:
    suppressed = RestrictionKind.SUPPRESSED
    return [
        _entry(suppressed, choice.category, channel, said, is_set=True)
        for channel in _channels(choice, CHANNELS_OF.get(kind, frozenset()), catalogue)
    ]


def _channels(choice: Choice, served: frozenset[str], catalogue: Catalogue) -> list[str]:
    """All of that address, unless a channel is named, or the category is not sent to such addresses at all."""
    if choice.category != ANY:
        category = catalogue.category(choice.category)
        catalogue.check_channel(category, choice.channel)
        if category.is_data_use:
            return ["-"]
        if choice.channel == ANY and not served & set(category.channels):
            return sorted(category.channels)
    if choice.channel == ANY or served == {choice.channel}:
        return [""]
    return [choice.channel]
