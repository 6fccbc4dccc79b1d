"""Meta custom audiences. https://developers.facebook.com/docs/marketing-api/reference/custom-audience/users"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from destinations.audiences import SOURCE, Audience, Member, hashed
from destinations.contract import (
    Answer,
    Call,
    Checked,
    Done,
    Job,
    Later,
    Probe,
    Reason,
    Refused,
    Setting,
    Settings,
    Steps,
    Stuck,
    Wanted,
    ask,
    read,
)
from destinations.graph import BLOCKED, FLAGGED_STATUS, bearer, refusal


class Meta(Audience):
    """One customer-file audience: people are taken out of it."""

    slug, name = "meta", "Meta custom audience"
    account = ("base_url", "access_token")
    settings = {
        "base_url": Setting("API address", default="https://graph.facebook.com"),
        "version": Setting("API version", default="v25.0"),
        "audience_id": Setting("Audience id"),
        "access_token": Setting("Access token", "Of a system user", secret=True),
        "audience_source": SOURCE,
    }
    may_call = ("DELETE /*/*/users", "GET /*/*")

    def take_out(
        self, people: Sequence[Member], settings: Settings, now: datetime
    ) -> Steps[Done | Job | Stuck]:
        """Each address is a row of its own: a row with two keys would have to match in both."""
        rows = [[hashed(email), ""] for each in people for email in each.emails]
        rows += [["", hashed(phone.removeprefix("+"))] for each in people for phone in each.phones]
        payload = {"schema": ["EMAIL_SHA256", "PHONE_SHA256"], "data": rows}
        claims: Mapping[str, Any] = {each.wanted.id: {} for each in people}
        form, path = {"payload": json.dumps(payload)}, f"{audience(settings)}/users"
        answer = yield from ask(Call("DELETE", path, form=form, headers=bearer(settings), claims=claims))
        if not answer.ok:
            return refusal(answer, now)
        said = read(answer, dict, now)
        if said.get("num_received") != len(rows):
            raise Refused(Later(Reason.GARBLED, detail="it does not say that it received them all"))
        if said.get("num_invalid_entries"):
            return Stuck(Reason.REJECTED_DATA, "an address could not be read there")
        return Done({})

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        rows = json.loads((call.form or {}).get("payload", "{}")).get("data", [])
        return Answer(200, json.dumps({"num_received": len(rows), "num_invalid_entries": 0}).encode())

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        fields = [("fields", "operation_status")]
        answer = yield from ask(Call("GET", audience(settings), params=fields, headers=bearer(settings)))
        if not answer.ok:
            raise Refused(refusal(answer, now))
        status = read(answer, dict, now).get("operation_status")
        if isinstance(status, dict) and status.get("code") == FLAGGED_STATUS:
            return [Checked(False, f"{BLOCKED}.", "Until then nobody can be taken out of it by Heed.")]
        return [Checked(True, "The audience is there, and may be changed.")]


def audience(settings: Settings) -> str:
    return f"/{quote(settings.version, safe='')}/{quote(settings.audience_id, safe='')}"
