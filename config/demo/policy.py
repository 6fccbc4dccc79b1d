"""The rules of the demo's hospital: those that every Heed begins with, and its own for events.

Advertising and statistics may have what no rule blocks: people can say no, health information never goes to
advertising, and the health laws of their states add to that.
"""

from typing import Any

from governance.mission import BODY
from governance.templates import added
from governance.terms import ADVERTISING, POLICY, Stance
from preferences.services import publish
from preferences.terms import RevisionKind

BY, WHY = "Heed", "Set up for the demo"


def rules() -> dict[str, Any]:
    """The body that is published."""
    return added({**BODY, "stances": {**BODY["stances"], **_open()}}, "consumer-health-data")


def _open() -> dict[str, str]:
    return {ADVERTISING: Stance.ALLOW.value, "analytics": Stance.ALLOW.value}


def publish_rules() -> None:
    """Once, in a hospital that is founded."""
    publish(kind=RevisionKind.POLICY, key=POLICY, body=rules(), author=BY, reason=WHY)
