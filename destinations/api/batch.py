"""POST /v1/batch, as Segment's libraries send it, and their other calls."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from preferences.api import problems, reading, schemas, segment
from preferences.api.door import Door, answer
from preferences.api.identify import CALL, OUTCOME, RECORDED, WRITERS, identified
from preferences.api.once import once
from preferences.api.operations import LARGEST_CALL, Operation
from preferences.api.problems import Problem
from preferences.errors import Malformed, Refused
from preferences.terms import Scope

LARGEST_BATCH = 500 * 1024
MOST = 2500  # as many as Segment takes
NOT_USED = frozenset({"track", "page", "screen", "alias", "group"})
IGNORED = {"status": "ignored"}
MAY_SEND = WRITERS | {Scope.WRITE_EVENTS}
IGNORING = schemas.exactly(status=schemas.one_of(["ignored"]))
TAKE = Operation(
    "A call that Heed takes, so that a library may send all it has, and does nothing with",
    scopes=MAY_SEND,
    body=schemas.OBJECT,
    example={"userId": "patient-1042", "event": "appointment_booked"},
    answer=IGNORING,
    shown=IGNORED,
)
ITEM: schemas.Schema = {
    "anyOf": [
        {
            **CALL,
            "properties": {**CALL["properties"], "type": schemas.one_of(["identify"])},
            "required": ["type"],
        },
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
                    IGNORING,
                    schemas.exactly(status=schemas.one_of(["refused"]), problem=schemas.named("Problem")),
                ]
            }
        )
    ),
    shown={"results": [RECORDED, IGNORED]},
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

    def post(self, request: Request) -> HttpResponse:
        items = self.body.get("batch")
        if not isinstance(items, list):
            raise Malformed('batch must be a list: [{"type": "identify", …}]', key="batch")
        if len(items) > MOST:
            raise Problem("too_large", f"send at most {MOST} calls at a time", limit=MOST)
        self.gpc = segment.header_signal(request.META, self.key)
        return once(request, self.key, self.body, lambda: {"results": [self._result(each) for each in items]})

    def _result(self, item: object) -> Mapping[str, Any]:
        try:
            return self._carried_out(item)
        except Refused as refused:
            return {"status": "refused", "problem": problems.document(refused)}

    def _carried_out(self, item: object) -> Mapping[str, Any]:
        if not isinstance(item, dict):
            raise Malformed("a call is a JSON object: {…}")
        kind = item.get("type")
        if isinstance(kind, str) and kind in NOT_USED:
            return IGNORED
        if kind != "identify":
            raise Malformed(f"type must be identify, {', '.join(sorted(NOT_USED))}", key="type")
        if not WRITERS & set(self.key.scopes):
            raise Problem("forbidden", "this key lacks the scope write:choices: ask for one that has it")
        if reading.size(item) > LARGEST_CALL:
            limit = LARGEST_CALL
            raise Problem("too_large", f"a call has at most {limit // 1024} KB", limit=limit)
        return identified(self._with_context(item), self.key, self.body.get("sentAt"), gpc=self.gpc)

    def _with_context(self, item: dict[str, Any]) -> dict[str, Any]:
        """What the batch says of all its calls holds where a call does not say otherwise."""
        common, own = self.body.get("context"), item.get("context")
        if common is None or not isinstance(common, dict) or not isinstance(own, dict | None):
            return item
        return {**item, "context": {**common, **(own or {})}}
