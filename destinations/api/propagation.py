"""GET /v1/profiles/{id}/propagation: who was told of a person's wishes, and who confirmed them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.http import HttpResponse
from rest_framework.request import Request

from destinations.models import Attempt, Propagation
from destinations.terms import PropagationState
from preferences import services
from preferences.api import schemas
from preferences.api.door import Door, answer
from preferences.api.operations import SOMEBODY, Operation
from preferences.api.people import actor, survivor
from preferences.models import Holding
from preferences.terms import IdentifierKind, Scope

ANSWERED = {
    "at": "2026-05-01T09:30:02.400000+00:00",
    "outcome": "acknowledged",
    "reason": "ok",
    "status": 204,
    "took_ms": 510,
}
READ = Operation(
    "Who was told of a person's wishes, and who confirmed",
    scopes=frozenset({Scope.READ_LEDGER}),
    answer=schemas.pages(
        schemas.exactly(
            destination=schemas.TEXT,
            label=schemas.TEXT,
            identifier=schemas.one_of(IdentifierKind.values),
            former=schemas.FLAG,
            wanted=schemas.WHOLE,
            acknowledged=schemas.WHOLE,
            state=schemas.one_of(PropagationState.values),
            reason=schemas.TEXT,
            since=schemas.INSTANT,
            acknowledged_at=schemas.or_null(schemas.INSTANT),
            last_answer=schemas.or_null(
                schemas.exactly(
                    at=schemas.INSTANT,
                    outcome=schemas.TEXT,
                    reason=schemas.TEXT,
                    status=schemas.or_null(schemas.WHOLE),
                    took_ms=schemas.or_null(schemas.WHOLE),
                )
            ),
        ),
        profile=schemas.UUID,
    ),
    shown={
        "profile": SOMEBODY,
        "results": [
            {
                "destination": "sendgrid",
                "label": "our email service",
                "identifier": "email",
                "former": False,
                "wanted": 3,
                "acknowledged": 3,
                "state": "acknowledged",
                "reason": "",
                "since": "2026-05-01T09:30:02.120000+00:00",
                "acknowledged_at": "2026-05-01T09:30:02.910000+00:00",
                "last_answer": ANSWERED,
            }
        ],
        "next": None,
    },
)


class Propagations(Door):
    """Per system and kind of identifier: what it must hold, and what it has confirmed. Never an address."""

    operations = {"GET": READ}

    def get(self, request: Request, profile: str) -> HttpResponse:
        pk = survivor(profile)
        services.log_view(actor=actor(self.key), page="GET /v1/profiles/{id}/propagation", profile_id=pk)
        return answer({"profile": str(pk), "results": _results(pk), "next": None})


def _results(pk: UUID) -> list[dict[str, Any]]:
    held = Holding.objects.filter(profile=pk).values_list("identifier_id", "until")
    # A system is told by the person's own number, too, which nobody needs to hold.
    current = {pk} | {identifier for identifier, until in held if until is None}
    rows = list(
        Propagation.objects.filter(identifier__in=current | {identifier for identifier, _ in held})
        .select_related("destination", "identifier")
        .order_by("destination__slug", "identifier__kind", "id")
    )
    answers = _last_answers([row.pk for row in rows])
    return [_described(row, answers.get(row.pk), former=row.identifier_id not in current) for row in rows]


def _last_answers(rows: Collection[UUID]) -> dict[UUID, Attempt]:
    latest = (
        Attempt.objects.filter(propagation__in=rows)
        .values("propagation")
        .annotate(last=Max("id"))
        .values("last")
    )
    return {each.propagation_id: each for each in Attempt.objects.filter(id__in=latest)}


def _described(row: Propagation, last: Attempt | None, *, former: bool) -> dict[str, Any]:
    """Codes and counters only: what a vendor wrote in its own words may hold an address."""
    return {
        "destination": row.destination.slug,
        "label": row.destination.public_label,
        "identifier": row.identifier.kind,
        "former": former,
        "wanted": row.wanted,
        "acknowledged": row.acknowledged,
        "state": row.standing,
        "reason": row.reason,
        "since": row.wanted_at.isoformat(),
        "acknowledged_at": row.acknowledged_at.isoformat() if row.acknowledged_at else None,
        "last_answer": _answer(last) if last else None,
    }


def _answer(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": attempt.started_at.isoformat(),
        "outcome": attempt.outcome,
        "reason": attempt.reason,
        "status": attempt.status,
        "took_ms": attempt.took_ms,
    }
