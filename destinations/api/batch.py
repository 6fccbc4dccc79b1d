"""POST /v1/batch, as Segment's libraries send it, and their other calls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from destinations.api.tracking import ACCEPTED, EVENT, TAKEN, VIEW, Heard, heard, taken
from destinations.terms import EventKind
from preferences import clock
from preferences.api import problems, schemas, segment
from preferences.api.door import Door, answer
from preferences.api.identify import CALL, OUTCOME, RECORDED, WRITERS, identified
from preferences.api.once import once
from preferences.api.operations import LARGEST_CALL, Operation
from preferences.api.problems import Problem
from preferences.errors import Forbidden, Malformed, Refused
from preferences.terms import Scope

LARGEST_BATCH = 500 * 1024
MOST = 2500  # as many as Segment takes
NOT_USED = frozenset({"alias", "group"})
TYPES = ("identify", *EventKind.values, *sorted(NOT_USED))
IGNORED = {"status": "ignored"}
MAY_SEND = WRITERS | {Scope.WRITE_EVENTS}
IGNORING = schemas.exactly(status=schemas.one_of(["ignored"]))
TAKE = Operation(
    "A call that Heed takes, so that a library may send all it has, and does nothing with",
    scopes=MAY_SEND,
    body=schemas.OBJECT,
    example={"userId": "patient-1042", "groupId": "family-7"},
    answer=IGNORING,
    shown=IGNORED,
)


def _typed(call: schemas.Schema, *types: str) -> schemas.Schema:
    """A call as an item of a batch, which says what it is."""
    return {
        **call,
        "properties": {**call["properties"], "type": schemas.one_of(types)},
        "required": ["type", *call.get("required", ())],
    }


ITEM: schemas.Schema = {
    "anyOf": [
        _typed(CALL, "identify"),
        _typed(EVENT, EventKind.TRACK),
        _typed(VIEW, EventKind.PAGE, EventKind.SCREEN),
        schemas.holding(("type",), type=schemas.one_of(sorted(NOT_USED))),
    ]
}
SEND = Operation(
    "Many calls in one body, each with its own result, in order (Segment's batch)",
    scopes=MAY_SEND,
    body=schemas.holding(
        ("batch",),
        batch=schemas.listed(ITEM, MOST),
        sentAt=schemas.or_null(schemas.MOMENT),
        context=schemas.or_null(schemas.OBJECT),
    ),
    example={
        "batch": [
            {
                "type": "identify",
                "userId": "patient-1042",
                "traits": {"preferences": {"patient_surveys": False}},
            },
            {"type": "identify", "userId": "patient-1043", "traits": {"preferences": {"newsletter": False}}},
            {"type": "track", "userId": "patient-1042", "event": "appointment_booked"},
        ]
    },
    answer=schemas.exactly(
        results=schemas.listed(
            {
                "anyOf": [
                    OUTCOME,
                    TAKEN,
                    IGNORING,
                    schemas.exactly(status=schemas.one_of(["refused"]), problem=schemas.named("Problem")),
                ]
            }
        )
    ),
    shown={"results": [RECORDED, RECORDED, ACCEPTED]},
    largest=LARGEST_BATCH,
    once=True,
)


class Ignored(Door):
    """Calls that Heed takes, so that a library may send all it has, and does nothing with."""

    operations = {"POST": TAKE}

    def post(self, request: Request) -> HttpResponse:
        return answer(IGNORED)


class Batch(Door):
    """Many calls in one body, each with its own result, each recorded for itself."""

    operations = {"POST": SEND}
    gpc: str
    now: datetime

    def post(self, request: Request) -> HttpResponse:
        items = self.body.get("batch")
        if not isinstance(items, list):
            raise Malformed('batch must be a list: [{"type": "identify", …}]', key="batch")
        if len(items) > MOST:
            raise Problem("too_large", f"send at most {MOST} calls at a time", limit=MOST)
        self.gpc = segment.header_signal(request.META, self.key)
        self.now = clock.now()
        return once(request, self.key, self.body, lambda: {"results": self._results(items)})

    def _results(self, items: list[object]) -> list[Mapping[str, Any]]:
        """Events are kept together, once all is recorded that people said in the same batch."""
        each = [self._result(item) for item in items]
        events = [one for one in each if isinstance(one, Heard)]
        kept = iter(taken(events, self.key, self.now) if events else ())
        return [next(kept) if isinstance(one, Heard) else one for one in each]

    def _result(self, item: object) -> Mapping[str, Any] | Heard:
        try:
            return self._carried_out(item)
        except Refused as refused:
            return {"status": "refused", "problem": problems.document(refused)}

    def _carried_out(self, item: object) -> Mapping[str, Any] | Heard:
        if not isinstance(item, dict):
            raise Malformed("a call is a JSON object: {…}")
        kind = item.get("type")
        if not isinstance(kind, str) or kind not in TYPES:
            raise Malformed(f"type must be one of {', '.join(TYPES)}", key="type")
        if kind in NOT_USED:
            return IGNORED
        if kind == "identify":
            return self._identified(item)
        if Scope.WRITE_EVENTS.value not in self.key.scopes:
            raise Forbidden("this key lacks the scope write:events: ask for one that has it")
        call, sent_at = self._with_context(item), self.body.get("sentAt")
        return heard(EventKind(kind), call, self.key, self.now, sent_at, gpc=self.gpc)

    def _identified(self, item: dict[str, Any]) -> Mapping[str, Any]:
        if not WRITERS & set(self.key.scopes):
            raise Forbidden("this key lacks the scope write:choices: ask for one that has it")
        if len(segment.content(item)) > LARGEST_CALL:
            limit = LARGEST_CALL
            raise Problem("too_large", f"a call has at most {limit // 1024} KB", limit=limit)
        return identified(self._with_context(item), self.key, self.body.get("sentAt"), gpc=self.gpc)

    def _with_context(self, item: dict[str, Any]) -> dict[str, Any]:
        """What the batch says of all its calls holds where a call does not say otherwise."""
        common, own = self.body.get("context"), item.get("context")
        if not isinstance(common, dict | None):
            raise Malformed("context must be an object", key="context")
        if common is None or not isinstance(own, dict | None):
            return item
        return {**item, "context": {**common, **(own or {})}}
