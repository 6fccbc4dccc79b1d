"""An EHR's FHIR R4 API: it knows Patients, and takes Consents. https://hl7.org/fhir/R4/http.html"""

import secrets
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from destinations.sandbox import fhir_clients as clients
from destinations.sandbox import fhir_resources as fhir
from destinations.sandbox.addresses import filed_under
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.json_patch import Refused, patched
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox

CONTENT = "application/fhir+json"
OPEN = {"/metadata", "/token", "/.well-known/smart-configuration"}
CODES = {
    400: "invalid",
    401: "login",
    404: "not-found",
    405: "not-supported",
    412: "conflict",
    413: "too-long",
    422: "invariant",
}
SEARCHES = {"Patient": {"identifier"}, "Consent": {"identifier", "patient"}}


class FhirSandbox(Sandbox):
    """Patients come from the EHR itself (seeds `Patient`, `Consent`, `Client`), never through the API."""

    slug, name, kind = "fhir", "FHIR record", "EHR"
    patches = True
    bundle_max, page = 100, 50  # entries of a Bundle (0: none is taken), and of one answer to a search

    def refused(self, request: Request) -> Answer | None:
        """A token that was given here, or any where no client is registered; metadata needs none."""
        known = request.path in OPEN or clients.is_known(self.store, request.bearer())
        return None if known else self.error(401)

    def error(self, status: int, message: str = "") -> Answer:
        """An OperationOutcome."""
        return resource(
            fhir.outcome(CODES.get(status, "transient"), message or f"refused with {status}"), status
        )

    @route("GET", "/metadata")
    def metadata(self, request: Request) -> Answer:
        """The CapabilityStatement."""
        return resource(fhir.capabilities(self.url, SEARCHES, batch=bool(self.bundle_max)))

    @route("GET", "/.well-known/smart-configuration")
    def smart(self, request: Request) -> Answer:
        """Where tokens come from."""
        told = {
            "token_endpoint": f"{self.url}/token",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        }
        return Answer(body=told)

    @route("POST", "/token")
    def token(self, request: Request) -> Answer:
        """A short-lived token."""
        try:
            return Answer(body=clients.token_for(self.store, request.form(), f"{self.url}/token"))
        except clients.Unproved as wrong:
            code, words = wrong.args
            return Answer(400, {"error": code, "error_description": words})

    @route("GET", "/(?P<type_>Patient|Consent)")
    def search(self, request: Request, type_: str) -> Answer:
        """Patients by identifier; Consents by identifier or patient."""
        found = self._matching(type_, request)
        return resource(fhir.searchset(self.url, found[: self.page], more=len(found) > self.page))

    @route("GET", "/(?P<type_>Patient|Consent)/{key}")
    def read(self, request: Request, type_: str, key: str) -> Answer:
        """One resource, with its version as ETag."""
        found = self.store.get(type_, key)
        return resource(found) if found else self.error(404, f"{type_}/{key} is not known")

    @route("PUT", "/Consent")
    def put_consent(self, request: Request) -> Answer:
        """Conditional update: none matches, create; one, update; several, 412."""
        if not request.asked("identifier"):
            raise Unreadable("a conditional update needs an identifier to search by")
        matches = self._matching("Consent", request)
        if len(matches) > 1:
            return self.error(412, f"{len(matches)} consents match, one may")
        return self._put(request, request.document(), matches[0] if matches else None)

    def _put(self, request: Request, consent: Document, held: Document | None) -> Answer:
        if wrong := fhir.faults(consent):
            return self.error(422, "; ".join(wrong))
        patient = fhir.reference(consent)
        if not self.store.get("Patient", patient.removeprefix("Patient/")):
            return self.error(422, "the patient of this consent is not known here")
        if held and request.headers.get("if-match") not in {None, etag(held)}:
            return self.error(412, "the consent has changed since")
        kept = self._keep(consent, held, datetime.now(UTC))
        self.store.wrote(patient)
        return resource(kept, 200 if held else 201, {"Location": f"{self.url}/Consent/{kept['id']}"})

    @route("PUT", "/Consent/{key}")
    def put_known(self, request: Request, key: str) -> Answer:
        """Update of that very Consent, in the version that was read."""
        held, consent = self.store.get("Consent", key), request.document()
        if held is None:
            return self.error(404, f"Consent/{key} is not known")
        if consent.get("id") != key:
            return self.error(400, "the resource bears another id than the URL")
        return self._put(request, consent, held)

    @route("PATCH", "/Patient/{key}")
    def patch(self, request: Request, key: str) -> Answer:
        """A JSON Patch of a Patient: a server whose `patches` is false takes none."""
        held = self.store.get("Patient", key)
        if not self.patches or held is None:
            return self.error(404 if held is None else 405)
        if request.headers.get("content-type") != "application/json-patch+json":
            return self.error(415)
        if request.headers.get("if-match") not in {None, etag(held)}:
            return self.error(412, "the patient has changed since")
        try:
            wished = patched(held, request.json())
        except Refused as path:
            return self.error(422, f"cannot be done: {path}")
        kept = self._keep(wished, held, datetime.now(UTC))
        self.store.wrote(f"Patient/{key}")
        return resource(kept)

    @route("POST", "/")
    def batch(self, request: Request) -> Answer:
        """A batch Bundle, unless this server takes none: each entry on its own, answered in order."""
        if not self.bundle_max:
            return self.error(405, "this server takes no Bundles")
        bundle = request.document()
        if len(bundle.get("entry", [])) > self.bundle_max:
            return self.error(413, f"at most {self.bundle_max} entries")
        if (bundle.get("resourceType"), bundle.get("type")) != ("Bundle", "batch"):
            raise Unreadable("only a Bundle of type batch is taken here")
        answers = [self._entry(entry, request, at) for at, entry in enumerate(bundle.get("entry", []))]
        return resource({"resourceType": "Bundle", "type": "batch-response", "entry": answers})

    def end_sessions(self) -> None:
        """Every token that was given ends now."""
        with self.store:
            self.store.remove(clients.TOKEN)

    def found(self, under: list[str]) -> Found:
        """What `Consent?patient=…&_include=Consent:patient` answers: Consents and their Patients."""
        patients = self.store.filed("Patient", under)
        about = [f"Patient/{each['id']}" for each in patients]
        consents = self.store.filed("Consent", about)
        record = fhir.searchset(self.url, consents, patients) if patients else {}
        return Found(record, about)

    def believes(self, record: Document) -> list[Belief]:
        """Consent by consent; a record without any says nothing."""
        consents = [
            entry["resource"] for entry in record.get("entry", []) if entry["search"]["mode"] == "match"
        ]
        if record and not consents:
            return [Belief("Consents", "none on record", None)]
        return [Belief(about, says, may) for each in consents for about, says, may in fhir.in_words(each)]

    def plant(self, kind: str, document: Document) -> str:
        """A Patient or Consent of the EHR's own; `meta.lastUpdated` dates it. A Client: `id`, `jwks`."""
        if kind == clients.CLIENT:
            self.store.put(kind, document["id"], document)
            return str(document["id"])
        if kind not in SEARCHES:
            raise Unreadable(f"seeds are {', '.join(SEARCHES)}")
        dated = document.get("meta", {}).get("lastUpdated")
        held = self.store.get(kind, str(document.get("id")))
        at = datetime.fromisoformat(dated) if dated else datetime.now(UTC)
        return str(self._keep({**document, "resourceType": kind}, held, at)["id"])

    def _entry(self, entry: Document, request: Request, at: int) -> Document:
        if request.partial and at % 2 == 1:
            return response(self.error(503))
        asked = entry.get("request", {})
        url = urlsplit("/" + str(asked.get("url", "")).lstrip("/"))
        content = fhir.encoded(entry["resource"]) if "resource" in entry else b""
        match = {"if-match": asked["ifMatch"]} if "ifMatch" in asked else {}
        inner = Request(str(asked.get("method")), url.path, parse_qs(url.query), match, content)
        return response(self.dispatch(inner))

    def _matching(self, type_: str, request: Request) -> list[Document]:
        query = {name: values for name, values in request.query.items() if name != "_count"}
        if unknown := set(query) - SEARCHES[type_]:
            raise Unreadable(f"{type_} cannot be searched by {', '.join(sorted(unknown))}")
        found = [
            self.store.filed(type_, [fhir.filed(name, each) for each in fhir.any_of(value)])
            for name, (value, *_) in query.items()
        ]
        return (
            [each for each in found[0] if all(each in other for other in found)]
            if found
            else self.store.all(type_)
        )

    def _keep(self, given: Document, held: Document | None, at: datetime) -> Document:
        version = int(held["meta"]["versionId"]) + 1 if held else 1
        key = held["id"] if held else given.get("id") if given["resourceType"] == "Patient" else None
        meta = {
            **given.get("meta", {}),
            "versionId": str(version),
            "lastUpdated": at.astimezone(UTC).isoformat(),
        }
        kept = {**given, "id": key or secrets.token_hex(8), "meta": meta}
        under = [*fhir.filed_under_identifiers(kept), *filed_under(fhir.addresses(kept))]
        patient = [fhir.reference(kept)] if kept["resourceType"] == "Consent" else []
        self.store.put(kept["resourceType"], kept["id"], kept, [*under, *patient])
        return kept


def resource(body: Document, status: int = 200, headers: Document | None = None) -> Answer:
    """A resource on the wire."""
    version = {"ETag": etag(body)} if "versionId" in body.get("meta", {}) else {}
    return Answer(status, body, {**version, **(headers or {})}, CONTENT)


def etag(body: Document) -> str:
    """`W/"3"`."""
    return f'W/"{body["meta"]["versionId"]}"'


def response(answer: Answer) -> Document:
    """One entry of a batch-response."""
    headers = {name.lower(): value for name, value in answer.headers.items()}  # etag, location
    return {"response": {"status": str(answer.status), **headers}, "resource": answer.body}
