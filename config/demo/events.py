"""The events that the demo's hospital lets in, and a few that came before anybody allowed them."""

from collections.abc import Mapping, Sequence

from destinations.services.tracking import track
from destinations.tracked import Tracked
from governance.allowed import Value
from preferences import clock, identity
from preferences.models import Source
from preferences.services import publish
from preferences.terms import IdentifierKind, RevisionKind

BY, WHY = "Heed", "Set up for the demo"
AROUND = {"context.ip": "identifier", "context.userAgent": "identifier", "context.page.url": "health"}


def _event(
    name: str, what: str, belongs_to: Sequence[str], properties: Mapping[str, str], tells: str = "plain"
) -> dict[str, object]:
    return {
        "name": name,
        "what": what,
        "class": tells,
        "categories": list(belongs_to),
        "properties": dict(properties),
    }


EVENTS = (
    _event(
        "appointment_booked",
        "Somebody booked an appointment on the website or in the portal",
        ["appointment_reminders"],
        {"value": "plain", "currency": "plain", "clinic": "health", "reason": "health", **AROUND},
        tells="health",
    ),
    _event(
        "page_viewed",
        "Somebody viewed a page of the website",
        [],
        {"name": "plain", "path": "health", "url": "health", "referrer": "health", **AROUND},
    ),
    _event(
        "newsletter_clicked",
        "Somebody clicked a link in a newsletter",
        ["marketing_emails"],
        {"campaign": "plain", "link": "plain", **AROUND},
    ),
    _event(
        "result_viewed",
        "Somebody opened a test result in the portal",
        ["care_follow_ups"],
        {"test": "health", "clinic": "health"},
        tells="health",
    ),
)
NOT_ALLOWED: Sequence[tuple[str, Mapping[str, Value | None]]] = (
    ("appointment_booked", {"value": 140, "insurer": "Acme Health"}),
    ("appointment_booked", {"value": 90, "insurer": "Acme Health", "doctor.name": "Dr. Lee"}),
    ("bill_paid", {"amount": 35}),
)


def let_in(source: Source) -> None:
    """Publish what may come in, and have a partner send something of which not all may."""
    for body in EVENTS:
        name = str(body["name"])
        publish(kind=RevisionKind.EVENT, key=name, body=body, author=BY, reason=WHY)
    now = clock.now()
    who = (identity.named(IdentifierKind.ANONYMOUS_ID, "demo-visitor"),)
    sent = [
        Tracked("track", name, now, who, properties, b"{}", f"demo-{number}")
        for number, (name, properties) in enumerate(NOT_ALLOWED)
    ]
    track(source=source, events=sent, now=now)
