"""Sending a text by Twilio. https://www.twilio.com/docs/messaging/api/message-resource

Twilio knows no idempotency key: the same call twice is two texts. So whoever does not know whether a text
left looks first among those that Twilio lists for the number.
"""

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from destinations.contract import (
    Answer,
    Call,
    Job,
    Later,
    Reason,
    Settings,
    Steps,
    Stuck,
    ask,
    by_status,
    read,
)
from destinations.vendors.contract import Sent, Text

MAY_CALL = ("POST /2010-04-01/Accounts/*/Messages.json", "GET /2010-04-01/Accounts/*/Messages.json")
CLOCKS_DIFFER = timedelta(seconds=30)
LISTED = "50"  # of the newest messages to a number
LONGEST = 1600  # characters: 21617
OPTED_OUT, THROTTLED = 21610, frozenset({14107, 20429, 30001})
BY_NUMBER, BY_SETTING = Reason.REJECTED_DATA, Reason.REJECTED_CONFIG
# https://www.twilio.com/docs/api/errors
ERRORS: Mapping[int, tuple[Reason, str]] = {
    20003: (Reason.REJECTED_AUTH, "the account or the API key is wrong"),
    21211: (BY_NUMBER, "the number is none"),
    21408: (BY_SETTING, "the account may not text that country"),
    21603: (BY_SETTING, "no sender is given"),
    21606: (BY_SETTING, "the sender's number is not the account's, or cannot text"),
    21610: (Reason.NEEDS_PERSON, "Twilio itself blocks texts to this number: it texted STOP there"),
    21612: (BY_SETTING, "this sender cannot text that number"),
    21614: (BY_NUMBER, "the number is no mobile phone"),
    21617: (BY_SETTING, "the text is too long"),
    21701: (BY_SETTING, "there is no such Messaging Service"),
    21703: (BY_SETTING, "the Messaging Service has no number"),
    30003: (BY_NUMBER, "the phone is off or cannot be reached"),
    30004: (BY_NUMBER, "the phone or its carrier refuses such texts"),
    30005: (BY_NUMBER, "nobody has this number"),
    30006: (BY_NUMBER, "a landline, or a carrier that cannot be reached"),
    30007: (BY_SETTING, "the carrier took it for spam"),
    30008: (BY_NUMBER, "the carrier does not say why"),
    30034: (BY_SETTING, "the number is not registered for A2P 10DLC"),
}


def send(text: Text, settings: Settings) -> Steps[Sent]:
    """One message; where an earlier call may have sent it, that is looked up first. May raise Refused."""
    path = f"/2010-04-01/Accounts/{quote(settings.account_sid, safe='')}/Messages.json"
    basic = base64.b64encode(f"{settings.api_key}:{settings.api_key_secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}
    if text.since:
        listed = Call("GET", path, headers=headers, params=[("To", text.to), ("PageSize", LISTED)])
        answer = yield from ask(listed)
        if name := next(_left(read(answer, dict, datetime.now(UTC)), text, text.since), ""):
            return Job(name)
    answer = yield from ask(Call("POST", path, form=_form(text, settings.sender), headers=headers))
    return _outcome(answer)


def _form(text: Text, sender: str) -> dict[str, str]:
    by = {"MessagingServiceSid": sender} if sender.startswith("MG") else {"From": sender}
    if text.sender:  # one number of the Messaging Service, or of the account
        by["From"] = text.sender
    reports = {"StatusCallback": text.reports_to} if text.reports_to.startswith("https://") else {}
    return {"To": text.to, **by, "Body": text.words, **reports}


def _left(listed: Mapping[str, Any], text: Text, since: datetime) -> Iterator[str]:
    """The text among those that left since. Where an account has Twilio keep no words, any of ours is it."""
    for each in listed.get("messages", []):
        ours = str(each.get("direction", "")).startswith("outbound") and each["sid"] not in text.others
        created = parsedate_to_datetime(each["date_created"])
        if ours and created >= since - CLOCKS_DIFFER and each.get("body") in (text.words, "", None):
            yield each["sid"]


def _outcome(answer: Answer) -> Sent:
    body = answer.json()
    said = body if isinstance(body, dict) else {}
    code = said.get("error_code") if answer.ok else said.get("code")
    if answer.ok and said.get("sid") and not code:
        return Job(str(said["sid"]))
    if code in THROTTLED or answer.status == 429:
        return Later(Reason.THROTTLED, answer.retry_after(datetime.now(UTC)), f"Twilio {code or 429}")
    if isinstance(code, int) and code in ERRORS:
        return Stuck(ERRORS[code][0], in_words(code))
    refused = by_status(answer)
    if isinstance(refused, Later):  # 5xx, or a good answer that cannot be read: the text may have left
        return Later(refused.reason, refused.after, "Twilio did not say", unknown=True)
    return Stuck(refused.reason, in_words(code or answer.status))


def in_words(code: int) -> str:
    """What staff read of an error: Twilio's number for it, and what it means."""
    return f"Twilio {code}: {ERRORS[code][1]}" if code in ERRORS else f"Twilio {code}"
