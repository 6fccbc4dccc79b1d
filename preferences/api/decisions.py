"""POST /v1/decisions: may this be sent to one person, or to ten thousand, at the same number of queries?"""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from preferences import clock, selectors
from preferences.api import moments, naming, schemas
from preferences.api.door import Door, answer
from preferences.api.operations import Operation
from preferences.api.people import NAMED_BY
from preferences.api.problems import Problem
from preferences.errors import Malformed
from preferences.selectors import Question
from preferences.terms import NO_CHANNEL, IdentifierKind, Scope

MOST = 10_000
PROFILE = "profile"
LARGEST = 4 * 1024 * 1024
NUMBER = schemas.named("Number")
BY: dict[str, schemas.Schema] = {
    PROFILE: schemas.UUID,
    IdentifierKind.EMAIL: schemas.EMAIL,
    IdentifierKind.PHONE: schemas.PHONE,
    IdentifierKind.MRN: NUMBER,
    IdentifierKind.EXTERNAL_ID: NUMBER,
}
TO = {"to": schemas.or_null(schemas.named("Address"))}
ASK = Operation(
    "May this be sent to these people?",
    scopes=frozenset({Scope.READ_DECISIONS}),
    body=schemas.holding(
        ("category", "recipients"),
        category=schemas.CATEGORY,
        channel=schemas.or_null({**schemas.CHANNEL, "description": "left out for a use of data"}),
        at=schemas.or_null(
            {**schemas.INSTANT, "description": "as known then, by what was recorded until then"}
        ),
        recipients=schemas.listed(
            {
                "description": "named by exactly one; who cannot be read is answered `invalid_recipient`",
                "anyOf": [schemas.holding((name,), **{name: one}, **TO) for name, one in BY.items()],
            },
            MOST,
        ),
    ),
    example={
        "category": "appointment_reminders",
        "channel": "sms",
        "recipients": [
            {"phone": "+12025550143"},
            {"external_id": "patient-1042", "to": {"phone": "+12025550143"}},
            {"mrn": "00123"},
        ],
    },
    answer=schemas.exactly(
        results=schemas.listed(
            schemas.exactly(
                allowed=schemas.FLAG,
                reason=schemas.REASONS,
                version=schemas.TEXT,
                allowed_channels=schemas.listed(schemas.TEXT),
            )
        )
    ),
    shown={
        "results": [
            {
                "allowed": False,
                "reason": "choice",
                "version": "1.0",
                "allowed_channels": ["email", "phone"],
            }
        ]
    },
    largest=LARGEST,
    problems=frozenset({"unknown_category", "unknown_channel"}),
)


class Decisions(Door):
    """May this be sent to these people? One that cannot be read is answered with a reason, never yes."""

    operations = {"POST": ASK}

    def post(self, request: Request) -> HttpResponse:
        source = self.key.source.slug
        questions = [_question(each, source) for each in _recipients(self.body)]
        decisions = selectors.decide_many(
            naming.slug(self.body, "category"),
            naming.slug(self.body, "channel", NO_CHANNEL),
            questions,
            at=moments.past(self.body, "at", clock.now()),
        )
        results = [
            {
                "allowed": each.allowed,
                "reason": each.reason.value,
                "version": each.version,
                "allowed_channels": each.allowed_channels,
            }
            for each in decisions
        ]
        return answer({"results": results})


def _recipients(body: dict[str, Any]) -> list[object]:
    recipients = body.get("recipients")
    if not isinstance(recipients, list):
        raise Malformed('recipients must be a list: [{"email": …}, {"profile": …}]', key="recipients")
    if len(recipients) > MOST:
        raise Problem("too_large", f"ask about at most {MOST} recipients at a time", limit=MOST)
    return recipients


def _question(recipient: object, source: str) -> Question:
    try:
        return _read(recipient, source)
    except Malformed:
        return Question(problem=True)


def _read(recipient: object, source: str) -> Question:
    if not isinstance(recipient, dict):
        raise Malformed("a recipient is an object")
    kind, value = naming.only_one(recipient, (*NAMED_BY, PROFILE))
    to = naming.address(recipient.get("to"))
    if kind == PROFILE:
        return Question(naming.uuid(value), to=to)
    return Question(named=naming.identifier(kind, value, source=source), to=to)
