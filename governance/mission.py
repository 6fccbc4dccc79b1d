"""The policy that exists after `migrate`. Staff publish others; two of its rules yield only to two people."""

from typing import Any

from governance.terms import ADVERTISING, Effect, Is, PropertyClass, Stance
from preferences.terms import NO_CHANNEL

PRIVACY_SIGNAL, HEALTH_TO_ADVERTISING = "privacy-signal", "health-to-advertising"
PROTECTED = (PRIVACY_SIGNAL, HEALTH_TO_ADVERTISING)


def rule(
    slug: str, name: str, when: list[dict[str, Any]], effect: Effect, purposes: list[str], *, on: bool = True
) -> dict[str, Any]:
    """The body of a rule that names purposes."""
    return {
        "id": slug,
        "name": name,
        "on": on,
        "when": when,
        "then": {"effect": effect.value},
        "for": {"purposes": purposes, "destinations": []},
    }


def consent(category: str, said: Is, on: str = NO_CHANNEL) -> dict[str, Any]:
    """The body of a condition about what somebody chose."""
    return {"kind": "consent", "category": category, "on": on, "is": said.value}


PURPOSES = ("marketing", ADVERTISING, "appointments", "care", "analytics", "call_center", "records", "other")
BODY: dict[str, Any] = {
    "rules": [
        rule(
            PRIVACY_SIGNAL,
            "A privacy signal, or a no to sale and sharing: nothing to advertising",
            [consent("sale_or_sharing", Is.OPTED_OUT)],
            Effect.BLOCK,
            [ADVERTISING],
        ),
        rule(
            HEALTH_TO_ADVERTISING,
            "Never any health information to advertising",
            [{"kind": "class", "carries": PropertyClass.HEALTH.value}],
            Effect.BLOCK,
            [ADVERTISING],
        ),
        rule(
            "marketing-emails-out",
            "No marketing emails: nothing to marketing and advertising",
            [consent("marketing_emails", Is.OPTED_OUT, "any")],
            Effect.BLOCK,
            ["marketing", ADVERTISING],
        ),
        rule(
            "appointment-reminders-in",
            "Wants appointment reminders: to the systems that send them",
            [consent("appointment_reminders", Is.OPTED_IN, "any")],
            Effect.ALLOW,
            ["appointments"],
        ),
    ],
    "stances": dict.fromkeys(PURPOSES, Stance.BLOCK.value),
}
