"""What Heed cannot do in a system, somebody does there by hand; their word acknowledges it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from destinations.connectors import CONNECTORS
from destinations.contract import Confirms, Field, Reason
from destinations.models import ManualTask, Propagation
from destinations.payloads import Told, held_to, would_tell
from destinations.reading import held_from
from destinations.terms import TOLD, PropagationState
from preferences.errors import Malformed, Refused
from preferences.models import Outbox


class BeingTold(Refused):
    """A call about the same row is under way: its end decides."""

    code = "being_told"


@transaction.atomic
def hand_over(
    *,
    propagation_ids: Collection[UUID],
    asked_of: str,
    words: str,
    by: str,
    remind_at: datetime | None = None,
) -> int:
    """Ask somebody to do in the system what Heed cannot; returns how many were handed over.

    What was told meanwhile, or is in somebody's hands already, is left out. Heed goes on trying.
    """
    if not asked_of.strip():
        raise Malformed("say who shall do it: a colleague's user name, or the e-mail address of an owner")
    waiting = Propagation.objects.filter(pk__in=propagation_ids).exclude(state__in=TOLD)
    # In key order, as marking goes (destinations.marking): nobody waits in a ring.
    rows = list(waiting.order_by("identifier_id", "destination_id").select_for_update())
    held = set(
        ManualTask.objects.filter(propagation__in=rows, done_at__isnull=True).values_list(
            "propagation", flat=True
        )
    )
    tasks = [
        ManualTask(
            propagation=row,
            counter=row.wanted,
            asked_of=asked_of.strip(),
            words=words.strip(),
            created_by=by,
            remind_at=remind_at,
        )
        for row in rows
        if row.pk not in held
    ]
    return len(ManualTask.objects.bulk_create(tasks))


@transaction.atomic
def confirm_done(*, task_id: int, by: str, note: str = "") -> Propagation:
    """It was done by hand: acknowledges what was wanted when it was handed over, never more.

    Returns the row as it stands: where more is wanted since, it is still waiting. Raises Refused.
    """
    task = ManualTask.objects.select_for_update().filter(pk=task_id, done_at__isnull=True).first()
    if task is None:
        raise Refused("this was confirmed already")
    row = Propagation.objects.select_for_update().select_related("destination").get(pk=task.propagation_id)
    if row.lease_token is not None:
        raise BeingTold("the system is being told about this one right now: look again in a minute")
    task.done_by, task.done_at, task.note = by, timezone.now(), note.strip()
    task.save(update_fields=["done_by", "done_at", "note"])
    _acknowledge(row, task)
    row.refresh_from_db()
    return row


def _acknowledge(row: Propagation, task: ManualTask) -> None:
    mine = Propagation.objects.filter(pk=row.pk)
    mine.filter(acknowledged__lt=task.counter).update(acknowledged=task.counter, acknowledged_at=task.done_at)
    if row.state in TOLD:
        return
    if row.wanted > task.counter:
        mine.filter(state=PropagationState.STUCK).update(due_at=task.done_at)  # the rest is asked for at once
        return
    told = _told(row, task)
    mine.update(
        state=PropagationState.ACKNOWLEDGED,
        reason=Reason.BY_HAND,
        detail=f"confirmed by {task.done_by}"[:200],
        due_at=None,
        denied_at=None,
        deadline_at=None,
        unknown_at=None,
        failures=0,
        # So that the same is not sent after all at the next look. None: nobody can say, so it will be.
        digest=told.digest if told else None,
        targets=_left(row, told),
    )


def _told(row: Propagation, task: ManualTask) -> Told | None:
    """What it holds by that word; None where nobody can say.

    As it was when it was handed over: no pause that has begun since. And what still waits in the outbox was
    counted in no `wanted` yet, so nobody's hands have done it; therefore that is looked at last.
    """
    connector = CONNECTORS.get(row.destination.connector)
    if connector is None:
        return None
    told = would_tell(row.destination, connector, [row.identifier_id], task.created_at)
    return None if Outbox.objects.exists() else told[row.identifier_id]


def _left(row: Propagation, told: Told | None) -> str:
    """Where only hands write, a no that was over is gone with their word: nobody is asked about it again."""
    connector = CONNECTORS.get(row.destination.connector)
    if told is None or connector is None or connector.confirms is not Confirms.BY_HAND:
        return row.targets
    fields = told.content["fields"]
    stays = {name: held for name, held in held_from(row.targets).items() if _stands(fields.get(name))}
    return held_to(stays, {})


def _stands(field: Field | None) -> bool:
    return field is not None and field.denies is not False
