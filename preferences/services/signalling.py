"""Privacy signals (R9): a browser's Global Privacy Control, a form, or an agent's request.

Cal. Code Regs. tit. 11, § 7025 (opt-out preference signals), § 7026 (forms), § 7063 (authorised agents).
"""

import json
from dataclasses import replace
from uuid import UUID

from django.db import transaction

from preferences import clock, projection, slots
from preferences.catalogue import Category, catalogue_at
from preferences.errors import Malformed
from preferences.ledger import Subject
from preferences.models import Change
from preferences.projection import Standing
from preferences.services.recording import Recorded, lock_profiles, meant, write
from preferences.services.said import Choice, Said
from preferences.terms import NO_CHANNEL, State

KINDS = frozenset({"gpc", "form", "agent"})


@transaction.atomic
def signal(*, profile_id: UUID, kind: str, said: Said) -> Recorded:
    """Set the uses of data that honour the signal to out, once: where they are out nothing is written.

    An opt-in stands against it only where the person was told of the signal and confirmed all the same. The
    absence of a signal says nothing. Raises NotFound, Malformed.
    """
    if kind not in KINDS:
        raise Malformed(f"a privacy signal is one of {', '.join(sorted(KINDS))}")
    subject = lock_profiles([profile_id])[profile_id]
    now = clock.now()
    honouring = [
        each
        for each in catalogue_at(subject.catalogue_version)
        if each.honours_signal and not each.retired and not _stands(subject, each, clock.micros(now))
    ]
    choices = [Choice(each.slug, NO_CHANNEL, State.OUT) for each in honouring]
    named = meant(subject, profile_id) if choices else []
    recorded = write(subject, replace(said, signal=kind), choices=choices, entries=named, recorded_at=now)
    transaction.on_commit(slots.on_outbox, robust=True)
    return recorded


def _stands(subject: Subject, category: Category, now: int) -> bool:
    """Is the person out already, or in despite the signal?"""
    standing = projection.resolve(subject.projection, category.slug, NO_CHANNEL, wildcards=False)
    if standing is None or 0 < standing.expires <= now:
        return False
    return standing.state == State.OUT or _despite(standing, category)


def _despite(standing: Standing, category: Category) -> bool:
    entries = json.loads(Change.objects.values_list("entries", flat=True).get(pk=standing.change))
    return any(entry.get("despite") for entry in entries if entry.get("category") == category.slug)
