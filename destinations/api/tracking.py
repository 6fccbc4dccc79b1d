"""POST /v1/track, page, screen: what a partner saw somebody do. `/v1/batch` brings many of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from destinations.services.tracking import Result, track
from destinations.terms import EventKind, Taken
from destinations.tracked import Tracked
from governance.allowed import Value, flat
from preferences import clock
from preferences.api import moments, reading, schemas, segment
from preferences.api.door import Door
from preferences.api.identify import CALL, OUTCOME, identified
from preferences.api.once import once
from preferences.api.operations import LARGEST_CALL, Operation
from preferences.api.problems import Problem
from preferences.api.segment import Parts
from preferences.errors import Forbidden, Malformed, NobodyNamed
from preferences.models import ApiKey
from preferences.terms import Scope

NAMES = {EventKind.PAGE: "page_viewed", EventKind.SCREEN: "screen_viewed"}
TITLES = ("name", "category")  # of a page or screen: properties like any other
OWN = frozenset({"consent", "traits", "privacySignal", "library"})  # of a context: never an event's property
CONTEXT = "context."
_COMMON = {name: part for name, part in CALL["properties"].items() if name != "traits"}
_PROPERTIES: Mapping[str, schemas.Schema] = {**_COMMON, "properties": schemas.or_null(schemas.OBJECT)}
EVENT = schemas.holding(("event",), event=schemas.TEXT, **_PROPERTIES)
VIEW = schemas.holding((), name=schemas.OPTIONAL_TEXT, category=schemas.OPTIONAL_TEXT, **_PROPERTIES)
TAKEN = schemas.exactly(
    status=schemas.one_of(Taken.values),
    event=schemas.or_null(schemas.UUID),
    dropped=schemas.listed(schemas.TEXT),
    consent=schemas.or_null(OUTCOME),
    warnings=schemas.listed(schemas.TEXT),
)
ACCEPTED = {
    "status": "accepted",
    "event": "3c0a4f39-2f6b-8f1e-9d5b-6a1f5d3c7e21",
    "dropped": ["doctor"],
    "consent": None,
    "warnings": [],
}


@dataclass(frozen=True, slots=True)
class Heard:
    """An event that was read, and what came of the consent that it carried."""

    event: Tracked
    consent: Mapping[str, Any] | None


def heard(
    kind: EventKind, body: Mapping[str, Any], key: ApiKey, now: datetime, sent_at: object = None, *, gpc: str
) -> Heard:
    """One call, read; the consent in it is recorded first. Raises Refused: then nothing of it is kept."""
    content = segment.content(body)
    reading.check_written(body, content)
    if len(content) > LARGEST_CALL:
        limit = LARGEST_CALL
        raise Problem("too_large", f"an event has at most {limit // 1024} KB", limit=limit)
    parts = segment.parts_of(body)
    identifiers, unreadable = segment.who(parts, key)
    if not identifiers:
        raise NobodyNamed("; ".join(unreadable) or "name whose event it is: userId or anonymousId")
    occurred, too_early = moments.occurred(body, body.get("sentAt", sent_at), now)
    event = Tracked(
        kind=kind,
        name=_name(kind, body),
        occurred_at=clock.start_of(occurred, now),
        identifiers=identifiers,
        properties=_properties(kind, body),
        content=content,
        message_id=_message_id(body),
        warnings=(*unreadable, *too_early),
    )
    return Heard(event, _consent(parts, key, sent_at, gpc))


def taken(events: Sequence[Heard], key: ApiKey, now: datetime) -> list[dict[str, Any]]:
    """Take them in together; what came of each, in order."""
    results = track(source=key.source, events=[each.event for each in events], now=now)
    return [_answer(each, result) for each, result in zip(events, results, strict=True)]


def _answer(heard: Heard, result: Result) -> dict[str, Any]:
    return {
        "status": result.status,
        "event": str(result.event) if result.event else None,
        "dropped": list(result.dropped),
        "consent": heard.consent,
        "warnings": list(result.warnings),
    }


def _name(kind: EventKind, body: Mapping[str, Any]) -> str:
    if kind in NAMES:
        return NAMES[kind]
    name = body.get("event")
    if not isinstance(name, str) or not name.strip():
        raise Malformed("event must be the name of what happened: appointment_booked", key="event")
    return name.strip()


def _message_id(body: Mapping[str, Any]) -> str:
    given = body.get("messageId")
    if given is not None and not isinstance(given, str):
        raise Malformed("messageId must be text", key="messageId")
    return (given or "").strip()


def _properties(kind: EventKind, body: Mapping[str, Any]) -> dict[str, Value | None]:
    given = _object(body, "properties")
    if kind in NAMES:
        given = {**{title: body[title] for title in TITLES if body.get(title)}, **given}
    # A property can't pass for part of the context.
    own = {path: None if path.startswith(CONTEXT) else value for path, value in flat(given)}
    around = {name: value for name, value in _object(body, "context").items() if name not in OWN}
    return {**own, **dict(flat(around, CONTEXT))}


def _object(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Malformed(f"{name} must be an object", key=name)
    return value


def _consent(parts: Parts, key: ApiKey, sent_at: object, gpc: str) -> dict[str, Any] | None:
    """What came of the choices or the privacy signal in a call: recorded before its event is kept.

    A signal can only opt out (R9), so any key may bring one. Choices that this key may not record are
    refused with the event: it must not flow as if nobody had said anything.
    """
    body, chosen = parts.body, segment.says_choices(parts)
    if not chosen and not (segment.signal(body) or gpc):
        return None
    if chosen and not {Scope.WRITE_CHOICES, Scope.WRITE_ANONYMOUS} & set(key.scopes):
        raise Forbidden("it says what somebody chose, and this key lacks the scope write:choices")
    return identified(_of_browser(body) if segment.is_browser_key(key) else body, key, sent_at, gpc=gpc)


def _of_browser(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same about the browser alone, where there is one: a key for events says nothing of people."""
    if body.get("anonymousId") is None:
        return body
    said = {name: value for name, value in body.items() if name not in ("userId", "traits")}
    context = {name: value for name, value in _object(body, "context").items() if name != "traits"}
    return {**said, "context": context}


