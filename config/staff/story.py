"""Reading what was recorded about a person, with what later entries say of earlier ones."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from config.staff.selectors import PER_PAGE, Known
from preferences import keys, ledger
from preferences.history import told_beside
from preferences.models import Change, DataKey, Profile

Entries = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Entered:
    """One change as it is told: its entries, and its evidence where that was not destroyed."""

    change: Change
    entries: Entries
    evidence: Any = field(repr=False)
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """Some changes, and whatever it takes to tell them.

    `voids`: the entry that voids a change, by the change's number. `whence`: whose a moved change was.
    """

    known: Known
    changes: tuple[Entered, ...]
    voids: Mapping[int, Entered]
    whence: Mapping[int, UUID]
    browsers: frozenset[UUID]
    paging: Page[Change] | None = None


def story(known: Known, number: str | int) -> Story:
    """A page of it, newest first: five queries, and two more where people are named."""
    paging = Paginator(_changes(known).order_by("-recorded_at", "-id"), PER_PAGE).get_page(number)
    return _told(known, list(paging), paging)


def only(known: Known, numbers: Collection[int]) -> Story:
    """Some entries of it, newest first."""
    return _told(known, list(_changes(known).filter(pk__in=numbers).order_by("-recorded_at", "-id")))


def page_of(known: Known, number: int) -> int:
    """On which page an entry stands."""
    found = _changes(known).filter(pk=number).values_list("recorded_at", flat=True).first()
    if found is None:
        return 1
    newer = Q(recorded_at__gt=found) | Q(recorded_at=found, pk__gt=number)
    return _changes(known).filter(newer).count() // PER_PAGE + 1


def marked(ids: Collection[UUID], do: str) -> list[Change]:
    """The changes of these subjects that do one thing, oldest first."""
    # As `ledger.append` writes it: what an entry does comes first.
    rows = Change.objects.filter(subject_id__in=ids, entries__contains=f'{{"do":"{do}"')
    return list(rows.select_related("source").order_by("id"))


def entries_of(change: Change) -> Entries:
    found: Entries = json.loads(change.entries)
    return found


def evidence_keys(owners: Collection[UUID]) -> dict[UUID, keys.Wrapped]:
    """What unlocks the evidence of these subjects' changes: one query."""
    rows = DataKey.objects.filter(owner__in=owners, use=DataKey.EVIDENCE)
    return {
        owner: keys.Wrapped(key_id, bytes(nonce), bytes(wrapped))
        for owner, key_id, nonce, wrapped in rows.values_list("owner", "key_id", "nonce", "wrapped")
    }


def _changes(known: Known) -> QuerySet[Change]:
    beside = told_beside([known.profile.pk, *known.before])
    rows = Change.objects.filter(subject_id__in=known.ids).exclude(beside)
    return rows.select_related("source", "notice")


def _told(known: Known, rows: Sequence[Change], paging: Page[Change] | None = None) -> Story:
    wrapped = evidence_keys(known.ids)
    changes = tuple(_entered(each, wrapped) for each in rows)
    voids = {
        entry["change"]: _entered(each, wrapped)
        for each in marked(known.ids, "void")
        for entry in entries_of(each)
        if entry["do"] == "void"
    }
    moved = {entry["moved"] for each in changes for entry in each.entries if "moved" in entry}
    return Story(known, changes, voids, _owners(moved), _browsers(changes), paging)


def _entered(change: Change, wrapped: Mapping[UUID, keys.Wrapped]) -> Entered:
    sealed = None if change.evidence is None else bytes(change.evidence)
    found = ledger.read_evidence(sealed, change.subject_id, wrapped.get(change.subject_id))
    return Entered(change, entries_of(change), found, locked=sealed is not None and found is None)


def _owners(numbers: Collection[int]) -> dict[int, UUID]:
    if not numbers:
        return {}
    return dict(Change.objects.filter(pk__in=numbers).values_list("id", "subject_id"))


def _browsers(changes: Sequence[Entered]) -> frozenset[UUID]:
    """Of those who turned out to be this person: visitors whom nobody knew."""
    named = {UUID(entry["from"]) for each in changes for entry in each.entries if entry["do"] == "fold"}
    named |= {each.change.subject_id for each in changes for entry in each.entries if entry["do"] == "folded"}
    if not named:
        return frozenset()
    return frozenset(Profile.objects.filter(pk__in=named, is_anonymous=True).values_list("id", flat=True))
