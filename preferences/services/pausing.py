"""A person's own pause of a category (R12): it denies until its day, and is no choice."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from preferences import clock, slots
from preferences.catalogue import catalogue_at
from preferences.clock import micros, start_of
from preferences.errors import Malformed
from preferences.ledger import Subject
from preferences.services.recording import lock_profiles, meant
from preferences.services.restating import add
from preferences.services.said import Said

LONGEST = timedelta(days=366)


def pause(*, profile_id: UUID, category: str, until: datetime, said: Said) -> int:
    """Send none of these until then; returns the ledger entry.

    Raises NotFound, UnknownCategory, and Malformed where nothing could be paused.
    """
    return _place(profile_id, category, until, said)


def end_pause(*, profile_id: UUID, category: str, said: Said) -> int:
    """Go on sooner: the choices of before hold again. Raises NotFound, UnknownCategory, Malformed."""
    return _place(profile_id, category, None, said)


@transaction.atomic
def _place(profile_id: UUID, category: str, until: datetime | None, said: Said) -> int:
    subject = lock_profiles([profile_id])[profile_id]
    now = clock.now()
    if until is None:
        _check_paused(subject, category, now)
        start = end = micros(now)
    else:
        _check(subject, category, until, now)
        start, end = micros(start_of(said.occurred, now)), micros(until)
    entry: dict[str, Any] = {"do": "pause", "category": category, "from": start, "until": end}
    change = add(subject, [entry, *meant(subject, profile_id)], said, now, denies=until is not None)
    transaction.on_commit(slots.on_outbox, robust=True)
    return change


def _check(subject: Subject, category: str, until: datetime, now: datetime) -> None:
    paused = catalogue_at(subject.catalogue_version).category(category)
    if paused.is_data_use or paused.required or paused.retired:
        raise Malformed("only messages that people may turn off can be paused", category=category)
    if not now < until <= now + LONGEST:
        raise Malformed(
            "a pause ends in the future, within a year: for longer, say no", until=until.isoformat()
        )


def _check_paused(subject: Subject, category: str, now: datetime) -> None:
    catalogue_at(subject.catalogue_version).category(category)
    start, until, *_ = subject.pauses.get(category, (0, 0))
    if not start <= micros(now) < until:
        raise Malformed("there is no pause to end", category=category)
