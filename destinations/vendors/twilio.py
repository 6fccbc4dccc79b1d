"""Twilio's incoming messages. https://www.twilio.com/docs/messaging/guides/webhook-request

`OptOutType` comes where Advanced Opt-Out reads the message for us; else its words are read here.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qs

from destinations.contract import Setting, Settings
from destinations.vendors.contract import (
    Heard,
    Incoming,
    Item,
    Meaning,
    NotAuthentic,
    Reply,
    Unreadable,
    Vendor,
    Who,
)
from destinations.vendors.signatures import same

OPT_OUT_TYPES = {"STOP": Meaning.STOP, "START": Meaning.START, "HELP": Meaning.HELP}
Form = Mapping[str, Sequence[str]]


class TwilioMessages(Vendor):
    """Texts that people send: STOP, START, HELP, and whatever else they write."""

    slug, name = "twilio", "Twilio messages"
    largest = 100_000
    reply = Reply(200, b"<Response/>", "text/xml")  # Twilio sends no second answer of its own
    settings = {"auth_token": Setting("Auth token", "Of the account that owns the number", secret=True)}

    def check(self, call: Incoming, settings: Settings, now: datetime) -> None:
        given = call.headers.get("x-twilio-signature", "")
        if not same(given, signature(call.url, _form(call.body), settings.auth_token)):
            raise NotAuthentic("the signature does not fit: check the auth token, and PUBLIC_URL")

    def split(self, call: Incoming) -> Sequence[Item]:
        form = _form(call.body)
        name = _one(form, "MessageSid") or _one(form, "SmsSid")
        if not name:
            raise Unreadable("MessageSid is missing")
        return [Item(name, call.body)]

    def read(self, content: bytes, settings: Settings) -> Sequence[Heard]:
        form = _form(content)
        sender, kind = _one(form, "From").removeprefix("whatsapp:"), _one(form, "OptOutType").upper()
        if not sender:
            raise Unreadable("From is missing")
        meaning = OPT_OUT_TYPES.get(kind, Meaning.TEXT)
        event = f"OptOutType {kind}" if meaning != Meaning.TEXT else "message"
        text = "" if meaning != Meaning.TEXT else _one(form, "Body")
        return [Heard(meaning, event, (Who("phone", sender),), text=text, to=_one(form, "To"))]


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


def _one(form: Form, name: str) -> str:
    return next(iter(form.get(name, ())), "")
