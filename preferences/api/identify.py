"""POST /v1/identify: what a partner says about somebody. `/v1/batch` brings many of them."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from preferences import clock, services
from preferences.api import reading, schemas, segment
from preferences.api.door import Door
from preferences.api.once import once
from preferences.api.operations import SOMEBODY, Operation
from preferences.models import ApiKey
from preferences.services import Outcome
from preferences.services.signalling import KINDS
from preferences.terms import Scope

WRITERS = frozenset({Scope.WRITE_CHOICES, Scope.WRITE_ANONYMOUS})
CHOICES = schemas.or_null(schemas.named("Choices"))
TRAITS = schemas.or_null(
    schemas.holding(
        email=schemas.OPTIONAL_TEXT,
        phone=schemas.OPTIONAL_TEXT,
        mrn=schemas.or_null(schemas.named("Number")),
        jurisdiction=schemas.OPTIONAL_TEXT,
        language=schemas.OPTIONAL_TEXT,
        preferences=CHOICES,
    )
)
CONSENT = schemas.holding(
    categoryPreferences=CHOICES, notice=schemas.OPTIONAL_TEXT, evidence=schemas.or_null(schemas.OBJECT)
)
CALL = schemas.holding(
    userId=schemas.OPTIONAL_TEXT,
    anonymousId=schemas.OPTIONAL_TEXT,
    messageId=schemas.OPTIONAL_TEXT,
    timestamp=schemas.or_null(schemas.MOMENT),
    originalTimestamp=schemas.or_null(schemas.MOMENT),
    sentAt=schemas.or_null(schemas.MOMENT),
    traits=TRAITS,
    context=schemas.or_null(
        schemas.holding(
            traits=TRAITS,
            consent=schemas.or_null(CONSENT),
            privacySignal=schemas.or_null(schemas.one_of(sorted(KINDS))),
        )
    ),
)
OUTCOME = schemas.exactly(
    status=schemas.one_of(("recorded", "unchanged", "duplicate")),
    profile=schemas.or_null(schemas.UUID),
    version=schemas.TEXT,
    held_on_address=schemas.FLAG,
    possible_duplicate=schemas.FLAG,
    not_counted=schemas.listed(schemas.named("NotCounted")),
    warnings=schemas.listed(schemas.TEXT),
)
RECORDED = {
    "status": "recorded",
    "profile": SOMEBODY,
    "version": "1",
    "held_on_address": False,
    "possible_duplicate": False,
    "not_counted": [],
    "warnings": [],
}
SAY = Operation(
    "Who somebody is, and what they chose (Segment's identify)",
    scopes=WRITERS,
    body=CALL,
    example={
        "userId": "patient-1042",
        "messageId": "7d5e0f2c",
        "timestamp": "2026-05-01T09:30:00Z",
        "traits": {
            "email": "pat@example.org",
            "phone": "+1 202 555 0143",
            "mrn": "00123",
            "jurisdiction": "US-CA",
            "language": "es",
            "preferences": {
                "marketing_emails": False,
                "appointment_reminders": {"sms": False, "email": True},
            },
        },
    },
    answer=OUTCOME,
    shown=RECORDED,
    once=True,
    problems=frozenset({"nobody_named", "unknown_category", "unknown_channel"}),
)


class Identify(Door):
    """Record who somebody is and what they chose."""

    operations = {"POST": SAY}

    def post(self, request: Request) -> HttpResponse:
        gpc = segment.header_signal(request.META, self.key)
        return once(request, self.key, self.body, lambda: identified(self.body, self.key, gpc=gpc))


def identified(
    body: Mapping[str, Any], key: ApiKey, sent_at: object = None, *, gpc: str = ""
) -> dict[str, Any]:
    """Record one call and say what came of it. Raises Refused: then nothing was written."""
    reading.check(body)
    call, said = segment.heard(body, key, clock.now(), sent_at)
    signal = segment.signal(body) or gpc
    outcome = services.identify(call=call, said=said)
    if signal and outcome.profile_id:
        # Of its own and after it: a repeat of the call says it again, where it did not get this far (R9).
        recorded = services.signal(profile_id=outcome.profile_id, kind=signal, said=said)
        outcome.changed |= recorded.change is not None
        outcome.version = recorded.version
    # Whoever reads a browser's key out of a page learns nothing by it.
    shown = None if segment.is_browser_key(key) else outcome.profile_id
    return {
        "status": _status(outcome),
        "profile": str(shown) if shown else None,
        "version": str(outcome.version),
        "held_on_address": outcome.held_on_address,
        "possible_duplicate": outcome.possible_duplicate,
        "not_counted": [
            {"category": each.category, "channel": each.channel, "why": each.why}
            for each in outcome.not_counted
        ],
        "warnings": list(outcome.problems),
    }


def _status(outcome: Outcome) -> str:
    if outcome.duplicate:
        return "duplicate"
    return "recorded" if outcome.changed else "unchanged"
