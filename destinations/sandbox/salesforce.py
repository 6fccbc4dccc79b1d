"""Salesforce's REST API. https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/"""

import secrets
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from urllib.parse import quote

from destinations.sandbox import salesforce_org as org
from destinations.sandbox import salesforce_records as records
from destinations.sandbox.addresses import filed_under
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox
from destinations.sandbox.soql import Refused, understood

PAGE, COLLECTION, URI, DAILY = 2_000, 200, 16_384, 100_000
TOKEN, CURSOR = "token", "cursor"
ERRORS = {
    400: ("JSON_PARSER_ERROR", "the request could not be read"),
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    405: ("METHOD_NOT_ALLOWED", "HTTP method not allowed"),
    414: ("URI_TOO_LONG", "URI Too Long"),
    429: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    503: ("SERVER_UNAVAILABLE", "The server is temporarily unavailable"),
}
UNKNOWN_CLIENT = {"error": "invalid_client_id", "error_description": "client identifier invalid"}
WRONG_GRANT = {"error": "unsupported_grant_type", "error_description": "grant type not supported"}
DATA = r"/services/data/v\d+\.0"


class SalesforceSandbox(Sandbox):
    """An org with Contacts, Leads and person Accounts. Seeds: records by object (`Contact`, …)."""

    slug, name, kind = "salesforce", "Salesforce", "CRM"
    indexed = ("Id", *org.FINDS)

    def __init__(self, path: str | Path = ":memory:", session_seconds: int = 7_200) -> None:
        super().__init__(path)
        self.session_seconds = session_seconds

    def refused(self, request: Request) -> Answer | None:
        """Sessions end, by time or by `POST /_expire_tokens`; asking for a new one needs none."""
        if not request.path.startswith("/services/data/"):
            return None
        session = self.store.get(TOKEN, request.bearer())
        return None if session and session["until"] > time.time() else self.error(401)

    def error(self, status: int, message: str = "", code: str = "") -> Answer:
        """`[{"errorCode", "message"}]`."""
        usual, words = ERRORS.get(status, ("UNKNOWN_EXCEPTION", "An unexpected error occurred"))
        return Answer(status, [{"errorCode": code or usual, "message": message or words}])

    def dispatch(self, request: Request) -> Answer:
        """As always, with the org's refusals in its own shape."""
        try:
            return super().dispatch(request)
        except Refused as refusal:
            return self.error(400, refusal.message, refusal.code)

    @route("POST", "/services/oauth2/token")
    def token(self, request: Request) -> Answer:
        """A session for any client that gives an id and a secret."""
        form = request.form()
        if form.get("grant_type") != "client_credentials":
            return Answer(400, WRONG_GRANT)
        if not (form.get("client_id") and form.get("client_secret")):
            return Answer(400, UNKNOWN_CLIENT)
        token = f"00D8d0000000001!{secrets.token_urlsafe(32)}"
        self.store.put(TOKEN, token, {"until": time.time() + self.session_seconds})
        issued = {"token_type": "Bearer", "scope": "api", "issued_at": str(int(time.time() * 1000))}
        return Answer(body={"access_token": token, "instance_url": self.url, **issued})

    @route("POST", "/_expire_tokens")
    def expire(self, request: Request) -> Answer:
        """Every session ends now."""
        self.store.remove(TOKEN)
        return Answer(204)

    @route("GET", f"{DATA}/limits")
    def limits(self, request: Request) -> Answer:
        """The quota that the whole organisation shares."""
        return Answer(body={"DailyApiRequests": {"Max": DAILY, "Remaining": DAILY - len(self.requests)}})

    @route("GET", f"{DATA}/query")
    def query(self, request: Request) -> Answer:
        """One page of what a SOQL query finds; a URI beyond 16 KB is refused as Salesforce does."""
        soql = request.asked("q")
        if len(request.path) + len(quote(soql)) > URI:
            return self.error(414)
        return self._page(request, soql, 0, f"01g8d{secrets.token_hex(5)}")

    @route("GET", f"{DATA}/query/{{cursor}}-{{offset}}")
    def more(self, request: Request, cursor: str, offset: str) -> Answer:
        """The next page."""
        held = self.store.get(CURSOR, cursor)
        if not held or not offset.isdigit():
            return self.error(400, "invalid query locator", "INVALID_QUERY_LOCATOR")
        return self._page(request, held["soql"], int(offset), cursor)

    @route("GET", f"{DATA}/sobjects/{{type_}}/describe")
    def describe(self, request: Request, type_: str) -> Answer:
        """The fields of an object, and whether they can be written."""
        if type_ not in org.FIELDS:
            return self.error(404)
        fields = [{"name": name, "updateable": name not in org.READ_ONLY} for name in org.FIELDS[type_]]
        return Answer(body={"name": type_, "fields": fields})

    @route("GET", f"{DATA}/sobjects/{{type_}}/{{key}}")
    def retrieve(self, request: Request, type_: str, key: str) -> Answer:
        """One record with all its fields."""
        record = self.store.get(type_, key[:15]) if type_ in org.FIELDS else None
        return Answer(body=records.shown(type_, record)) if record else self.error(404)

    @route("PATCH", f"{DATA}/composite/sobjects")
    def update(self, request: Request) -> Answer:
        """Up to 200 records, each with its own result: 200 does not mean done."""
        wishes = collection(request)
        return Answer(
            body=[self._updated(each, request.partial and at % 2 == 1) for at, each in enumerate(wishes)]
        )

    @route("POST", f"{DATA}/composite/sobjects")
    def create(self, request: Request) -> Answer:
        """Consents are made, each with its own result."""
        return Answer(body=[self._created(each) for each in collection(request)])

    def found(self, under: list[str]) -> Found:
        """The record as a retrieve answers it; where several match, as a query answers them."""
        matches = [
            records.shown(type_, each) for type_ in org.FIELDS for each in self.store.filed(type_, under)
        ]
        several = {"totalSize": len(matches), "done": True, "records": matches}
        record = matches[0] if len(matches) == 1 else several if matches else {}
        return Found(record, [each["Id"] for each in matches])

    def believes(self, record: Document) -> list[Belief]:
        """Box by box; "opted out" is a ticked box."""
        return [
            Belief(org.label(field), "opted out" if ticked else "not opted out", not ticked)
            for each in record.get("records", [record])
            for field, ticked in each.items()
            if org.label(field)
        ]

    def plant(self, kind: str, document: Document) -> str:
        """Make or change a record as a user of the org would, dated by its `LastModifiedDate`."""
        if kind not in org.FIELDS or set(document) - set(org.FIELDS[kind]):
            raise Unreadable(f"{kind} is no object of this org, or has a field that it lacks")
        key = document.get("Id") or self._new_id(kind)
        record = self.store.get(kind, key[:15]) or records.new(kind, key)
        at = datetime.fromisoformat(document.get("LastModifiedDate") or datetime.now(UTC).isoformat())
        by = document.get("LastModifiedById", org.HUMAN)
        self._keep(kind, records.changed({**record, **document}, by, at))
        return str(key)

    def _new_id(self, type_: str) -> str:
        tried = (org.record_id(type_, number) for number in count(self.store.next_number()))
        return next(key for key in tried if not self.store.get(type_, key[:15]))

    def _page(self, request: Request, soql: str, offset: int, cursor: str) -> Answer:
        query = understood(soql, org.NAMES)
        total = self.store.count(query.type, query.condition, query.values)
        total = total if query.limit is None else min(total, query.limit)
        page = (max(0, min(PAGE, total - offset)), offset)
        found = self.store.where(query.type, query.condition, query.values, page)
        body = {
            "totalSize": total,
            "done": offset + PAGE >= total,
            "records": [records.shown(query.type, each, query.fields) for each in found],
        }
        if not body["done"]:
            self.store.put(CURSOR, cursor, {"soql": soql})
            version = request.path.split("/")[3]
            body["nextRecordsUrl"] = f"/services/data/{version}/query/{cursor}-{offset + PAGE}"
        return Answer(body=body)

    def _updated(self, wish: Document, locked: bool) -> Document:
        type_, key = wish["attributes"]["type"], str(wish.get("id") or "")
        record = self.store.get(type_, key[:15])
        if error := records.refusal(type_, key, record, wish, locked):
            return {**({"id": key} if key else {}), "success": False, "errors": [error]}
        fields = {**(record or {}), **records.wanted(type_, wish)}
        self._keep(type_, records.changed(fields, org.INTEGRATION_USER, datetime.now(UTC)))
        self.store.wrote(fields["Id"])
        return {"id": fields["Id"], "success": True, "errors": []}

    def _created(self, wish: Document) -> Document:
        if error := records.not_made(wish):
            return {"success": False, "errors": [error]}
        key = self._new_id(org.MADE)
        fields = {**records.new(org.MADE, key), **records.wanted(org.MADE, wish)}
        self._keep(org.MADE, records.changed(fields, org.INTEGRATION_USER, datetime.now(UTC)))
        return {"id": key, "success": True, "errors": []}

    def _keep(self, type_: str, record: Document) -> None:
        under = filed_under((kind, record.get(field)) for field, kind in org.FINDS.items())
        self.store.put(type_, record["Id"][:15], record, under)


def collection(request: Request) -> list[Document]:
    """Up to 200 records of known objects and fields."""
    wishes = request.document().get("records")
    if not isinstance(wishes, list) or not all(isinstance(each, dict) for each in wishes):
        raise Unreadable("records must be a list of records")
    if len(wishes) > COLLECTION:
        words = "record limit reached. cannot submit more than 200 records into this call"
        raise Refused("EXCEEDED_ID_LIMIT", words)
    for each in wishes:
        records.check_fields(each)
    return wishes