def _take(summary: str, body: schemas.Schema, **example: Any) -> Operation:
    return Operation(
        summary,
        scopes=frozenset({Scope.WRITE_EVENTS}),
        body=body,
        example={"userId": "patient-1042", "messageId": "b1946ac9", **example},
        answer=TAKEN,
        shown=ACCEPTED,
        once=True,
        problems=frozenset({"nobody_named", "unknown_category", "unknown_channel"}),
    )


class Tracking(Door):
    """One event."""

    kind: ClassVar[EventKind]

    def post(self, request: Request) -> HttpResponse:
        gpc = segment.header_signal(request.META, self.key)
        return once(request, self.key, self.body, lambda: self._taken(gpc))

    def _taken(self, gpc: str) -> dict[str, Any]:
        now = clock.now()
        [result] = taken([heard(self.kind, self.body, self.key, now, gpc=gpc)], self.key, now)
        return result


class Track(Tracking):
    """Keep what somebody did, if staff have allowed the event; it is sent on where the rules let it."""

    kind = EventKind.TRACK
    operations = {
        "POST": _take(
            "Something happened (Segment's track)",
            EVENT,
            event="appointment_booked",
            properties={"value": 120, "doctor": "Dr. Lee"},
        )
    }


class Page(Tracking):
    """The event `page_viewed`; the page's `name` and `category` are properties like any other."""

    kind = EventKind.PAGE
    operations = {
        "POST": _take(
            "Somebody viewed a page (Segment's page)", VIEW, name="Prices", properties={"path": "/prices"}
        )
    }


class Screen(Tracking):
    """The event `screen_viewed`; the screen's `name` and `category` are properties like any other."""

    kind = EventKind.SCREEN
    operations = {
        "POST": _take(
            "Somebody viewed a screen of an app (Segment's screen)", VIEW, name="Home", properties={}
        )
    }
