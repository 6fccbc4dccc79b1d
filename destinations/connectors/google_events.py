"""Google Ads conversions, by the Data Manager API. https://developers.google.com/data-manager/api/reference/rest"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
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
    Items,
    Job,
    Later,
    Probe,
    Reason,
    Refused,
    Setting,
    Settings,
    Steps,
    Stuck,
)
from destinations.data_manager import (
    ACCOUNT,
    ASK_AGAIN,
    KEY,
    STATUS,
    Line,
    identifiers,
    request_of,
    status_of,
)

INGEST = "/v1/events:ingest"
CLICKS = ("gclid", "gbraid", "wbraid")
NOBODY = "nothing that may be sent says whose event it is, nor which advertisement led to it"


class GoogleEvents(Forwarder):
    """Events for one conversion action, with the consent that Google asks for."""

    slug, name = "google_events", "Google Ads conversions (Data Manager)"
    glyph = Glyph.ADS
    account, batch_max = ("base_url", "account_id"), 2000
    items, confirms, health_information = Items.TOGETHER, Confirms.BY_JOB, False
    found_by, event_max_age = ("email", "phone"), timedelta(days=14)
    settings = {
        **ACCOUNT,
        "conversion_id": Setting("Conversion action", "Its number"),
        "event_source": Setting("Where events happen", "WEB, APP, PHONE, IN_STORE or OTHER", default="WEB"),
        "service_account": KEY,
    }
    may_call = (f"POST {INGEST}", f"GET {STATUS}", "POST /token")

    def forward(self, batch: Sequence[Forwarded], settings: Settings) -> Delivery:
        # Google drops a transactionId that it has: a repeat is harmless.
        line = Line(settings, batch[0].now)
        fresh = [each for each in batch if not each.job]
        nameless = {each.id for each in fresh if not whose(each)}
        yield from (each.is_(Stuck(Reason.WITHHELD, NOBODY)) for each in fresh if each.id in nameless)
        jobs: dict[str, list[Forwarded]] = {}
        for each in batch:
            if each.job:
                jobs.setdefault(each.job, []).append(each)
        for token, group in jobs.items():
            yield from self._look(line, token, group)
        going = [each for each in fresh if each.id not in nameless]
        if going:
            yield from self._send(line, going)

    def _look(self, line: Line, token: str, group: Sequence[Forwarded]) -> Delivery:
        """How a request ended. One that failed for somebody goes again by halves, each its own request."""
        outcome = yield from caught(line.became(token))
        if isinstance(outcome, Stuck) and outcome.reason is Reason.REJECTED_DATA and len(group) > 1:
            half = len(group) // 2
            for part in (group[:half], group[half:]):
                yield from self._send(line, [replace(each, job="") for each in part])
            return
        yield from (each.is_(outcome or Job(token, ASK_AGAIN)) for each in group)

    def _send(self, line: Line, group: Sequence[Forwarded]) -> Delivery:
        outcome = yield from caught(self._ingest(line, group))
        yield from (each.is_(outcome or Done()) for each in group)

    def _ingest(
        self, line: Line, group: Sequence[Forwarded], *, validate: bool = False
    ) -> Steps[Job | Stuck]:
        """One call about all of these: one that is wrong spoils it. Raises Refused."""
        body = {
            "destinations": [
                {
                    "operatingAccount": {"accountType": "GOOGLE_ADS", "accountId": line.settings.account_id},
                    "productDestinationId": line.settings.conversion_id,
                }
            ],
            "events": [event(each, line.settings) for each in group],
            "encoding": "HEX",
            "validateOnly": validate,
        }
        answer = yield from line.ask("POST", INGEST, json=body, claims={each.id: {} for each in group})
        if answer.status == 400:
            return Stuck(Reason.REJECTED_DATA, f"HTTP 400 ({status_of(answer)})")
        return Job(request_of(answer, line.now), ASK_AGAIN)

    def rehearse_event(self, call: Call, settings: Settings) -> Answer:
        return Answer(200, b'{"access_token": "t", "requestId": "r"}')

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        line = Line(settings, now)
        sample = Forwarded("heed", "heed_ping", now, now, properties={"gclid": "heed"})
        outcome = yield from self._ingest(line, [sample], validate=True)
        if isinstance(outcome, Stuck):
            raise Refused(replace(outcome, reason=Reason.REJECTED_CONFIG))
        return [Checked(True, "Google has checked an event, and kept nothing (validateOnly).")]


def caught(steps: Steps[Done | Job | Stuck | None]) -> Steps[Done | Job | Later | Stuck | None]:
    """A refusal that concerns everybody is the outcome of those who were asked about."""
    try:
        return (yield from steps)
    except Refused as refused:
        return refused.outcome


def whose(each: Forwarded) -> dict[str, Any]:
    """By what Google may know who did it, or which click led to it."""
    people = identifiers(each.values("email"), each.values("phone"))
    clicks = {name: str(each.properties[name]) for name in CLICKS if each.properties.get(name)}
    found: Mapping[str, Any] = {
        "userData": {"userIdentifiers": people} if people else {},
        "adIdentifiers": clicks,
    }
    return {name: value for name, value in found.items() if value}


def event(each: Forwarded, settings: Settings) -> dict[str, Any]:
    said = "CONSENT_GRANTED" if each.shares == GRANTED else "CONSENT_DENIED"
    told: dict[str, Any] = {
        "transactionId": each.id,
        "eventTimestamp": each.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "eventSource": settings.event_source,
        "consent": {"adUserData": said, "adPersonalization": said},
        **whose(each),
    }
    value, currency = each.properties.get("value"), each.properties.get("currency")
    if isinstance(value, int | float) and isinstance(currency, str):
        told |= {"conversionValue": value, "currency": currency}
    return told
