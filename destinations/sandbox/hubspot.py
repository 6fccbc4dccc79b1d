"""HubSpot's contacts and subscription types. https://developers.hubspot.com/docs/api-reference"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from destinations.sandbox.addresses import filed_as, filed_under
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox

CONTACT, TYPE, STATUS, PROPERTY = "contact", "type", "status", "property"  # kinds of documents
SEEDS = {"contacts", "types", "statuses", "properties"}
PREFERENCES, CONTACTS = "/communication-preferences/2026-03", "/crm/v3/objects/contacts"
STATES = {"SUBSCRIBED", "UNSUBSCRIBED", "NOT_SPECIFIED"}
STANDARD = {"email", "phone", "mobilephone", "firstname", "lastname"}
AT_MOST = 100
CATEGORIES = {
    401: "INVALID_AUTHENTICATION",
    403: "MISSING_SCOPES",
    404: "OBJECT_NOT_FOUND",
    429: "RATE_LIMITS",
}


class HubSpotSandbox(Sandbox):
    """An account with GDPR on: who is subscribed needs a legal basis.

    Seeds: `types` {id, name}, `properties` {name}, `contacts` {id, updatedAt, and any property}, `statuses`
    {email, type, status, timestamp}.
    """

    slug, name, kind = "hubspot", "HubSpot", "CRM"

    def refused(self, request: Request) -> Answer | None:
        """A private app's token."""
        return None if request.bearer().startswith("pat-") else self.error(401)

    def error(self, status: int, message: str = "", code: str = "") -> Answer:
        """`{"status", "message", "category", "errors"}`."""
        body = {"status": "error", "message": message, "category": CATEGORIES.get(status, "VALIDATION_ERROR")}
        body["correlationId"] = "aeb5f871-7f07-4993-9211-075dc63e7cbf"
        errors = {"errors": [{"message": message, "code": code}]} if code else {}
        return Answer(status, {**body, **errors})

    @route("GET", f"{PREFERENCES}/definitions")
    def definitions(self, request: Request) -> Answer:
        """Every subscription type."""
        return batch([{**each, "id": str(each["id"]), "isActive": True} for each in self.store.all(TYPE)])

    @route("GET", "/crm/v3/properties/contacts")
    def properties(self, request: Request) -> Answer:
        """Every property that contacts have."""
        return Answer(body={"results": [{"name": name} for name in sorted(self._names())]})

    @route("POST", f"{PREFERENCES}/statuses/batch/read")
    def read_statuses(self, request: Request) -> Answer:
        """Each type's status, address by address."""
        emails = inputs(request)
        if request.asked("channel") != "EMAIL":
            return self.error(400, "channel must be EMAIL")
        found = [{"subscriberIdString": each, "statuses": self._statuses(str(each))} for each in emails]
        return batch(found[: len(found) // 2] if request.partial else found)

    @route("POST", f"{PREFERENCES}/statuses/batch/write")
    def write_statuses(self, request: Request) -> Answer:
        """200, whatever became of each: what was refused is under `errors`."""
        given, errors, kept = inputs(request), [], []
        for each in given[: len(given) // 2] if request.partial else given:
            wrong = self._wrong(each)
            if wrong:
                errors.append(standard_error(wrong))
                continue
            kept.append(self._set(each))
        return batch(kept, errors, status=200)

    @route("POST", f"{CONTACTS}/batch/read")
    def read_contacts(self, request: Request) -> Answer:
        """Contacts by id or address; 207 where one is not there."""
        given = request.document()
        wanted = [str(each["id"]) for each in inputs(request)]
        if given.get("idProperty") == "email":
            found = self.store.filed(CONTACT, filed_under(("email", each) for each in wanted))
        else:
            found = [each for key in wanted if (each := self.store.get(CONTACT, key))]
        shown = [self._shown(each, given.get("properties", [])) for each in found]
        missing = len(wanted) - len(found)
        errors = [standard_error("OBJECT_NOT_FOUND", ids=wanted)] if missing else []
        return batch(shown, errors)

    @route("POST", f"{CONTACTS}/batch/update")
    def update_contacts(self, request: Request) -> Answer:
        """Properties of contacts that exist; one unknown property spoils the call."""
        given = inputs(request)
        strange = {name for each in given for name in each["properties"]} - self._names()
        if strange:
            return self.error(400, "Property values were not valid", "PROPERTY_DOESNT_EXIST")
        kept, errors = [], []
        for each in given[: len(given) // 2] if request.partial else given:
            contact = self.store.get(CONTACT, str(each["id"]))
            if not contact:
                errors.append(standard_error("OBJECT_NOT_FOUND", ids=[each["id"]]))
                continue
            contact["properties"] |= each["properties"]
            self._keep({**contact, "updatedAt": datetime.now(UTC).isoformat()})
            self.store.wrote(f"contact:{contact['id']}")
            kept.append(contact)
        return batch(kept, errors)

    @route("GET", f"{CONTACTS}/{{contact}}")
    def contact(self, request: Request, contact: str) -> Answer:
        """One contact, with the properties asked for."""
        found = self.store.get(CONTACT, contact)
        names = request.asked("properties").split(",")
        if not found:
            return self.error(404)
        shown = self._shown(found, names)
        shown["properties"] |= self._types_of(str(found["properties"].get("email", "")), names)
        return Answer(body=shown)

    def found(self, under: list[str]) -> Found:
        """The contact as HubSpot shows it, with its subscription types."""
        for contact in self.store.filed(CONTACT, under):
            email = str(contact["properties"].get("email", ""))
            record = {**contact["properties"], "id": contact["id"], "statuses": self._statuses(email)}
            return Found(record, [f"contact:{contact['id']}", filed_as("email", email)])
        return Found({}, under)

    def believes(self, record: Document) -> list[Belief]:
        """Subscription types, then ticked boxes."""
        said = [
            Belief(
                each["subscriptionName"],
                each["status"].lower().replace("_", " "),
                each["status"] != "UNSUBSCRIBED",
            )
            for each in record.get("statuses", [])
        ]
        return said + [
            Belief(name, "ticked" if value == "true" else "not ticked", value != "true")
            for name, value in record.items()
            if name.endswith("_opt_out")
        ]

    def plant(self, kind: str, document: Document) -> str:
        """See the class."""
        if kind not in SEEDS:
            raise Unreadable(f"seeds are {', '.join(sorted(SEEDS))}")
        if kind == "types":
            self.store.put(TYPE, str(document["id"]), document)
        elif kind == "properties":
            self.store.put(PROPERTY, document["name"], document)
        elif kind == "statuses":
            key = f"{document['email'].lower()} {document['type']}"
            self.store.put(STATUS, key, {"timestamp": datetime.now(UTC).isoformat(), **document})
        else:
            number, changed = str(document["id"]), document.get("updatedAt") or datetime.now(UTC).isoformat()
            properties = {name: each for name, each in document.items() if name not in {"id", "updatedAt"}}
            self._keep({"id": number, "properties": properties, "updatedAt": changed, "archived": False})
        return str(document.get("id") or document.get("name") or document["email"])

    def _keep(self, contact: Document) -> None:
        held = contact["properties"]
        pairs = [
            ("email", held.get("email")),
            ("phone", held.get("phone")),
            ("phone", held.get("mobilephone")),
        ]
        self.store.put(CONTACT, contact["id"], contact, under=filed_under(pairs))

    def _names(self) -> set[str]:
        return STANDARD | {each["name"] for each in self.store.all(PROPERTY)}

    def _shown(self, contact: Document, names: Sequence[str]) -> Document:
        held = {name: contact["properties"].get(name) for name in names if name in self._names()}
        return {**contact, "properties": {**held, "hs_object_id": contact["id"]}}

    def _types_of(self, email: str, names: Sequence[str]) -> Document:
        """What a subscription type is as a property of the contact: true where they are out of it."""
        out = {each["subscriptionId"]: each["status"] == "UNSUBSCRIBED" for each in self._statuses(email)}
        types = {f"hs_email_optout_{number}": str(is_out).lower() for number, is_out in out.items()}
        return {name: types[name] for name in names if name in types}

    def _statuses(self, email: str) -> list[Document]:
        return [self._status(email, each) for each in self.store.all(TYPE)]

    def _status(self, email: str, kind: Document) -> Document:
        set_there = self.store.get(STATUS, f"{email.lower()} {kind['id']}") or {}
        return {
            "channel": "EMAIL",
            "subscriberIdString": email,
            "subscriptionId": kind["id"],
            "subscriptionName": kind["name"],
            "status": set_there.get("status", "NOT_SPECIFIED"),
            "source": "Public Status API",
            "timestamp": set_there.get("timestamp", "2020-01-01T00:00:00+00:00"),
        }

    def _wrong(self, each: Document) -> str:
        lacks_basis = each.get("statusState") == "SUBSCRIBED" and not each.get("legalBasisExplanation")
        if "@" not in str(each.get("subscriberIdString")) or each.get("statusState") not in STATES:
            return "VALIDATION_ERROR"
        if not self.store.get(TYPE, str(each.get("subscriptionId"))) or each.get("channel") != "EMAIL":
            return "SUBSCRIPTION_NOT_FOUND"
        return "LEGAL_BASIS_REQUIRED" if lacks_basis else ""

    def _set(self, each: Document) -> Document:
        email, number = each["subscriberIdString"], each["subscriptionId"]
        self.plant("statuses", {"email": email, "type": number, "status": each["statusState"]})
        self.store.wrote(filed_as("email", email))
        kind = self.store.get(TYPE, str(number)) or {}
        return self._status(email, kind)


def inputs(request: Request) -> list[Any]:
    """Up to a hundred `inputs`."""
    given = request.document().get("inputs")
    if not isinstance(given, list) or not 0 < len(given) <= AT_MOST:
        raise Unreadable(f"inputs: 1 to {AT_MOST}")
    return given


def batch(results: list[Any], errors: Sequence[Document] = (), status: int = 207) -> Answer:
    """`{"status": "COMPLETE", "results", "errors"}`; with errors it is 207, where the contract says so."""
    now = datetime.now(UTC).isoformat()
    body = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    return (
        Answer(status, {**body, "numErrors": len(errors), "errors": errors}) if errors else Answer(body=body)
    )


def standard_error(category: str, ids: Sequence[str] = ()) -> Document:
    """One refusal inside a yes."""
    said = {"status": "error", "category": category, "message": "see context", "context": {"ids": list(ids)}}
    return {**said, "errors": [], "links": {}}
