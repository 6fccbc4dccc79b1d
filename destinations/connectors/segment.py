"""Segment's HTTP tracking API. https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/"""

import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from destinations.contract import (
    GRANTED,
    UNASKED,
    Answer,
    Call,
    Checked,
    Confirms,
    Delivery,
    Done,
    Forwarded,
    Forwarder,
    Items,
    Later,
    Probe,
    Rate,
    Reason,
    Refused,
    Setting,
    Settings,
    Steps,
    Stuck,
    ask,
    by_status,
)
from destinations.paths import unflattened

BATCH = "/v1/batch"
BATCH_BYTES, EVENT_BYTES = 480_000, 32_000  # of 500 KB and 32 KB
TOO_LARGE = "Segment takes no event of more than 32 KB"
NOBODY = "nothing that may be sent says whose event it is"


class Segment(Forwarder):
    """Events for one source at Segment, with what people said about uses of their data."""

    slug, name = "segment", "Segment"
    account, rate, batch_max = ("base_url", "write_key"), Rate(1000, 1), 500
    items, confirms = Items.TOGETHER, Confirms.NEVER
    found_by = ("external_id", "anonymous_id")
    settings = {
        "base_url": Setting("API address", "Of your region", default="https://api.segment.io"),
        "write_key": Setting("Write key", "Of an HTTP API source", secret=True),
        "namespace": Setting("Whose user ids", "The source in Heed whose ids Segment knows people by"),
    }
    may_call = (f"POST {BATCH}",)
    probe_sends = "an empty batch, which says nothing of anybody"

    def forward(self, batch: Sequence[Forwarded], settings: Settings) -> Delivery:
        # Segment drops a messageId that it has: a repeat is harmless.
        group: list[tuple[Forwarded, str]] = []
        for each in batch:
            told = message(each, settings)
            text = json.dumps(told, separators=(",", ":"))
            if "userId" not in told and "anonymousId" not in told:
                yield each.is_(Stuck(Reason.WITHHELD, NOBODY))
                continue
            if len(text) > EVENT_BYTES:
                yield each.is_(Stuck(Reason.REJECTED_DATA, TOO_LARGE))
                continue
            if sum(len(said) for _, said in group) + len(text) > BATCH_BYTES:
                going_on = yield from self._send(group, settings)
                if not going_on:
                    return
                group = []
            group.append((each, text))
        if group:
            yield from self._send(group, settings)

    def _send(self, group: Sequence[tuple[Forwarded, str]], settings: Settings) -> Steps[bool]:
        """One call; whether there may be another."""
        answer = yield from ask(posted(group, settings))
        outcome = Done() if accepted(answer) else by_status(answer, group[0][0].now)
        yield from (each.is_(outcome) for each, _ in group)
        return not isinstance(outcome, Later)

    def rehearse_event(self, call: Call, settings: Settings) -> Answer:
        return Answer(200, b'{"success": true}')

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        answer = yield from ask(posted([], settings))
        if not accepted(answer):
            raise Refused(by_status(answer, now))
        return [
            Checked(True, "Segment took an empty batch. It does not check the write key: see its debugger.")
        ]


def message(each: Forwarded, settings: Settings) -> dict[str, Any]:
    """As its own libraries would send it."""
    whole = unflattened(each.properties)
    context = whole.pop("context", {})
    said = {use: state == GRANTED for use, state in each.consents.items() if state != UNASKED}
    if said:
        context["consent"] = {"categoryPreferences": said}
    users = [
        known.value
        for known in each.identifiers
        if (known.kind, known.namespace) == ("external_id", settings.namespace)
    ]
    browsers = each.values("anonymous_id")
    return {
        "type": each.kind,
        **({"name": whole.pop("name", "")} if each.kind != "track" else {"event": each.name}),
        "messageId": each.id,
        "timestamp": each.occurred_at.isoformat(),
        **({"userId": users[0]} if users else {}),
        **({"anonymousId": browsers[0]} if browsers else {}),
        "properties": whole,
        "context": context,
    }


def posted(group: Sequence[tuple[Forwarded, str]], settings: Settings) -> Call:
    body = f'{{"batch":[{",".join(text for _, text in group)}]}}'.encode()
    key = b64encode(f"{settings.write_key}:".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
    return Call("POST", BATCH, body=body, headers=headers, claims={each.id: {} for each, _ in group})


def accepted(answer: Answer) -> bool:
    body = answer.json()
    return answer.ok and isinstance(body, dict) and body.get("success") is True
