"""Segment's Webhooks destination, one event a call.

https://www.twilio.com/docs/segment/connections/destinations/catalog/actions-webhook (signature) and
https://www.twilio.com/docs/segment/privacy/consent-management/consent-in-unify (consent)

Every event bears the consent that a website's banner knows of, so most of them only repeat it. What somebody
did is the track event named below: a yes counts from there alone.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from destinations.contract import Setting, Settings
from destinations.vendors.contract import (
    Heard,
    Incoming,
    Item,
    Meaning,
    NotAuthentic,
    Unreadable,
    Vendor,
    Who,
)
from destinations.vendors.signatures import same
from destinations.vendors.words import word

# The newer name, and the older one.
CHOSEN = frozenset({"Segment Consent Preference Updated", "Segment Consent Preference"})
SAYS_NOTHING = frozenset({"track", "page", "screen", "group", "alias"})
BATCH = "a batch: Segment signs its first event only, so nothing proves the others. Turn batching off there"


class SegmentEvents(Vendor):
    """Consent, by category; Segment's ids of categories stand for ours by a table in the settings."""

    slug, name = "segment", "Segment events"
    settings = {
        "secret": Setting(
            "Shared secret", "Advanced settings of the Webhooks destination there", secret=True
        ),
        "categories": Setting(
            "Categories",
            "Segment's id: our category, or our category and a channel (Newsletter: marketing_emails email)",
            required=False,
            many=True,
        ),
        "namespace": Setting("Whose user ids", "The source under which they are known here: ehr"),
    }

    def check(self, call: Incoming, settings: Settings, now: datetime) -> None:
        """It bears no date: a call that is sent again is known by its messageId."""
        digest = hmac.new(settings.secret.encode(), call.body, hashlib.sha1).hexdigest()
        if not same(call.headers.get("x-signature", "").lower(), digest):
            raise NotAuthentic(BATCH if call.body.lstrip()[:1] == b"[" else "the signature does not fit")

    def split(self, call: Incoming) -> Sequence[Item]:
        event = call.json()
        if not isinstance(event, dict):
            raise Unreadable("one event was expected: turn batching off")
        return [Item(str(event.get("messageId") or call.body.decode()), call.body)]

    def read(self, content: bytes, settings: Settings) -> Sequence[Heard]:
        event = Incoming("POST", "", content).json()
        kind, chosen = str(event.get("type", "")), event.get("event") in CHOSEN
        if kind != "identify" and not chosen:
            known = kind in SAYS_NOTHING
            return [Heard(Meaning.NOTHING if known else Meaning.UNKNOWN, word(kind) or "no type")]
        consent = _object(_object(event, "context"), "consent").get("categoryPreferences")
        if consent is None:
            return [Heard(Meaning.NOTHING, f"{word(kind)} without consent")]
        if not isinstance(consent, dict):
            raise Unreadable("context.consent.categoryPreferences: an object was expected")
        return list(_said(event, consent, settings, "consent updated" if chosen else kind, chosen=chosen))


def _said(
    event: Mapping[str, Any], consent: Mapping[str, Any], settings: Settings, says: str, *, chosen: bool
) -> Iterator[Heard]:
    who, at = _who(event, settings), _moment(event)
    names = settings.values.get("categories") or {}
    for theirs, agreed in consent.items():
        if not isinstance(agreed, bool):
            raise Unreadable(f"consent to {word(theirs)}: true or false was expected")
        if agreed and not chosen:
            yield Heard(Meaning.NOTHING, f"{says} (a yes, restated)")
            continue
        category, _, channel = str(names.get(theirs, theirs)).partition(" ")
        meaning = Meaning.OPT_IN if agreed else Meaning.OPT_OUT
        choices = ((category, channel.strip() or "*", agreed),)
        yield Heard(meaning, says, who, at, choices=choices)


def _who(event: Mapping[str, Any], settings: Settings) -> tuple[Who, ...]:
    traits = {**_object(_object(event, "context"), "traits"), **_object(event, "traits")}
    found = [
        Who("external_id", str(event.get("userId") or ""), settings.namespace),
        Who("anonymous_id", str(event.get("anonymousId") or "")),
        *(Who(kind, str(traits.get(kind) or "")) for kind in ("email", "phone")),
    ]
    if not (named := tuple(each for each in found if each.value)):
        raise Unreadable("the event names nobody: userId, anonymousId, traits.email or traits.phone")
    return named


def _object(within: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = within.get(name)
    return found if isinstance(found, dict) else {}


def _moment(event: Mapping[str, Any]) -> datetime | None:
    """`timestamp`, which Segment has corrected for the sender's clock."""
    try:
        moment = datetime.fromisoformat(str(event.get("timestamp")))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
