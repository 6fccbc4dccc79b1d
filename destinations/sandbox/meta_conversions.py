"""Meta's Conversions API. https://developers.facebook.com/docs/marketing-api/conversions-api/parameters"""

import re
import time

from destinations.sandbox.exchange import Answer, Document, Request
from destinations.sandbox.graph import Graph
from destinations.sandbox.routes import route
from destinations.sandbox.tracker import Tracker

HEX = re.compile("[0-9a-f]{64}")
REQUIRED = {"event_name", "event_time", "action_source", "user_data"}
OPTIONAL = {"event_id", "event_source_url", "custom_data", "opt_out"}
OPTIONS = "data_processing_options"
PROCESSING = {OPTIONS, f"{OPTIONS}_country", f"{OPTIONS}_state"}
HASHED = {"em": "email", "ph": "phone", "external_id": "external_id"}
PLAIN = {"client_ip_address", "client_user_agent", "fbc", "fbp"}
SOURCES = {"website", "app", "email", "phone_call", "chat", "physical_store", "system_generated", "other"}
WEEK = 7 * 86_400


class MetaConversionsSandbox(Graph, Tracker):
    """Any dataset. One event that is wrong refuses all; one whose event_id and name it has is taken once."""

    slug, name, kind = "meta_conversions", "Meta Conversions", "Events"

    @route("GET", "/{version}/{dataset}")
    def shown(self, request: Request, version: str, dataset: str) -> Answer:
        """That it is there."""
        return Answer(200, {"id": dataset})

    @route("POST", "/{version}/{dataset}/events")
    def take(self, request: Request, version: str, dataset: str) -> Answer:
        """All of them, or none."""
        body = request.document()
        events = body.get("data")
        if set(body) - {"data", "test_event_code"} or not isinstance(events, list) or not events:
            return self.error(400, "Invalid parameter")
        if len(events) > 1000:
            return self.error(400, "Too many events", 2804001)
        for each in events:
            if fault := wrong(each):
                return self.error(400, *fault)
        for each in events:
            user = each["user_data"]
            under = [f"{kind}:{value}" for name, kind in HASHED.items() for value in user.get(name, [])]
            self.took(f"{each['event_name']} {each.get('event_id')}", each["event_name"], each, under)
        return Answer(200, {"events_received": len(events), "messages": [], "fbtrace_id": "A"})


def wrong(event: Document) -> tuple[str, int] | None:
    """What Meta says of an event that it does not take."""
    if REQUIRED - set(event) or set(event) - REQUIRED - OPTIONAL - PROCESSING:
        return "Invalid parameter", 2804002
    if not 0 <= time.time() - event["event_time"] + 60 < WEEK:
        return "Event timestamp too old", 2804003
    user = event["user_data"]
    if not user or set(user) - set(HASHED) - PLAIN:
        return "Not enough customer information", 2804050
    if not all(HEX.fullmatch(each) for name in HASHED for each in user.get(name, [])):
        return "Must be hashed", 2804010
    if event["action_source"] not in SOURCES:
        return "Invalid action source", 2804004
    if event["action_source"] == "website" and not (
        event.get("event_source_url") and user.get("client_user_agent")
    ):
        return "A website's events need page and browser", 2804011
    return wrong_options(event)


def wrong_options(event: Document) -> tuple[str, int] | None:
    """A list, empty or LDU; with LDU where: both numbers."""
    given = PROCESSING & set(event)
    if not given:
        return None
    limited = event.get(OPTIONS) == ["LDU"]
    if (limited and given != PROCESSING) or (not limited and event.get(OPTIONS) != []):
        return "Invalid data processing options", 2804020
    return None
