"""Addresses that were entered somewhere and came to nothing."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from preferences import ledger
from preferences.models import DataKey, Identifier
from preferences.terms import SubjectKind


@transaction.atomic
def drop_unused(ids: Collection[UUID]) -> int:
    """Delete those that nobody ever held, of which nothing is recorded and to which nothing points.

    A restriction stays, whoever holds its address or nobody does (R7), and so does what shows that something
    was sent there. Returns how many went.
    """
    ledger.lock(SubjectKind.IDENTIFIER, sorted(ids))
    silent = Identifier.objects.filter(id__in=ids, seq=0)
    unused = [pk for pk in silent.values_list("id", flat=True) if not _is_used(pk)]
    DataKey.objects.filter(owner__in=unused).delete()
    Identifier.objects.filter(id__in=unused).delete()
    return len(unused)


def _is_used(pk: UUID) -> bool:
    """By any table of any room, voided holdings too."""
    relations = Identifier._meta.related_objects
    return any(
        each.related_model._base_manager.filter(**{each.field.name: pk}).exists() for each in relations
    )
