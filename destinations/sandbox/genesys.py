"""Genesys Cloud's do-not-call lists. https://developer.genesys.cloud/devapps/api-explorer (Outbound)"""

import re
import secrets
from datetime import UTC, datetime
from pathlib import Path

from destinations.sandbox.addresses import filed_as
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox

LIST, NUMBER, TOKEN, FILE = "list", "number", "token", "file"
PATH = "/api/v2/outbound/dnclists/{key}"
WRITTEN_AFTER = 2  # looks at an export until it is written


class GenesysSandbox(Sandbox):
    """Seeds: `lists` ({id, name, dncSourceType}) and `numbers` ({list, phone})."""

    slug, name, kind = "genesys", "Genesys Cloud", "Call center"
    found_by, unknown = ("phone",), "on none of its lists"

    def __init__(self, path: str | Path = ":memory:") -> None:
        super().__init__(path)
        self.looks: dict[str, int] = {}  # by list: looks until its export is written

    def refused(self, request: Request) -> Answer | None:
        """A token that was issued here; sign-in and files carry none."""
        if request.path == "/oauth/token" or request.path.startswith("/files/"):
            return None
        return None if self.store.get(TOKEN, request.bearer()) else self.error(401)

    def error(self, status: int, message: str = "") -> Answer:
        """`{"status", "code", "message", "contextId"}`."""
        words = message or f"refused with {status}"
        code = {401: "bad.credentials", 404: "not.found", 429: "too.many.requests"}.get(status, "bad.request")
        return Answer(status, {"status": status, "code": code, "message": words, "contextId": "0"})

    @route("POST", "/oauth/token")
    def sign_in(self, request: Request) -> Answer:
        """Client credentials, by HTTP Basic."""
        basic = request.headers.get("authorization", "").startswith("Basic ")
        if not basic or request.form().get("grant_type") != "client_credentials":
            return Answer(400, {"error": "invalid_request"})
        token = secrets.token_urlsafe(24)
        self.store.put(TOKEN, token, {"issued": True})
        return Answer(body={"access_token": token, "token_type": "bearer", "expires_in": 86400})

    @route("GET", PATH)
    def described(self, request: Request, key: str) -> Answer:
        """A list; its size only where it is asked for."""
        found = self.store.get(LIST, key)
        if not found:
            return self.error(404)
        size = {"size": self.store.count_filed(NUMBER, f"list:{key}")}
        found = {name: value for name, value in found.items() if name != FILE}
        return Answer(body={**found, **(size if request.asked("includeSize") == "true" else {})})

    @route("PATCH", f"{PATH}/phonenumbers")
    def change(self, request: Request, key: str) -> Answer:
        """Add or remove; one number that is none spoils the whole call."""
        found, given = self.store.get(LIST, key), request.document()
        if not found:
            return self.error(404)
        if found["dncSourceType"] != "rds":
            return self.error(400, "the list is not internal")
        numbers, action = given.get("phoneNumbers"), given.get("action")
        if set(given) - {"action", "phoneNumbers", "expirationDateTime"} or action not in {"Add", "Remove"}:
            raise Unreadable("action must be Add or Remove")
        if not isinstance(numbers, list) or not all(re.fullmatch(r"\+\d{7,15}", str(n)) for n in numbers):
            raise Unreadable("phoneNumbers must be E.164")
        for number in numbers:
            if action == "Add":
                self._listed(key, number)
            else:
                self.store.remove(NUMBER, f"{key} {number}")
            self.store.wrote(filed_as("phone", number))
        return Answer(204)

    @route("DELETE", f"{PATH}/phonenumbers")
    def wipe(self, request: Request, key: str) -> Answer:
        """The trap: it empties the whole list."""
        for number in self.store.filed(NUMBER, [f"list:{key}"]):
            self.store.remove(NUMBER, f"{key} {number['phone']}")
        return Answer(204)

    @route("POST", f"{PATH}/export")
    def export(self, request: Request, key: str) -> Answer:
        """Begin to write the list out."""
        found = self.store.get(LIST, key)
        if not found:
            return self.error(404)
        self.looks[key] = WRITTEN_AFTER
        return Answer(body={"id": key, "selfUri": request.path})

    @route("GET", f"{PATH}/export")
    def exported(self, request: Request, key: str) -> Answer:
        """The last file that was finished; a new one takes a while."""
        found = self.store.get(LIST, key)
        if not found:
            return self.error(404)
        self.looks[key] = self.looks.get(key, 0) - 1
        if self.looks[key] == 0:
            found = {**found, "file": self._write_out(key)}
            self.store.put(LIST, key, found)
        if "file" not in found:
            return self.error(404)
        file = self.store.get(FILE, found["file"]) or {}
        return Answer(
            body={"uri": f"{self.url}/api/v2/downloads/{found['file']}", "exportTimestamp": file["at"]}
        )

    @route("GET", "/api/v2/downloads/{key}")
    def download(self, request: Request, key: str) -> Answer:
        """Where the file is: a signed address elsewhere; by default a redirect there."""
        url = f"{self.url}/files/{key}"
        if request.asked("issueRedirect") == "false":
            return Answer(body={"url": url})
        return Answer(303, headers={"Location": url})

    @route("GET", "/files/{key}")
    def file(self, request: Request, key: str) -> Answer:
        """The file itself refuses whoever shows a session."""
        found = self.store.get(FILE, key)
        if not found or request.bearer():
            return self.error(403)
        return Answer(body=found["content"].encode(), content_type="text/csv")

    def found(self, under: list[str]) -> Found:
        """The lists on which a number stands."""
        phones = [word for word in under if word.startswith("phone:")]
        listed = [each["list"] for each in self.store.filed(NUMBER, phones)]
        names = [each["name"] for each in self.store.all(LIST) if each["id"] in listed]
        return Found({"dncLists": names} if names else {}, phones)

    def believes(self, record: Document) -> list[Belief]:
        """List by list."""
        if not record:
            return [Belief("Do-not-call lists", "on none of them", True)]
        return [Belief(name, "do not call", False) for name in record.get("dncLists", [])]

    def plant(self, kind: str, document: Document) -> str:
        """A list, or a number that an agent has put on one."""
        if kind == "lists":
            self.store.put(LIST, document["id"], {"dncSourceType": "rds", **document})
            return str(document["id"])
        if kind != "numbers":
            raise Unreadable("seeds are lists and numbers")
        return self._listed(document["list"], document["phone"])

    def _listed(self, key: str, number: str) -> str:
        under = [f"list:{key}", filed_as("phone", number)]
        self.store.put(NUMBER, f"{key} {number}", {"list": key, "phone": number}, under)
        return number

    def _write_out(self, key: str) -> str:
        name = secrets.token_hex(8)
        lines = ["phone number", *(each["phone"] for each in self.store.filed(NUMBER, [f"list:{key}"]))]
        self.store.put(FILE, name, {"content": "\r\n".join(lines), "at": datetime.now(UTC).isoformat()})
        return name
