"""Twilio with people's phones: what they text is posted, signed, to whoever owns the number.

https://www.twilio.com/docs/messaging/guides/webhook-request, https://www.twilio.com/docs/usage/security
"""

import base64
import hashlib
import hmac
import http.client
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from destinations.sandbox.addresses import filed_as
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.server import Belief, Found
from destinations.sandbox.twilio import TwilioSandbox

TEXT = "text"
NUMBER, ACCOUNT = "+12025550199", "AC" + "0" * 32
PATIENCE = 15.0  # seconds, as long as Twilio waits
SHOWN = 6


class PhonesSandbox(TwilioSandbox):
    """`POST /_text` {from, body}: somebody texts. `webhook` is the owner's address, `token` the account's."""

    def __init__(self, path: str | Path = ":memory:", webhook: str = "", token: str = "") -> None:
        super().__init__(path)
        self.webhook, self.token = webhook, token

    def handle(self, request: Request) -> Answer:
        """A text waits for the answer of the number's owner: nobody else waits with it."""
        if request.path != "/_text" or request.method != "POST":
            return super().handle(request)
        try:
            form = written(request.document())
        except Unreadable as words:
            return self.error(400, str(words))
        answer = self._posted(form)
        with self.store:
            text = {**shown(form), "answer": answer, "number": self.store.next_number()}
            self.store.put(TEXT, form["MessageSid"], text, [filed_as("phone", form["From"])])
        return Answer(body=text)

    def found(self, under: list[str]) -> Found:
        """The last texts from and to these numbers, the newest first."""
        found = super().found(under)
        texts = self.store.filed(TEXT, [word for word in under if word.startswith("phone:")])
        messages = [*found.record.get("messages", []), *texts]
        newest = sorted(messages, key=placed, reverse=True)
        more = {"messages": newest[:SHOWN]} if newest else {}
        return Found({**found.record, **more}, found.counted_as)

    def believes(self, record: Document) -> list[Belief]:
        """Text by text: what it says, and what became of it."""
        texts = record.get("messages", [])
        said = [Belief(f"“{each['body']}”", each.get("answer", "a text by Heed"), None) for each in texts]
        return [*super().believes({**record, "messages": []}), *said]

    def _posted(self, form: Mapping[str, str]) -> str:
        where, headers = urlsplit(self.webhook), {"Content-Type": "application/x-www-form-urlencoded"}
        headers["X-Twilio-Signature"] = signature(self.webhook, form, self.token)
        connection = http.client.HTTPConnection(where.netloc, timeout=PATIENCE)
        try:
            connection.request("POST", where.path, urlencode(form), headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return "nobody answered: text again"
        finally:
            connection.close()
        return "Heed has it" if status == 200 else f"Heed refused it ({status})"


def written(given: Document) -> dict[str, str]:
    """The form that Twilio posts. Raises Unreadable."""
    sender = filed_as("phone", given.get("from", "")).removeprefix("phone:")
    body = str(given.get("body", "")).strip()
    if len(sender) < 8 or not 0 < len(body) <= 1600:
        raise Unreadable("a text has `from`, a number, and `body`, up to 1,600 characters")
    form = {"MessageSid": f"SM{secrets.token_hex(16)}", "AccountSid": ACCOUNT, "From": sender, "To": NUMBER}
    return {**form, "Body": body, "NumMedia": "0", "NumSegments": "1", "ApiVersion": "2010-04-01"}


def shown(form: Mapping[str, str]) -> Document:
    """A message that came in, as Twilio's API shows it."""
    fields = {"sid": "MessageSid", "from": "From", "to": "To", "body": "Body"}
    return {name: form[each] for name, each in fields.items()} | {"direction": "inbound"}


def placed(message: Document) -> int:
    """Where a text stands among all: those that Heed sent bear their number in their name."""
    return int(message["number"]) if "number" in message else int(message["sid"].removeprefix("SM"), 16)


def signature(url: str, form: Mapping[str, str], token: str) -> str:
    """HMAC-SHA1, by the account's token, over the URL and every field of the form by name; base64."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()
