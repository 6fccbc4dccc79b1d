"""Meta's Conversions API. https://developers.facebook.com/docs/marketing-api/conversions-api

Limited Data Use: https://developers.facebook.com/docs/marketing-apis/data-processing-options
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from destinations.audiences import hashed
from destinations.contract import (
    DENIED,
    GRANTED,
    Answer,
    Call,
    Checked,
    Delivery,
    Done,
    Forwarded,
    Forwarder,
    Glyph,
    Items,
    Later,
    Probe,
    Reason,
    Refused,
    Setting,
    Settings,
    Steps,
    Stuck,
    ask,
    read,
)
from destinations.graph import bearer, refusal

# Where the flag binds Meta, by its own list; whoever said no elsewhere is never sent.
STATES = {
    "US-CA": 1000,
    "US-CO": 1001,
    "US-CT": 1002,
    "US-FL": 1003,
    "US-OR": 1004,
    "US-TX": 1005,
    "US-MT": 1006,
}
NOT_BOUND = "they said no to sale and sharing, and Limited Data Use does not bind Meta where they live"
NOBODY = "nothing that may be sent says whose event it is"
ABOUT = {
    "context.ip": "client_ip_address",
    "context.userAgent": "client_user_agent",
    "fbc": "fbc",
    "fbp": "fbp",
}


class MetaConversions(Forwarder):
    """Events for one dataset (pixel), each with the flags that consent asks for."""

    slug, name = "meta_conversions", "Meta Conversions API"
    glyph = Glyph.ADS
    account, batch_max = ("base_url", "access_token"), 1000
    items, health_information, event_max_age = Items.TOGETHER, False, timedelta(days=7)
    found_by = ("email", "phone", "external_id")
    settings = {
        "base_url": Setting("API address", default="https://graph.facebook.com"),
        "version": Setting("API version", default="v25.0"),
        "dataset_id": Setting("Dataset (pixel) id"),
        "access_token": Setting("Access token", "Of a system user", secret=True),
        "action_source": Setting("Where events happen", "website, app, email…", default="website"),
        "names": Setting(
            "Names there",
            "`appointment_booked: Schedule`; others go by their own",
            many=True,
            required=False,
            default={},
        ),
        "test_event_code": Setting("Test event code", "While you try it out", required=False),
    }
    may_call = ("POST /*/*/events", "GET /*/*")

    def forward(self, batch: Sequence[Forwarded], settings: Settings) -> Delivery:
        # Meta drops what it has: the same event_id and name, within 48 hours. So a repeat is harmless.
        going: list[Forwarded] = []
        for each in batch:
            if each.shares == DENIED and each.jurisdiction not in STATES:
                yield each.is_(Stuck(Reason.WITHHELD, NOT_BOUND))
            elif not user_data(each):
                yield each.is_(Stuck(Reason.WITHHELD, NOBODY))
            else:
                going.append(each)
        if going:
            outcome = yield from self.send(going, settings)
            yield from (each.is_(outcome) for each in going)

    def send(self, batch: Sequence[Forwarded], settings: Settings) -> Steps[Done | Later | Stuck]:
        """One call about all of these: one that is wrong spoils it."""
        body: dict[str, Any] = {"data": [event(each, settings) for each in batch]}
        if settings.test_event_code:
            body["test_event_code"] = settings.test_event_code
        now = batch[0].now
        call = Call(
            "POST",
            f"{dataset(settings)}/events",
            json=body,
            headers=bearer(settings),
            claims={each.id: {} for each in batch},
        )
        answer = yield from ask(call)
        try:
            if not answer.ok:
                return refusal(answer, now)
            received = read(answer, dict, now).get("events_received")
        except Refused as refused:
            return refused.outcome
        if received != len(batch):
            return Later(Reason.GARBLED, detail="it does not say that it received them all")
        return Done()

    def rehearse_event(self, call: Call, settings: Settings) -> Answer:
        return Answer(200, json.dumps({"events_received": len(call.json["data"])}).encode())

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        answer = yield from ask(
            Call("GET", dataset(settings), params=[("fields", "id")], headers=bearer(settings))
        )
        if not answer.ok:
            raise Refused(refusal(answer, now))
        read(answer, dict, now)
        return [Checked(True, "The dataset is there, and may be read.")]


def event(each: Forwarded, settings: Settings) -> dict[str, Any]:
    told = {
        "event_name": settings.names.get(each.name, each.name),
        "event_time": int(each.occurred_at.timestamp()),
        "event_id": each.id,
        "action_source": happened(each, settings),
        "user_data": user_data(each),
        **limited(each),
    }
    if url := page(each):
        told["event_source_url"] = url
    if custom := {path: value for path, value in each.details.items() if path not in ABOUT}:
        told["custom_data"] = custom
    return told


def page(each: Forwarded) -> str:
    """Where it happened, without what a form or a link added to the address."""
    url = urlsplit(str(each.properties.get("context.page.url") or ""))
    return f"{url.scheme}://{url.netloc}{url.path}" if url.netloc else ""


def happened(each: Forwarded, settings: Settings) -> str:
    """Of a website's event Meta wants the browser and the page; one that lacks them is a system's own."""
    seen = page(each) and each.properties.get("context.userAgent")
    return settings.action_source if seen or settings.action_source != "website" else "system_generated"


def limited(each: Forwarded) -> dict[str, Any]:
    """Limited Data Use, unless they said yes. Never an empty list, which would say that there is none.

    Where their state is not one of those (or not known) Meta is asked to see for itself: country and state 0.
    """
    if each.shares == GRANTED:
        return {}
    state = STATES.get(each.jurisdiction, 0)
    return {
        "data_processing_options": ["LDU"],
        "data_processing_options_country": 1 if state else 0,
        "data_processing_options_state": state,
    }


def user_data(each: Forwarded) -> dict[str, Any]:
    """By what Meta may know them: addresses and ids hashed, the browser's own marks as they are."""
    told: dict[str, Any] = {
        "em": [hashed(email) for email in each.values("email")],
        "ph": [hashed(phone.removeprefix("+")) for phone in each.values("phone")],
        "external_id": [hashed(known) for known in each.values("external_id")],
    }
    told |= {name: each.properties.get(path) for path, name in ABOUT.items()}
    return {name: value for name, value in told.items() if value}


def dataset(settings: Settings) -> str:
    return f"/{quote(settings.version, safe='')}/{quote(settings.dataset_id, safe='')}"
