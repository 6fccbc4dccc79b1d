"""Addresses that were entered somewhere and came to nothing."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import ManyToOneRel

from preferences import ledger
from preferences.models import DataKey, Identifier
from preferences.terms import SubjectKind


@transaction.atomic
def drop_unused(ids: Collection[UUID]) -> None:
    """Delete those that nobody ever held, of which nothing is recorded and to which nothing points.

    A restriction stays, whoever holds its address or nobody does (R7), and so does what shows that something
    was sent there.
    """
    ledger.lock(SubjectKind.IDENTIFIER, sorted(ids))
    silent = {*Identifier.objects.filter(id__in=ids, seq=0).values_list("id", flat=True)}
    unused = silent - _pointed_to(silent)
    DataKey.objects.filter(owner__in=unused).delete()
    Identifier.objects.filter(id__in=unused).delete()


def _pointed_to(ids: Collection[UUID]) -> set[UUID]:
    """By any table of any room, also where Django names no way back, and voided holdings too."""
    found: set[UUID] = set()
    for way in Identifier._meta.get_fields(include_hidden=True):
        if isinstance(way, ManyToOneRel):
            rows = way.related_model._base_manager.filter(**{f"{way.field.name}__in": ids})
            found.update(rows.values_list(way.field.name, flat=True))
    return found
