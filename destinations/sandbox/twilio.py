"""Twilio's messages. https://www.twilio.com/docs/messaging/api/message-resource

It has Twilio's traps: the same call twice is two texts; a number that texted STOP is refused by its own rule,
whoever asks (21610); what cannot arrive is taken with 201 all the same, and fails later.
"""

import base64
import binascii
import re
from datetime import UTC, datetime
from email.utils import format_datetime

from destinations.sandbox.addresses import filed_as
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox

MESSAGE, OPTED_OUT, UNREACHABLE = "message", "opted_out", "unreachable"
SEEDS = {OPTED_OUT, UNREACHABLE}
PATH = "/2010-04-01/Accounts/{account}/Messages"
E164 = re.compile(r"\+[1-9]\d{6,14}")
KNOWN = {"To", "From", "MessagingServiceSid", "Body", "StatusCallback", "ValidityPeriod"}
MESSAGES = {20003: "Authenticate", 20404: "The requested resource was not found", 20429: "Too Many Requests"}
BY_STATUS = {401: 20003, 404: 20404, 405: 20004, 429: 20429}


class TwilioSandbox(Sandbox):
    """Keeps what was sent. Seeds: `opted_out` and `unreachable` ({phone})."""

    slug, name, kind = "twilio", "Twilio", "Texts (SMS)"
    found_by, unknown = ("phone",), "no texts yet"

    def refused(self, request: Request) -> Answer | None:
        """HTTP Basic with an API key, or with the account and its token."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            user, _, secret = base64.b64decode(given).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return self.error(401)
        known = scheme == "Basic" and re.fullmatch(r"(SK|AC)[0-9a-fA-F]{32}", user) and secret
        return None if known and secret != "revoked" else self.error(401)  # noqa: S105 - a seed of tests

    def error(self, status: int, message: str = "", code: int = 0) -> Answer:
        """`{"code", "message", "more_info", "status"}`."""
        code = code or BY_STATUS.get(status, 20500)
        words = message or MESSAGES.get(code, f"refused with {status}")
        more = f"https://www.twilio.com/docs/errors/{code}"
        return Answer(status, {"code": code, "message": words, "more_info": more, "status": status})

    @route("POST", f"{PATH}.json")
    def create(self, request: Request, account: str) -> Answer:
        """Send one: every call is one more text."""
        form = request.form()
        if refused := self._wrong(form):
            return refused
        number = self.store.next_number()
        key = f"SM{number:032x}"
        now = format_datetime(datetime.now(UTC))
        message: Document = {
            "sid": key,
            "account_sid": account,
            "to": form["To"],
            "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "body": form["Body"],
            "status": "accepted" if "MessagingServiceSid" in form else "queued",
            "direction": "outbound-api",
            "num_segments": "1",
            "num_media": "0",
            "error_code": None,
            "error_message": None,
            "price": None,
            "price_unit": "USD",
            "api_version": "2010-04-01",
            "date_created": now,
            "date_updated": now,
            "date_sent": None,
            "uri": f"/2010-04-01/Accounts/{account}/Messages/{key}.json",
            "subresource_uris": {},
        }
        kept = {**message, "callback": form.get("StatusCallback", ""), "number": number}
        self.store.put(MESSAGE, key, kept, [filed_as("phone", form["To"])])
        self.store.wrote(filed_as("phone", form["To"]))
        return Answer(201, message)

    def _wrong(self, form: dict[str, str]) -> Answer | None:
        """As Twilio refuses, in its order."""
        to = form.get("To", "")
        if strange := set(form) - KNOWN:
            return self.error(400, f"the sandbox knows no {', '.join(sorted(strange))}")
        if not E164.fullmatch(to):
            return self.error(400, f"Invalid 'To' Phone Number: {to[:-4]}XXXX", 21211)
        if not {"From", "MessagingServiceSid"} & set(form):
            return self.error(400, "A 'From' phone number is required", 21603)
        if not form.get("Body"):
            return self.error(400, "Message body is required", 21602)
        if len(form["Body"]) > 1600:
            return self.error(400, "The concatenated message body exceeds the 1600 character limit", 21617)
        if self.store.filed(OPTED_OUT, [filed_as("phone", to)]):
            return self.error(400, "Attempt to send to unsubscribed recipient", 21610)
        return None

    @route("GET", f"{PATH}.json")
    def listed(self, request: Request, account: str) -> Answer:
        """The newest first."""
        to = request.asked("To")
        found = self.store.filed(MESSAGE, [filed_as("phone", to)]) if to else self.store.all(MESSAGE)
        size = int(request.asked("PageSize") or 50)
        newest = sorted(found, key=lambda each: -each["number"])[:size]
        messages = [self._shown(each) for each in newest]
        return Answer(body={"messages": messages, "page": 0, "page_size": size, "next_page_uri": None})

    @route("GET", "/_messages")
    def watched(self, request: Request) -> Answer:
        """The same for whoever watches."""
        return self.listed(request, "")

    @route("GET", f"{PATH}/{{key}}.json")
    def one(self, request: Request, account: str, key: str) -> Answer:
        """One message, as it stands now."""
        found = self.store.get(MESSAGE, key)
        return Answer(body=self._shown(found)) if found else self.error(404)

    def _shown(self, kept: Document) -> Document:
        """Nobody sees what will not arrive until it has not."""
        shown = {name: value for name, value in kept.items() if name not in {"callback", "number"}}
        if self.store.filed(UNREACHABLE, [filed_as("phone", kept["to"])]):
            return {**shown, "status": "undelivered", "error_code": 30003}
        return {**shown, "status": "delivered"}

    def found(self, under: list[str]) -> Found:
        """What was sent to a number."""
        phones = [word for word in under if word.startswith("phone:")]
        sent = self.store.filed(MESSAGE, phones)
        record: Document = {"messages": [self._shown(each) for each in sent]} if sent else {}
        if self.store.filed(OPTED_OUT, phones):
            record["opted_out"] = True
        return Found(record, phones)

    def believes(self, record: Document) -> list[Belief]:
        """What the phone shows, and whether Twilio blocks it."""
        blocked = [Belief("Texts", "blocked: it texted STOP", False)] if record.get("opted_out") else []
        return [*blocked, *(Belief("Text", each["body"], None) for each in record.get("messages", []))]

    def plant(self, kind: str, document: Document) -> str:
        """A number that opted out there, or that cannot be reached."""
        if kind not in SEEDS:
            raise Unreadable("seeds are opted_out and unreachable")
        self.store.put(kind, document["phone"], document, [filed_as("phone", document["phone"])])
        return str(document["phone"])
