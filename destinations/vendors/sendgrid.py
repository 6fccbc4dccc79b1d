"""SendGrid's Event Webhook.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from destinations.contract import Glyph, Setting, Settings
from destinations.vendors.contract import (
    Heard,
    Incoming,
    Item,
    Meaning,
    NotAuthentic,
    Unreadable,
    Vendor,
    Who,
    event_of,
)
from destinations.vendors.signatures import ecdsa_p256, of_now
from destinations.vendors.words import word

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
# A complaint is about mail that was not wanted: marketing of every kind, see docs/inbound.md.
MEANS = {
    "unsubscribe": Meaning.OPT_OUT,
    "group_unsubscribe": Meaning.OPT_OUT,
    "group_resubscribe": Meaning.OPT_IN,
    "spamreport": Meaning.OPT_OUT,
    "bounce": Meaning.UNREACHABLE,
    "dropped": Meaning.NOTHING,
    "processed": Meaning.NOTHING,
    "deferred": Meaning.NOTHING,
    "delivered": Meaning.NOTHING,
    "open": Meaning.NOTHING,
    "click": Meaning.NOTHING,
}


class SendGridEvents(Vendor):
    """Unsubscribes, complaints and bounces; a group is the category that the mapper says."""

    slug, name, connector = "sendgrid", "SendGrid events", "sendgrid"
    glyph = Glyph.MAIL
    settings = {"public_key": Setting("Verification key", "Settings, Mail Settings, Signed Event Webhook")}

    def check(self, call: Incoming, settings: Settings, now: datetime) -> None:
        timestamp = call.headers.get(TIMESTAMP, "")
        of_now(timestamp, now)
        signed, signature = timestamp.encode() + call.body, call.headers.get(SIGNATURE, "")
        if not ecdsa_p256(settings.public_key, signed, signature):
            raise NotAuthentic("the signature does not fit the verification key")

    def split(self, call: Incoming) -> Sequence[Item]:
        events = call.json()
        if not isinstance(events, list):
            raise Unreadable("a list of events was expected")
        return [Item(_key(each), json.dumps(each).encode()) for each in events]

    def read(self, content: bytes, settings: Settings) -> Sequence[Heard]:
        event = event_of(content)
        said, email = str(event.get("event", "")), event.get("email")
        meaning = MEANS.get(said, Meaning.UNKNOWN)
        if meaning in {Meaning.NOTHING, Meaning.UNKNOWN}:
            return [Heard(meaning, word(said))]
        if not isinstance(email, str):
            raise Unreadable(f"{said} without an email")
        if said == "bounce" and event.get("type") == "blocked":
            return [Heard(Meaning.NOTHING, "bounce (blocked)")]
        group = event.get("asm_group_id") if said != "spamreport" else None
        target = _target(str(group), settings) if group else ""
        if meaning == Meaning.OPT_IN and not target:
            raise Unreadable(f"{said} without a group: it is no yes to everything")
        choices = (("marketing_emails", "email", False),) if said == "spamreport" else ()
        who = (Who("email", email),)
        # Only somebody who had a message in their hands has its id: no call of ours to the API does.
        theirs = bool(event.get("sg_message_id"))
        return [Heard(meaning, said, who, _moment(event.get("timestamp")), target, choices, theirs=theirs)]


def _target(group: str, settings: Settings) -> str:
    """The group by the name that it has in the settings of the system."""
    names = {str(number): name for name, number in getattr(settings, "groups", {}).items()}
    return f"groups.{names.get(group, group)}"


def _key(event: Any) -> str:
    own = event.get("sg_event_id") if isinstance(event, dict) else None
    return str(own or json.dumps(event, sort_keys=True))


def _moment(seconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
