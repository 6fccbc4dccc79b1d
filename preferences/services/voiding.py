"""What was recorded in error (R15): voided by a later entry, it counts in no answer from then on.

Answers as known before stay what they were.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from preferences import clock, history, ledger, selectors, slots
from preferences.errors import Malformed, NotFound
from preferences.ledger import Subject
from preferences.models import Change, Profile, Source
from preferences.rebuilding import rebuild, voided
from preferences.services.recording import lock_profiles
from preferences.services.restating import restate
from preferences.services.said import Said
from preferences.terms import Actor, SubjectKind
from preferences.ties import Chains, Entered, ties

VOID_NOT = {
    "void": "a void is never voided: record what the person said once more",
    "fold": "people are parted by undoing their merge, not by a void",
    "folded": "people are parted by undoing their merge, not by a void",
    "part": "people who parted are merged once more, not by a void",
    "parted": "people who parted are merged once more, not by a void",
    "links_off": "links that were switched off stay off: the person gets new ones",
}
MOVED = frozenset({"choice", "pause"})


@transaction.atomic
def void(*, change_id: int, said: Said, reason: str) -> int:
    """Void a change that was recorded in error; returns the entry that says so.

    Raises NotFound, Malformed.
    """
    change = _change(change_id)
    entry = _void(change, {}, said, reason, clock.now())
    transaction.on_commit(slots.on_outbox, robust=True)
    return entry


@transaction.atomic
def move(*, change_id: int, to: UUID, said: Said, reason: str) -> int:
    """What was recorded on the wrong patient is voided there and recorded on the right one.

    It keeps when it was said, by whom, from where, the wording shown and the evidence. Returns the entry on
    the right person. Raises NotFound, Malformed.
    """
    change, now = _change(change_id), clock.now()
    if change.subject_kind != SubjectKind.PROFILE:
        raise Malformed("this was recorded on an address, not on a person: void it")
    moved = [{**entry, "moved": change.pk} for entry in json.loads(change.entries) if entry["do"] in MOVED]
    if not moved:
        raise Malformed("there is no choice in this entry to move: void it")
    subjects = lock_profiles([*_whose(change.subject_id), to])  # all, in key order
    if subjects[to].id == subjects[change.subject_id].id:
        raise Malformed("this is the person on whom it was recorded")
    _void(change, {"to": str(subjects[to].id)}, said, reason, now)
    right = lock_profiles([to])[to]  # as the void left them: they may have had a copy of it (R10)
    entry = ledger.append(right, moved, _as_said(change, said, now).origin(now))
    restate(right, now)
    ledger.hand_over([(SubjectKind.PROFILE, str(right.id))], now, denies=True, change=entry)
    transaction.on_commit(slots.on_outbox, robust=True)
    return entry


def _change(change_id: int) -> Change:
    found: Change | None = Change.objects.select_related("source").filter(pk=change_id).first()
    if found is None:
        raise NotFound("there is no such entry")
    return found


def _void(change: Change, moved: Mapping[str, Any], said: Said, reason: str, now: datetime) -> int:
    if not reason.strip():
        raise Malformed("say why this was recorded in error")
    for entry in json.loads(change.entries):
        if words := VOID_NOT.get(entry["do"]):
            raise Malformed(words)
    said = said.with_evidence(reason=reason.strip())
    void = {"do": "void", "change": change.pk, **moved}
    if change.subject_kind == SubjectKind.IDENTIFIER:
        return _void_on_address(change, void, said, now)
    return _void_on_person(change, void, said, now)


def _void_on_address(change: Change, void: Mapping[str, Any], said: Said, now: datetime) -> int:
    [subject] = ledger.lock(SubjectKind.IDENTIFIER, [change.subject_id])
    chain = history.chains(SubjectKind.IDENTIFIER, [subject.id])
    _check_standing(change, chain[subject.id])
    entry = ledger.append(subject, [said.signed(void)], said.origin(now))
    again = history.chains(SubjectKind.IDENTIFIER, [subject.id])
    subject.projection = rebuild(subject.id, again).restrictions
    ledger.finish(subject)
    ledger.hand_over([(SubjectKind.IDENTIFIER, str(subject.id))], now, denies=True)
    return entry


def _void_on_person(change: Change, void: Mapping[str, Any], said: Said, now: datetime) -> int:
    """On the chain where it stands, though its person may be part of another by now, and on any copy's."""
    survivor = lock_profiles(_whose(change.subject_id))[change.subject_id]
    chains = history.people([survivor.id, change.subject_id])
    _check_standing(change, chains[change.subject_id])
    entry = _append(change.subject_id, survivor, void, said, now)
    for part, chain in sorted(_parted(chains).items()):
        if part != change.subject_id and _copied(change.pk, chain):
            _append(part, lock_profiles([part])[part], void, said, now)
    return entry


def _whose(person: UUID) -> set[UUID]:
    """Whoever may have an entry of theirs: it was copied when people parted."""
    survivor = selectors.survivors([person]).get(person, person)
    return {person, *_parted(history.people([person, survivor]))}


def _parted(chains: Chains) -> Chains:
    """The chains of all who parted from these people, or from those who did; but nobody forgotten (R19)."""
    found: dict[UUID, Sequence[Entered]] = {}
    own = [*chains.values()]
    while new := {part for each in own for part in ties(each).left} - found.keys():
        found |= history.people(new)
        own = [*found.values()]
    erased = Q(erased_at__isnull=False) | Q(merged_into__erased_at__isnull=False)
    forgotten = {*Profile.objects.filter(erased, pk__in=found).values_list("pk", flat=True)}
    return {pk: chain for pk, chain in found.items() if pk not in forgotten}


def _append(owner: UUID, survivor: Subject, void: Mapping[str, Any], said: Said, now: datetime) -> int:
    subject = survivor if owner == survivor.id else ledger.lock(SubjectKind.PROFILE, [owner])[0]
    entry = ledger.append(subject, [said.signed(void)], said.origin(now))
    identifiers = _identifiers(survivor.id)
    above = [] if subject is survivor else [*_between(owner, survivor.id), survivor]
    for each in (subject, *above):
        restate(each, now)
    moved = [(SubjectKind.IDENTIFIER, pk) for pk in identifiers]
    ledger.hand_over([(SubjectKind.PROFILE, str(survivor.id)), *moved], now, denies=True)
    return entry


def _between(person: UUID, survivor: UUID) -> list[Subject]:
    """Those through whom they are part of the survivor: what these come to has changed as well."""
    chains = history.people([survivor])
    found: list[UUID] = []
    while (into := ties(chains[person]).into) and into != survivor:
        found.append(into)
        person = into
    return ledger.lock(SubjectKind.PROFILE, found) if found else []


def _identifiers(person: UUID) -> list[str]:
    """What they held before the void: its address may be nobody's after it."""
    chains = history.people([person])
    return sorted({pk for pk, *_ in rebuild(person, chains).holdings})


def _check_standing(change: Change, chain: list[Entered]) -> None:
    if change.pk in voided(chain):
        raise Malformed("this entry is void already")


def _copied(pk: int, chain: Sequence[Entered]) -> bool:
    return any(entry.get("of") == pk for change in chain for entry in change.entries)


def _as_said(change: Change, by: Said, now: datetime) -> Said:
    """As it was said the first time; who moved it goes with the evidence."""
    evidence = ledger.evidence_of(change)
    source: Source = change.source
    said = Said(source, Actor.STAFF, change.occurred_at, evidence, change.notice_id)
    return said.with_evidence(moved_by=by.who)
