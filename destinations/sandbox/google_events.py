"""Google's Data Manager, where it takes events. https://developers.google.com/data-manager/api/reference/rest"""

import re
from datetime import datetime

from destinations.sandbox.exchange import Answer, Document, Request
from destinations.sandbox.google import REQUEST, GoogleSandbox
from destinations.sandbox.routes import route
from destinations.sandbox.tracker import Tracker

HEX = re.compile("[0-9a-f]{64}")
BODY = {"destinations", "events", "encoding", "validateOnly", "encryptionInfo", "consent"}
EVENT = {
    "destinationReferences",
    "transactionId",
    "eventTimestamp",
    "lastUpdatedTimestamp",
    "userData",
    "consent",
    "adIdentifiers",
    "currency",
    "conversionValue",
    "eventSource",
    "eventDeviceInfo",
    "cartData",
    "customVariables",
    "experimentalFields",
    "userProperties",
}
GIVEN = {"CONSENT_GRANTED", "CONSENT_DENIED", "CONSENT_STATUS_UNSPECIFIED"}
SOURCES = {"WEB", "APP", "IN_STORE", "PHONE", "OTHER"}


class GoogleEventsSandbox(Tracker, GoogleSandbox):
    """One event that is none refuses the request; what is kept once under a transactionId is kept once.

    A request that holds `fails_for` (an email) is taken, and fails afterwards.
    """

    slug, name, kind = "google_events", "Google Ads conversions", "Events"

    @route("POST", "/v1/events:ingest")
    def ingest(self, request: Request) -> Answer:
        """All of them, or none; what is checked only is not kept."""
        body = request.document()
        events = body.get("events")
        if set(body) - BODY or body.get("encoding") != "HEX" or len(body.get("destinations", ())) != 1:
            return self.error(400, "unknown name, or a field is missing")
        account = body["destinations"][0].get("operatingAccount", {})
        if account.get("accountType") != "GOOGLE_ADS" or not events or len(events) > 2_000:
            return self.error(400, "destinations[0], or events")
        if not all(map(sound, events)):
            return self.error(400, "events")
        name = f"r{self.store.next_number()}"
        if not body.get("validateOnly"):
            self._take(name, events)
        return Answer(200, {"requestId": name})

    def _take(self, name: str, events: list[Document]) -> None:
        fails = any(self.fails_for in hashes(each) for each in events)
        self.store.put(REQUEST, name, {"asked": 0, "ends": "FAILED" if fails else "SUCCESS"})
        for each in [] if fails else events:
            under = [f"email:{value}" for value in hashes(each)]
            self.took(each["transactionId"], "conversion", each, under)


def sound(event: Document) -> bool:
    """May it be taken?"""
    if set(event) - EVENT or not event.get("transactionId") or event.get("eventSource") not in SOURCES:
        return False
    consent = event.get("consent", {})
    if set(consent) - {"adUserData", "adPersonalization"} or not set(consent.values()) <= GIVEN:
        return False
    if not event.get("userData") and not event.get("adIdentifiers"):
        return False
    return dated(event.get("eventTimestamp", "")) and all(map(HEX.fullmatch, hashes(event)))


def dated(text: str) -> bool:
    """RFC 3339, in UTC."""
    try:
        return text.endswith("Z") and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def hashes(event: Document) -> list[str]:
    """Whom it names."""
    listed = event.get("userData", {}).get("userIdentifiers", [])
    return [str(next(iter(each.values()), "")) for each in listed]
