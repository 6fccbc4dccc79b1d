"""One row of a lane tries for all that are stuck on what is the lane's own: its sign-in, or its settings.

Such a refusal often passes by itself, and a no must not wait a day for it; but everyone tried every quarter
of an hour would be a storm, and a sign-in that is wrong each time is soon locked. So one no is tried again:
after a quarter of an hour, then half, up to daily. Once the system takes it, all that are stuck so are due at
once. Whoever is tried and refused has the next turn last: it may be that row alone which is refused.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from destinations import backoff
from destinations.contract import Reason
from destinations.leases import Settled
from destinations.models import Destination, Propagation
from destinations.payloads import Row
from destinations.terms import TOLD, PropagationState
from preferences.sql import for_update

REASONS = (Reason.REJECTED_AUTH, Reason.REJECTED_CONFIG)


def lane_of(destination: Destination, rows: Sequence[Row], settled: Sequence[Settled]) -> Destination | None:
    """The lane's row, locked before its rows are, where this turn has something to say about a trial.

    One worker at a time chooses. A row that is on its way cannot be chosen: what the turn knew of it holds.
    """
    if destination.trial not in {row.id for row in rows} and not any(map(_is_refused, settled)):
        return None
    query = Destination.objects.filter(pk=destination.pk)
    return (query.select_for_update() if for_update() else query).get()


def note(lane: Destination, settled: Sequence[Settled], now: datetime) -> None:
    """What this turn means for those who are stuck: they are free, or somebody tries for them."""
    tried = next((each for each in settled if each.row.id == lane.trial), None)
    if tried and tried.done and tried.reason != Reason.UNCHANGED:
        _free(lane, now)
        _set(lane, None, 0)
    elif tried and _is_refused(tried):
        _choose(lane, lane.trials + 1, now)
    elif not _is_tried(lane):
        _choose(lane, lane.trials, now)


def shut() -> Q:
    """Clocks of opt-outs at a system that refuses Heed's sign-in or settings, and did so on trial again."""
    return Q(
        propagation__state=PropagationState.STUCK,
        propagation__reason__in=REASONS,
        propagation__destination__trials__gt=0,
    )


def _is_refused(each: Settled) -> bool:
    return each.state == PropagationState.STUCK and each.reason in REASONS


def _is_tried(lane: Destination) -> bool:
    """Is the row that tries still on its way, or due? It may be told, erased, or stuck otherwise."""
    if lane.trial is None:
        return False
    refused_otherwise = Q(state=PropagationState.STUCK) & ~Q(reason__in=REASONS)
    rows = Propagation.objects.filter(pk=lane.trial, due_at__isnull=False)
    return rows.exclude(refused_otherwise).exclude(state__in=TOLD).exists()


def _choose(lane: Destination, trials: int, now: datetime) -> None:
    """Whoever was tried least, the nearest deadline first of those."""
    rows = _stuck(lane).order_by("failures", "deadline_at", "due_at", "pk")
    row = (rows.select_for_update(skip_locked=True) if for_update() else rows).first()
    if row:
        due_at = now + timedelta(seconds=backoff.trial_delay(trials))
        Propagation.objects.filter(pk=row.pk).update(due_at=due_at)
    _set(lane, row.pk if row else None, trials)


def _free(lane: Destination, now: datetime) -> None:
    """Waits for nobody's lock: what somebody else is writing now falls due by that."""
    rows = _stuck(lane)
    locked = rows.select_for_update(skip_locked=True) if for_update() else rows
    Propagation.objects.filter(pk__in=locked.values("pk")).update(due_at=now)


def _stuck(lane: Destination) -> "QuerySet[Propagation]":
    """Only whoever is tried daily anyway: nobody's yes is told because of a trial."""
    rows = Propagation.objects.filter(destination=lane, state=PropagationState.STUCK, reason__in=REASONS)
    return rows.filter(due_at__isnull=False)


def _set(lane: Destination, row: UUID | None, trials: int) -> None:
    Destination.objects.filter(pk=lane.pk).update(trial=row, trials=trials)
