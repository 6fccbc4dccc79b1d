"""Denials on an address that beat choices (R7): set by anyone, lifted as DESIGN section 4's table says."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from preferences import clock, ledger, projection, slots
from preferences.catalogue import Catalogue, catalogue, catalogue_at
from preferences.clock import effective, micros
from preferences.errors import Forbidden, Malformed, NotFound
from preferences.ledger import Subject
from preferences.models import Identifier
from preferences.services.opt_ins import speaks
from preferences.services.recording import check
from preferences.services.said import Choice, Said
from preferences.terms import (
    ADDRESS_KINDS,
    ANY,
    CHANNELS_OF,
    DATA_USE,
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
    """Deny a category (or all) at an address, for everyone who holds it now or later.

    Raises NotFound, Malformed, UnknownCategory, UnknownChannel.
    """
    _place(identifier_id, Denial(kind, category, channel), said, is_set=True)


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
    """End a restriction. Raises Forbidden, naming who may, where this person or system may not.

    Raises Malformed where no date is known: it may have been before the restriction (R2).
    """
    may = {
        RestrictionKind.STOP: from_handset,
        RestrictionKind.DO_NOT_CALL: speaks(said) and bool(said.evidence),
        RestrictionKind.SUPPRESSED: said.by in (Actor.PERSON, Actor.STAFF) and verified is not None,
    }
    if not may.get(kind, False):
        raise Forbidden(f"this restriction is lifted only by {LIFTED_BY.get(kind, 'staff')}")
    if clock.known(said.occurred) is None:
        raise Malformed("say when it was asked for: without a date nothing is lifted")
    _place(identifier_id, Denial(kind, category, channel), said, is_set=False)


def denial_at(*, address: str, kind: RestrictionKind, category: str = ANY, channel: str = "") -> str:
    """As what a restriction is kept on that kind of address: `kind:category:channel`.

    Raises what `restrict` would: Malformed, UnknownCategory, UnknownChannel.
    """
    denial = Denial(kind, category, channel).checked(address, catalogue())
    return projection.restriction_key(denial._asdict())


class Denial(NamedTuple):
    """What a restriction denies. No channel: all that its kind covers; `-`: a use of data, which has none."""

    kind: RestrictionKind
    category: str
    channel: str

    def entry(self, said: Said, now: datetime, *, is_set: bool) -> dict[str, Any]:
        at = effective(State.OUT if is_set else State.IN, said.occurred, now)
        return {
            "do": "restriction",
            "kind": self.kind.value,
            "category": self.category,
            "channel": self.channel,
            "set": is_set,
            "at": micros(at or now),
        }

    def checked(self, address: str, catalogue: Catalogue) -> "Denial":
        """As it is kept on that kind of address. Raises Malformed for one that would deny nothing there."""
        if self.kind not in LIFTED_BY:
            raise Malformed(f"{self.kind.label} is about a person, not about an address")
        if self.kind != RestrictionKind.SUPPRESSED and address != IdentifierKind.PHONE:
            raise Malformed(f"{self.kind.label} is about a phone number")
        check(self.category, self.channel or ANY, catalogue)
        if self.category != ANY and catalogue.category(self.category).is_data_use:
            return self._replace(channel=DATA_USE)
        return self._replace(channel="" if self.channel == ANY else self.channel)


@transaction.atomic
def _place(identifier_id: UUID, denial: Denial, said: Said, *, is_set: bool) -> None:
    address = _kind_of(identifier_id)
    [subject] = ledger.lock(SubjectKind.IDENTIFIER, [identifier_id])
    now = clock.now()
    kept = denial.checked(address, catalogue_at(subject.catalogue_version))
    write_restrictions(subject, [kept.entry(said, now, is_set=is_set)], said, now)
    transaction.on_commit(slots.on_outbox, robust=True)


def _kind_of(identifier_id: UUID) -> str:
    found = Identifier.objects.filter(pk=identifier_id, kind__in=ADDRESS_KINDS)
    kind = found.values_list("kind", flat=True).first()
    if kind is None:
        raise NotFound("there is no such address")
    return kind


def write_restrictions(
    subject: Subject, entries: Sequence[dict[str, Any]], said: Said, recorded_at: datetime
) -> int:
    """Append restrictions to a locked identifier's chain, and hand it over."""
    signed = [said.signed(entry) for entry in entries]
    change = ledger.append(subject, signed, said.origin(recorded_at))
    for entry in entries:
        projection.place_restriction(subject.projection, entry, change)
    ledger.finish(subject)
    denies = any(entry["set"] for entry in entries)
    ledger.hand_over([(SubjectKind.IDENTIFIER, str(subject.id))], recorded_at, denies=denies, change=change)
    return change


def held_on_address(
    subject: Subject, kind: IdentifierKind, choices: Sequence[Choice], said: Said, recorded_at: datetime
) -> int | None:
    """Keep opt-outs that name only an address nobody, or several people, hold: on the address (R7)."""
    catalogue = catalogue_at(subject.catalogue_version)
    entries = [
        Denial(RestrictionKind.SUPPRESSED, choice.category, channel).entry(said, recorded_at, is_set=True)
        for choice in choices
        if choice.state == State.OUT
        for channel in _channels(choice, CHANNELS_OF.get(kind, frozenset()), catalogue)
    ]
    return write_restrictions(subject, entries, said, recorded_at) if entries else None


def _channels(choice: Choice, served: frozenset[str], catalogue: Catalogue) -> list[str]:
    """All of that address, unless a channel is named, or the category is not sent to such addresses."""
    check(choice.category, choice.channel, catalogue)
    if choice.category != ANY:
        category = catalogue.category(choice.category)
        if category.is_data_use:
            return [DATA_USE]
        if choice.channel == ANY and not served & set(category.channels):
            return sorted(category.channels)
    if choice.channel == ANY or served == {choice.channel}:
        return [""]
    return [choice.channel]
