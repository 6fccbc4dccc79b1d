"""Five9's Configuration Web Services, so far as its do-not-call list goes: SOAP 1.1 over HTTP."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from destinations.sandbox.addresses import filed_as
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox

NUMBER = "number"
MOST_AT_ONCE = 50_000
PACIFIC = ZoneInfo("America/Los_Angeles")


class Five9Sandbox(Sandbox):
    """One list for the domain. Seeds: `numbers` ({phone}). `revoked`: nobody may sign in."""

    slug, name, kind = "five9", "Five9", "Call center"
    found_by, unknown = ("phone",), "not on its list"

    def __init__(
        self, path: str | Path = ":memory:", clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(path)
        self.clock = clock
        self.revoked = False
        self.refuses: set[str] = set()  # numbers that the list will not have

    def refused(self, request: Request) -> Answer | None:
        """Basic authentication, which a revoked login fails."""
        basic = request.headers.get("authorization", "").startswith("Basic ")
        return None if basic and not self.revoked else self.error(401)

    def error(self, status: int, message: str = "") -> Answer:
        """401 comes as the server's own page; the rest as a fault."""
        if status == 401:
            page = b"<html><body>Unauthorized</body></html>"
            return Answer(401, page, {"WWW-Authenticate": "Basic"}, "text/html")
        return fault(message or f"refused with {status}", status=status)

    @route("POST", "/wsadmin/{version}/AdminWebService")
    def called(self, request: Request, version: str) -> Answer:
        """Three operations; changes are taken at night only."""
        text = request.body.decode()
        operation = re.search(r"<soapenv:Body>\s*<ser:(\w+)>", text)
        numbers = re.findall(r"<numbers>([^<]*)</numbers>", text)
        if not operation:
            return fault("no operation")
        if len(numbers) > MOST_AT_ONCE or not all(re.fullmatch(r"\d{10}", number) for number in numbers):
            return fault("a number is not valid", "PhoneNumberFormatFault")
        if operation[1] == "checkDncForNumbers":
            return response(operation[1], [each for each in numbers if self.store.get(NUMBER, each)])
        if operation[1] not in {"addNumbersToDnc", "removeNumbersFromDnc"}:
            return fault("unknown operation")
        if 6 <= self.clock().astimezone(PACIFIC).hour < 23:
            return fault("numbers may be imported from 11 PM to 6 AM Pacific Time", "ImportTimeFault")
        if self.refuses & set(numbers):
            return fault("a number is not valid", "PhoneNumberFormatFault")
        return response(operation[1], [str(self._changed(operation[1] == "addNumbersToDnc", numbers))])

    def found(self, under: list[str]) -> Found:
        """Whether a number is on the list."""
        phones = [word for word in under if word.startswith("phone:")]
        return Found({"dnc": True} if self.store.filed(NUMBER, phones) else {}, phones)

    def believes(self, record: Document) -> list[Belief]:
        """One line."""
        return [Belief("Calls", "on the do-not-call list", False)] if record else []

    def plant(self, kind: str, document: Document) -> str:
        """A number that an agent has put on the list."""
        if kind != "numbers":
            raise Unreadable("seeds are numbers")
        digits = document["phone"].removeprefix("+1")
        self.store.put(NUMBER, digits, {"phone": digits}, [filed_as("phone", digits)])
        return str(digits)

    def _changed(self, on_it: bool, numbers: list[str]) -> int:
        before = len(self.store.all(NUMBER))
        for number in numbers:
            if on_it:
                self.plant("numbers", {"phone": number})
            else:
                self.store.remove(NUMBER, number)
            self.store.wrote(filed_as("phone", number))
        return abs(len(self.store.all(NUMBER)) - before)


def response(operation: str, returned: list[str]) -> Answer:
    """What an operation returns."""
    listed = "".join(f"<return>{escape(each)}</return>" for each in returned)
    opened = f'<ns:{operation}Response xmlns:ns="http://service.admin.ws.five9.com/">'
    return Answer(body=enveloped(f"{opened}{listed}</ns:{operation}Response>"), content_type="text/xml")


def fault(words: str, name: str = "", status: int = 500) -> Answer:
    """A SOAP fault, its exception by name."""
    detail = f"<detail><ns:{name} xmlns:ns='urn:five9'/></detail>" if name else ""
    said = f"<faultcode>S:Server</faultcode><faultstring>{escape(words)}</faultstring>{detail}"
    return Answer(status, enveloped(f"<S:Fault>{said}</S:Fault>"), content_type="text/xml")


def enveloped(body: str) -> bytes:
    """A SOAP message."""
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    return f'<?xml version="1.0" ?><S:Envelope xmlns:S="{soap}"><S:Body>{body}</S:Body></S:Envelope>'.encode()
