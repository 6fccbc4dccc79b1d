"""Twilio's messages, both ways. https://www.twilio.com/docs/messaging/guides/webhook-request

`OptOutType` comes where Advanced Opt-Out reads the message for us; else its words are read here. What became
of a text of ours comes in by the same address (`StatusCallback`).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from destinations.contract import Glyph, Setting, Settings, Steps
from destinations.vendors import twilio_texts
from destinations.vendors.contract import (
    Heard,
    Incoming,
    Item,
    Meaning,
    NotAuthentic,
    Reply,
    Sent,
    Text,
    Unreadable,
    Vendor,
    Who,
)
from destinations.vendors.signatures import same
from destinations.vendors.words import word

OPT_OUT_TYPES = {"STOP": Meaning.STOP, "START": Meaning.START, "HELP": Meaning.HELP}
SENDING = ("account_sid", "api_key", "api_key_secret", "sender")
FORMS = {
    "account_sid": r"AC[0-9a-fA-F]{32}",
    "api_key": r"(SK|AC)[0-9a-fA-F]{32}",
    "sender": r"MG[0-9a-fA-F]{32}|\+[1-9]\d{6,14}|\d{5,6}",
}
Form = Mapping[str, Sequence[str]]


class TwilioMessages(Vendor):
    """Texts that people send: STOP, START, HELP, and whatever else they write. It may send texts of ours."""

    slug, name = "twilio", "Twilio messages"
    glyph = Glyph.TEXT
    largest = 100_000
    reply = Reply(200, b"<Response/>", "text/xml")  # Twilio sends no second answer of its own
    may_call = twilio_texts.MAY_CALL
    settings = {
        "auth_token": Setting("Auth token", "Of the account that owns the number", secret=True),
        "account_sid": Setting(
            "Account", "AC…: only where Heed shall send texts, too (sign-in codes)", required=False
        ),
        "api_key": Setting("API key", "SK…: a key of its own, which can be revoked alone", required=False),
        "api_key_secret": Setting("API key secret", secret=True, required=False),
        "sender": Setting("Sender", "A Messaging Service (MG…) or a number (+1…)", required=False),
        "confirms_stop": Setting(
            "Confirm a STOP by text",
            "One text, within five minutes, that asks which kinds they still want (47 CFR 64.1200(a)(12)). "
            "Where Twilio answers a STOP itself, it does nothing: see docs/twilio.md",
            required=False,
            default=False,
            tick=True,
        ),
        "base_url": Setting("API address", required=False, default="https://api.twilio.com"),
    }

    def check(self, call: Incoming, settings: Settings, now: datetime) -> None:
        given = call.headers.get("x-twilio-signature", "")
        if not same(given, signature(call.url, _form(call.body), settings.auth_token)):
            raise NotAuthentic("the signature does not fit: check the auth token, and PUBLIC_URL")

    def split(self, call: Incoming) -> Sequence[Item]:
        form = _form(call.body)
        name = _one(form, "MessageSid") or _one(form, "SmsSid")
        if not name:
            raise Unreadable("MessageSid is missing")
        return [Item(f"{name} {_reported(form)}".strip(), call.body)]

    def read(self, content: bytes, settings: Settings) -> Sequence[Heard]:
        form = _form(content)
        if status := _reported(form):
            code = _one(form, "ErrorCode")
            fault = twilio_texts.in_words(int(code)) if code.isdigit() and code != "0" else ""
            return [
                Heard(
                    Meaning.REPORT,
                    f"message {word(status)}",
                    report=(_one(form, "MessageSid"), status, fault),
                )
            ]
        sender, kind = _one(form, "From").removeprefix("whatsapp:"), _one(form, "OptOutType").upper()
        if not sender:
            raise Unreadable("From is missing")
        meaning = OPT_OUT_TYPES.get(kind, Meaning.TEXT)
        event = f"OptOutType {kind}" if meaning != Meaning.TEXT else "message"
        text = "" if meaning != Meaning.TEXT else _one(form, "Body")
        return [Heard(meaning, event, (Who("phone", sender),), text=text, to=_one(form, "To"))]

    def problem(self, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> str:
        given = {**settings, **secrets}
        lacks = [self.settings[each].label for each in SENDING if not given.get(each)]
        if lacks and len(lacks) < len(SENDING):
            return f"to send texts, enter {' and '.join(lacks)} too, or none of {len(SENDING)}"
        if given.get("confirms_stop") and lacks:
            return f"to confirm a STOP, enter {' and '.join(lacks)} too"
        for name, form in FORMS.items():
            if given.get(name) and not re.fullmatch(form, given[name]):
                return f"{self.settings[name].label}: {self.settings[name].help}"
        return ""

    def sends(self, settings: Settings) -> bool:
        return all(settings.values.get(each) for each in SENDING)

    def send(self, text: Text, settings: Settings) -> Steps[Sent]:
        return (yield from twilio_texts.send(text, settings))


def signature(url: str, form: Form, token: str) -> str:
    """HMAC-SHA1 over the public URL and every field of the form by name, each value once, base64.

    https://www.twilio.com/docs/usage/security#validating-requests
    """
    signed = url + "".join(name + value for name in sorted(form) for value in sorted(set(form[name])))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def _form(body: bytes) -> Form:
    try:
        return parse_qs(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=200)
    except ValueError:
        raise Unreadable("a form was expected") from None


def _reported(form: Form) -> str:
    """The status of a text of ours, where that is what the call is about."""
    status = _one(form, "MessageStatus")
    return "" if status in ("received", "receiving") else status


def _one(form: Form, name: str) -> str:
    return next(iter(form.get(name, ())), "")
