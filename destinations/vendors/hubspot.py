"""HubSpot's webhooks. https://developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide

Signature v3: https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
"""

import base64
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from destinations.contract import Call, Glyph, Refused, Setting, Settings, Steps, ask, by_status, read
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
from destinations.vendors.signatures import of_now, same
from destinations.vendors.words import word

# Kind of event and of object: the older webhooks name the object in the kind, generic ones by its number.
CHANGED = {("contact.propertyChange", ""), ("object.propertyChange", "0-1")}
ALL = "hs_email_optout"
TYPE = re.compile(r"hs_email_optout_(\d{1,15})")
ANSWERS = {"true": True, "false": False, "": False}  # a box, ticked where the person is out
# Changes by programs, ours among them: never the person's own yes.
PROGRAMS = {"API", "INTEGRATION", "AUTOMATION_PLATFORM", "IMPORT"}
READ_AS = {"%" + format(ord(each), "02X"): each for each in ":/?@!$'()*,;"}


class HubSpotEvents(Vendor):
    """Changes of contacts: subscription types by their number, and boxes that are ticked."""

    slug, name, connector = "hubspot", "HubSpot events", "hubspot"
    glyph = Glyph.CRM
    settings = {"client_secret": Setting("Client secret", "Of the app that sends the webhooks", secret=True)}
    resolves = True

    def check(self, call: Incoming, settings: Settings, now: datetime) -> None:
        timestamp = call.headers.get("x-hubspot-request-timestamp", "")
        of_now(timestamp, now, per_second=1000)
        url = re.sub("|".join(map(re.escape, READ_AS)), lambda found: READ_AS[found[0]], call.url)
        signed = f"{call.method}{url}".encode() + call.body + timestamp.encode()
        digest = hmac.digest(settings.client_secret.encode(), signed, "sha256")
        if not same(call.headers.get("x-hubspot-signature-v3", ""), base64.b64encode(digest).decode()):
            raise NotAuthentic("the signature does not fit: check the client secret, and PUBLIC_URL")

    def split(self, call: Incoming) -> Sequence[Item]:
        events = call.json()
        if not isinstance(events, list):
            raise Unreadable("a list of events was expected")
        return [Item(_key(each), json.dumps(each).encode()) for each in events]

    def resolve(self, content: bytes, settings: Settings) -> Steps[bytes]:
        """An event names a record: whose it is, HubSpot is asked."""
        event = json.loads(content)
        if not isinstance(event, dict) or not _is_change(event) or "contact" in event:
            return content
        path = f"/crm/v3/objects/contacts/{quote(str(event.get('objectId')), safe='')}"
        headers = {"Authorization": f"Bearer {settings.access_token}"}
        asked = [("properties", f"email,mobilephone,phone,{event.get('propertyName', '')}")]
        answer = yield from ask(Call("GET", path, headers=headers, params=asked))
        if answer.status == 404:
            return json.dumps({**event, "contact": {}}).encode()
        now = datetime.now(UTC)
        if not answer.ok:
            raise Refused(by_status(answer, now))
        return json.dumps({**event, "contact": read(answer, dict, now).get("properties") or {}}).encode()

    def read(self, content: bytes, settings: Settings) -> Sequence[Heard]:
        event = event_of(content)
        kind, name = str(event.get("subscriptionType", "")), str(event.get("propertyName", ""))
        value = ANSWERS.get(str(event.get("propertyValue", "")).lower())
        if value is None or not _is_change(event):
            return [Heard(Meaning.UNKNOWN, f"{word(kind)} {word(name)}".strip())]
        if name == ALL and not value:
            return [Heard(Meaning.NOTHING, f"{name} false")]
        program = str(event.get("changeSource", "")) in PROGRAMS
        if value and program and _stands_no_more(event, name):  # a pause of ours that is over, say
            return [Heard(Meaning.NOTHING, f"{_shown(name)} stands no more")]
        meaning = Meaning.OPT_OUT if value else Meaning.OPT_IN
        who, at = (_whose(event),), _moment(event.get("occurredAt"))
        said = Heard(meaning, _shown(name), who, at, ours=program and not value, program=program)
        return [
            replace(said, target=target, key=f"{event.get('objectId')}.{target}")
            for target in _targets(name, settings)
        ]


def _stands_no_more(event: Mapping[str, Any], name: str) -> bool:
    """Events may come late: HubSpot was asked how it stands now."""
    now = (event.get("contact") or {}).get(name)
    return now is not None and ANSWERS.get(str(now).lower()) is False


def _is_change(event: Mapping[str, Any]) -> bool:
    """Of a contact."""
    kind = str(event.get("subscriptionType", ""))
    return (kind, "" if kind.startswith("contact.") else str(event.get("objectTypeId", ""))) in CHANGED


def _targets(name: str, settings: Settings) -> Sequence[str]:
    """The connector's targets: types by the name that they have in the settings of the system."""
    types = {str(number): f"subscriptions.{each}" for each, number in _types(settings).items()}
    if name == ALL:  # out of all email there, so of every type
        return list(types.values()) or ["subscriptions"]
    if found := TYPE.fullmatch(name):
        return [types.get(found[1], f"subscriptions.{found[1]}")]
    return [f"properties.{name}"]


def _shown(name: str) -> str:
    """A property by name; that of a type holds its number."""
    return name if TYPE.fullmatch(name) else word(name)


def _types(settings: Settings) -> Mapping[str, Any]:
    return getattr(settings, "subscriptions", None) or {}


def _whose(event: Mapping[str, Any]) -> Who:
    contact = event.get("contact")
    if contact is None:
        raise Unreadable("the event names a record only: connect the HubSpot system, and read it again")
    for kind, name in (("email", "email"), ("phone", "mobilephone"), ("phone", "phone")):
        if contact.get(name):
            return Who(kind, str(contact[name]))
    raise Unreadable("the contact is gone from HubSpot, or has no address")


def _key(event: Any) -> str:
    """HubSpot's own numbers; which attempt it is does not matter."""
    names = ("eventId", "subscriptionId", "objectId", "occurredAt")
    parts = [event.get(name) for name in names] if isinstance(event, dict) else [None]
    return ".".join(map(str, parts)) if all(parts) else json.dumps(event, sort_keys=True)


def _moment(milliseconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
