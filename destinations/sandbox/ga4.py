"""GA4's Measurement Protocol, which never says that it has dropped something.

https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference
"""

import re
import time
from collections.abc import Iterator
from typing import Any

from destinations.sandbox.exchange import Answer, Document, Request
from destinations.sandbox.routes import route
from destinations.sandbox.tracker import Tracker

DROPPED = "dropped"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
FIELDS = {"client_id", "user_id", "timestamp_micros", "user_properties", "consent", "events"}
GIVEN = {"GRANTED", "DENIED"}
THREE_DAYS = 72 * 3600
SOMEBODY = re.compile(r"@|\+?\d{10,}")


class Ga4Sandbox(Tracker):
    """Keeps what it takes; why it dropped anything stands under `GET /_dropped`, for nobody else is told."""

    slug, name, kind = "ga4", "Google Analytics", "Events"
    unknown, knows_people = "knows browsers, not people", False

    def __init__(self, path: Any = ":memory:", api_secret: str = "hush") -> None:  # noqa: S107
        super().__init__(path)
        self.secret = api_secret

    def refused(self, request: Request) -> Answer | None:
        """Nobody is."""
        return None

    def error(self, status: int, message: str = "") -> Answer:
        """Without a word."""
        return Answer(status)

    @route("POST", "/mp/collect")
    def collect(self, request: Request) -> Answer:
        """Yes, whatever becomes of it."""
        keyed = request.asked("api_secret") == self.secret and request.asked("measurement_id")
        said = request.json()
        reasons = list(faults(said)) if keyed else ["keys"]
        for reason in reasons:
            self.store.put(DROPPED, str(self.store.next_number()), {"reason": reason})
        for each in said["events"] if not reasons else []:
            under = [f"client:{said['client_id']}"]
            told = {**each, "client_id": said["client_id"], "consent": said.get("consent", {})}
            self.took(str(self.store.next_number()), each["name"], told, under)
        return Answer(204)

    @route("POST", "/debug/mp/collect")
    def check(self, request: Request) -> Answer:
        """What is wrong with an event, of which nothing is kept. It does not look at the keys."""
        found = [{"description": each, "validationCode": "VALUE_INVALID"} for each in faults(request.json())]
        return Answer(200, {"validationMessages": found})

    @property
    def dropped(self) -> list[str]:
        """Why, one for each request."""
        with self.store:
            return [each["reason"] for each in self.store.all(DROPPED)]

    @route("GET", "/_dropped")
    def _dropped(self, request: Request) -> Answer:
        return Answer(body={"dropped": [each["reason"] for each in self.store.all(DROPPED)]})


def faults(said: Any) -> Iterator[str]:
    """Why all of a request would be dropped."""
    if not isinstance(said, dict) or set(said) - FIELDS or not said.get("client_id"):
        yield "fields"
        return
    events = said.get("events", [])
    if not 0 < len(events) <= 25:
        yield "count"
    if not set(said.get("consent", {}).values()) <= GIVEN:
        yield "consent"
    yield from filter(None, map(fault, events))


def fault(event: Document) -> str:
    """Of one event."""
    params = event.get("params", {})
    if not NAME.fullmatch(event.get("name", "")):
        return "name"
    if time.time() - event.get("timestamp_micros", time.time() * 1e6) / 1e6 > THREE_DAYS:
        return "old"
    if len(params) > 25 or any(len(str(each)) > 100 for each in params.values()):
        return "params"
    told = [str(value) for name, value in params.items() if name != "event_id"]
    return "personal" if any(SOMEBODY.search(each) for each in told) else ""
