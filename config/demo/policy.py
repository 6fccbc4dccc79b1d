"""The rules of the demo's hospital: those that every Heed begins with, and its own for events.

Advertising and statistics may have what no rule blocks: people can say no, and the health laws of their
states add to that.
"""

from typing import Any

from governance.mission import BODY, consent, rule
from governance.templates import added
from governance.terms import ADVERTISING, POLICY, Effect, Is, Stance
from preferences.services import publish
from preferences.terms import RevisionKind

BY, WHY = "Heed", "Set up for the demo"
BOOKINGS = "washington-nevada-bookings"
OTHERS = ["marketing", ADVERTISING, "analytics", "other"]
WHERE = {"kind": "jurisdiction", "in": ["US-NV", "US-WA"]}
BOOKED = {"kind": "event", "in": ["appointment_booked"]}


def rules() -> dict[str, Any]:
    """The body that is published."""
    body = added({**BODY, "stances": {**BODY["stances"], **_open()}}, "consumer-health-data")
    return {**body, "rules": [*body["rules"], *_bookings()]}


def _open() -> dict[str, str]:
    return {ADVERTISING: Stance.ALLOW.value, "analytics": Stance.ALLOW.value}


def _bookings() -> list[dict[str, Any]]:
    """That somebody booked at all is health data there: RCW 19.373.010, NRS 603A."""
    return [
        rule(
            f"{BOOKINGS}-{said.value.replace('_', '-')}",
            f"Washington and Nevada, {words}: no appointment beyond care",
            [WHERE, BOOKED, consent("sensitive_data", said)],
            Effect.BLOCK,
            OTHERS,
        )
        for said, words in ((Is.NEVER_ASKED, "never asked"), (Is.OPTED_OUT, "said no"))
    ]


def publish_rules() -> None:
    """Once, in a hospital that is founded."""
    publish(kind=RevisionKind.POLICY, key=POLICY, body=rules(), author=BY, reason=WHY)
