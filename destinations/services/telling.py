"""Telling once more: what has failed, and what was confirmed already."""

import logging
from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from destinations.models import Destination, Propagation
from destinations.services.connections import look_again
from destinations.services.waking import wake
from destinations.terms import PropagationState

log = logging.getLogger(__name__)
RUNNING = Q(lease_token__isnull=False)


@transaction.atomic
def retry(*, propagation_ids: Collection[UUID], by: str) -> int:
    """Try these now, whatever their backoff; returns how many will be. Running calls are left alone."""
    waiting = Propagation.objects.filter(pk__in=propagation_ids, lease_token__isnull=True).exclude(
        state__in=[PropagationState.ACKNOWLEDGED, PropagationState.VERIFIED]
    )
    found = _locked(waiting)
    rows = Propagation.objects.filter(pk__in=[pk for pk, _ in found])
    count = rows.update(due_at=timezone.now(), state=PropagationState.PENDING, digest=None)
    destinations = {destination for _, destination in found}
    Destination.objects.filter(pk__in=destinations).update(not_before=None)
    transaction.on_commit(wake, robust=True)
    log.info("propagation.retried", extra={"by": by, "rows": count})
    return count


@transaction.atomic
def send_again(*, propagation_ids: Collection[UUID], by: str) -> int:
    """Tell these once more, though they were confirmed; returns how many.

    `wanted` rises, so that a page says *waiting* until the system confirms it anew, and a call that is under
    way is followed by another look.
    """
    now = timezone.now()
    found = _locked(Propagation.objects.filter(pk__in=propagation_ids))
    told = Propagation.objects.filter(pk__in=[pk for pk, _ in found])
    count = told.update(
        wanted=F("wanted") + 1,
        wanted_at=now,
        digest=None,
        due_at=Case(When(RUNNING, then=F("due_at")), default=Value(now)),
        state=Case(When(RUNNING, then=F("state")), default=Value(PropagationState.PENDING.value)),
    )
    transaction.on_commit(wake, robust=True)
    log.info("propagation.sent_again", extra={"by": by, "rows": count})
    return count


def _locked(rows: QuerySet[Propagation]) -> list[tuple[UUID, int]]:
    """Keys and systems, in key order as marking goes (destinations.marking): nobody waits in a ring."""
    ordered = rows.order_by("identifier_id", "destination_id").select_for_update()
    return list(ordered.values_list("pk", "destination_id"))


@transaction.atomic
def send_again_to_all(*, destination: Destination, by: str) -> None:
    """Tell everyone at one system once more, opt-outs first: no digest of before counts from now on."""
    Destination.objects.filter(pk=destination.pk).update(again=F("again") + 1)
    look_again(destination)
    log.info("destination.sent_again", extra={"by": by, "destination": destination.slug})
