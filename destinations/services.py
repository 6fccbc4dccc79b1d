"""Every way in which connections and propagations change, other than by the engine itself."""

from collections.abc import Collection, Mapping
from copy import copy
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django_q.tasks import async_task

from destinations import credentials, leases
from destinations.connectors import CONNECTORS
from destinations.mappers import check_standing, first_body
from destinations.models import Destination, Heartbeat, Propagation, WakeUp
from destinations.terms import DestinationState, PropagationState
from preferences import ledger
from preferences.errors import Malformed
from preferences.services import publish
from preferences.sql import time_in
from preferences.terms import RevisionKind, SubjectKind

PROPAGATE = "propagate"
ASK_AGAIN = timedelta(seconds=5)  # one task more is cheap
NO_AGREEMENT = "record the agreement (BAA) first: without one no health information goes there"


def wake() -> None:
    """Ask for one run of `propagate`, if nobody has lately: a hint only, truth is in the rows.

    Who was asked may have been killed with the task in hand, and django-q gives it to nobody else for two
    minutes.
    """
    now = timezone.now()
    with connection.cursor() as cursor:  # after every commit: the one query that is nearly always enough
        cursor.execute(
            "SELECT 1 FROM destinations_wakeup WHERE name = %s AND pending AND at > %s",
            [PROPAGATE, time_in(now - ASK_AGAIN)],
        )
        if cursor.fetchone():
            return
    WakeUp.objects.get_or_create(name=PROPAGATE)
    unanswered = Q(pending=False) | Q(at__lte=now - ASK_AGAIN)
    if WakeUp.objects.filter(unanswered, name=PROPAGATE).update(pending=True, at=now):
        try:
            async_task("destinations.tasks.propagate")
        except Exception:
            answer_wake_up()  # nobody was asked: whoever comes next asks again
            raise


def answer_wake_up() -> None:
    """First thing in a run: whoever commits after this asks again."""
    WakeUp.objects.filter(name=PROPAGATE, pending=True).update(pending=False)


def beat(name: str) -> None:
    """Show that a kind of background work runs."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


@transaction.atomic
def save_destination(
    *,
    destination: Destination | None = None,
    connector: str,
    slug: str,
    name: str,
    public_label: str,
    public_label_es: str = "",
    purpose: str,
    state: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    agreement: str = "",
    told_confidential: bool = False,
    author: str,
) -> Destination:
    """Make or change a connection; a blank secret keeps what stands. Everyone's row there is looked at again.

    Raises Malformed with what is missing.
    """
    saved, before = destination or Destination(slug=slug, connector=connector), copy(destination)
    known = credentials.standing(bytes(saved.secrets)) | {
        key: value for key, value in secrets.items() if value
    }
    check_connection(connector=connector, settings=settings, secrets=known, state=state, agreement=agreement)
    saved.name, saved.purpose = name, purpose
    saved.public_label, saved.public_label_es = public_label, public_label_es
    saved.state, saved.settings, saved.agreement = state, dict(settings), agreement
    saved.told_confidential = told_confidential
    saved.secrets = credentials.lock(known)
    saved.failures, saved.not_before = 0, None
    saved.save()
    if before:
        check_standing(before=before, after=saved)
    else:
        publish(
            kind=RevisionKind.MAPPER,
            key=saved.slug,
            body=first_body(saved),
            author=author,
            reason="The rows that come with the connector",
        )
    look_again(saved)
    return saved


def check_connection(
    *, connector: str, settings: Mapping[str, Any], secrets: Mapping[str, str], state: str, agreement: str
) -> None:
    """Could a connection be saved so? Raises Malformed with what is missing."""
    declared = CONNECTORS.get(connector)
    if declared is None:
        raise Malformed(f"there is no connector {connector!r}; there are {', '.join(CONNECTORS)}")
    for name, setting in declared.settings.items():
        given = secrets.get(name) if setting.secret else settings.get(name, setting.default)
        if setting.required and not given:
            raise Malformed(f"{setting.label} is missing")
    if state == DestinationState.LIVE and not agreement:
        raise Malformed(NO_AGREEMENT)


def look_again(destination: Destination) -> None:
    """Mark everyone at one system: only what differs is sent. Bulk, in chunks, by the engine."""
    ledger.hand_over([(SubjectKind.DESTINATION, destination.slug)], timezone.now(), denies=False)
    transaction.on_commit(wake, robust=True)


@transaction.atomic
def set_state(*, destination: Destination, state: DestinationState) -> None:
    """Pause a system, or let it go on: what has waited is sent then."""
    if state == DestinationState.LIVE and not destination.agreement:
        raise Malformed(NO_AGREEMENT)
    Destination.objects.filter(pk=destination.pk).update(state=state, failures=0, not_before=None)
    leases.hasten(destination.pk, timezone.now())
    transaction.on_commit(wake, robust=True)


@transaction.atomic
def retry(*, propagation_ids: Collection[UUID], by: str) -> int:
    """Try these now, whatever their backoff; returns how many will be. Running calls are left alone."""
    rows = Propagation.objects.filter(
        Q(wanted__gt=0), pk__in=propagation_ids, lease_token__isnull=True
    ).exclude(state__in=[PropagationState.ACKNOWLEDGED, PropagationState.VERIFIED])
    destinations = set(rows.values_list("destination_id", flat=True))
    count = rows.update(due_at=timezone.now(), state=PropagationState.PENDING, digest=None)
    Destination.objects.filter(pk__in=destinations).update(not_before=None)
    transaction.on_commit(wake, robust=True)
    return count
