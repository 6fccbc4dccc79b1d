"""Google Analytics 4, by its Measurement Protocol. It answers yes to everything, even to what it drops.

https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from destinations.contract import (
    GRANTED,
    Answer,
    Call,
    Checked,
    Confirms,
    Delivery,
    Done,
    Forwarded,
    Forwarder,
    Glyph,
    Later,
    Probe,
    Reason,
    Refused,
    Setting,
    Settings,
    Stuck,
    ask,
    by_status,
    read,
)

COLLECT, DEBUG = "/mp/collect", "/debug/mp/collect"
EVENTS_MAX, PARAMS_MAX, NAME_MAX, TEXT_MAX = 25, 25, 40, 100
NO_BROWSER = "GA4 knows browsers: what may be sent of this event names none"
NO_NAME = "GA4 takes no event of this name: letters, digits and underscores, at most 40"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
TAKEN = re.compile(r"(_|firebase_|ga_|google_|gtag\.)")  # what names may not begin with


class Ga4(Forwarder):
    """Events for one web stream. No person is named, and no property leaves that is not listed."""

    slug, name = "ga4", "Google Analytics 4"
    glyph = Glyph.ADS
    account, calls_a_row = ("base_url", "measurement_id"), 1
    confirms, health_information = Confirms.NEVER, False
    event_max_age, found_by = timedelta(hours=72), ("anonymous_id",)
    settings = {
        "base_url": Setting("Collection address", default="https://www.google-analytics.com"),
        "measurement_id": Setting("Measurement id", "G-…"),
        "api_secret": Setting("API secret", "Of the web stream's Measurement Protocol", secret=True),
        "client_id": Setting(
            "Property that holds the client id",
            "From the cookie _ga; empty: the browser's anonymous id",
            required=False,
        ),
        "params": Setting(
            "Properties that are sent",
            "`value: value`, our name first. Nothing else is, nor what the allow list does not call plain",
            many=True,
            required=False,
            default={},
        ),
    }
    may_call = (f"POST {COLLECT}", f"POST {DEBUG}")
    probe_sends = "an event that is only checked, to Google's validation server; it says nothing of anybody"

    def forward(self, batch: Sequence[Forwarded], settings: Settings) -> Delivery:
        """A call for each run of events of one browser, so that all stay in their order."""
        # There is no mark by which it drops a repeat; `event_id` goes along, for whoever counts.
        going: list[Forwarded] = []
        for each in batch:
            if refused := unfit(each, settings):
                yield each.is_(Stuck(Reason.WITHHELD, refused))
            else:
                going.append(each)
        for group in groups(going, settings):
            answer = yield from ask(collect(COLLECT, group, settings))
            outcome = Done() if answer.ok else by_status(answer, group[0].now)
            yield from (each.is_(outcome) for each in group)
            if isinstance(outcome, Later):
                return

    def rehearse_event(self, call: Call, settings: Settings) -> Answer:
        return Answer(204)

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        ping = Forwarded("ping", "heed_ping", now, now)
        answer = yield from ask(collect(DEBUG, [ping], settings, client="heed.1"))
        found = read(answer, dict, now).get("validationMessages")
        if found:
            raise Refused(Stuck(Reason.REJECTED_CONFIG, "Google's validation server refuses the event"))
        words = "Google has checked an event. It checks neither the measurement id nor the secret: look for"
        return [Checked(True, f"{words} the first events in its reports.")]


def client_id(each: Forwarded, settings: Settings) -> str:
    """Whose browser it was."""
    if settings.client_id:
        return str(each.properties.get(settings.client_id) or "")
    return next(iter(each.values("anonymous_id")), "")


def unfit(each: Forwarded, settings: Settings) -> str:
    """Why it is never sent."""
    if not client_id(each, settings):
        return NO_BROWSER
    return "" if NAME.fullmatch(each.name) and not TAKEN.match(each.name) else NO_NAME


def consent(each: Forwarded) -> dict[str, str]:
    """Granted where they said so, else denied."""
    said = "GRANTED" if each.shares == GRANTED else "DENIED"
    return {"ad_user_data": said, "ad_personalization": said}


def groups(batch: Sequence[Forwarded], settings: Settings) -> list[list[Forwarded]]:
    """Neighbours that one call can hold: the same browser, the same consent."""
    made: list[list[Forwarded]] = []
    for each in batch:
        last = made[-1] if made else []
        fits = last and len(last) < EVENTS_MAX and consent(last[0]) == consent(each)
        if fits and client_id(last[0], settings) == client_id(each, settings):
            last.append(each)
        else:
            made.append([each])
    return made


def collect(path: str, group: Sequence[Forwarded], settings: Settings, client: str = "") -> Call:
    body = {
        "client_id": client or client_id(group[0], settings),
        "consent": consent(group[0]),
        "events": [
            {
                "name": each.name,
                "timestamp_micros": int(each.occurred_at.timestamp() * 1_000_000),
                "params": params(each, settings),
            }
            for each in group
        ],
    }
    keys = [("measurement_id", settings.measurement_id), ("api_secret", settings.api_secret)]
    return Call("POST", path, json=body, params=keys, claims={each.id: {} for each in group})


def params(each: Forwarded, settings: Settings) -> dict[str, Any]:
    listed = {
        name: each.properties[path]
        for path, name in settings.params.items()
        if path in each.properties and path in each.plain
    }
    plain = {name: value for name, value in listed.items() if isinstance(value, str | int | float)}
    told = list(plain.items())[: PARAMS_MAX - 1]
    cut = {name: value[:TEXT_MAX] if isinstance(value, str) else value for name, value in told}
    return {**cut, "event_id": each.id}
