"""Reading chains from the ledger: whole, or as they were known at a moment."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from preferences.clock import micros
from preferences.models import Change
from preferences.terms import SubjectKind
from preferences.ties import Entered, ties, unread

MOST_AT_ONCE = 900  # SQLite takes a thousand parameters or so


def chains(kind: SubjectKind, ids: Collection[UUID], at: datetime | None = None) -> dict[UUID, list[Entered]]:
    """What was recorded about these subjects (by that moment), each in order; empty where nothing was."""
    found: dict[UUID, list[Entered]] = {pk: [] for pk in ids}
    wanted = sorted(ids)
    for start in range(0, len(wanted), MOST_AT_ONCE):
        rows = Change.objects.filter(
            subject_kind=kind, subject_id__in=wanted[start : start + MOST_AT_ONCE]
        ).order_by("subject_id", "seq")
        if at is not None:
            rows = rows.filter(recorded_at__lte=at)
        columns = rows.values_list("subject_id", "id", "source_id", "recorded_at", "entries")
        for subject, pk, source, recorded_at, entries in columns.iterator(chunk_size=500):
            found[subject].append(Entered(pk, source, micros(recorded_at), json.loads(entries)))
    return found


def people(ids: Collection[UUID], at: datetime | None = None) -> dict[UUID, list[Entered]]:
    """The chains of people, with those of everybody who turned out to be one of them."""
    found = chains(SubjectKind.PROFILE, ids, at)
    while wanted := unread(found):
        found |= chains(SubjectKind.PROFILE, wanted, at)
    return found


def with_survivors(ids: Collection[UUID], at: datetime) -> dict[UUID, list[Entered]]:
    """The same, with those of whomever they were part of at that moment."""
    found = people(ids, at)
    while wanted := {into for own in found.values() if (into := ties(own).into)} - found.keys():
        found |= people(wanted, at)
    return found


def told_beside(people: Iterable[UUID]) -> Q:
    """What stands on the chain of a record only because it was part of one of these, who have it too."""
    return Q(*(Q(entries__contains=f'"part_of":"{pk}"') for pk in people), _connector=Q.OR)
