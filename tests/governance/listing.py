"""An allow list for tests, published as staff would."""

from collections.abc import Mapping, Sequence
from typing import Any

from preferences.models import Revision
from preferences.services import publish
from preferences.terms import RevisionKind

BOOKED = "appointment_booked"
LISTED = {"value": "plain", "clinic": "health", "doctor.name": "plain", "context.ip": "identifier"}


def allow(
    name: str = BOOKED,
    properties: Mapping[str, str] = LISTED,
    *,
    categories: Sequence[str] = ("appointment_reminders",),
    kind: str = "plain",
    **more: Any,
) -> Revision:
    """Allow an event; `by` and `approved_by` are who publishes it, and the second person."""
    body = {
        "name": name,
        "what": "Somebody booked an appointment",
        "class": kind,
        "categories": list(categories),
        "properties": dict(properties),
        **{each: more.pop(each) for each in ("retired",) if each in more},
    }
    author = more.pop("by", "ana")
    return publish(kind=RevisionKind.EVENT, key=name, body=body, author=author, reason="Tests", **more)
