"""athenahealth's patients, and the feed of those that have changed. https://docs.athenahealth.com/api/"""

import re
import secrets
from pathlib import Path

from destinations.sandbox.addresses import filed_under
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox

PATIENT, TOKEN, CHANGED, ACTIVE = "patient", "token", "changed", "active"
PRACTICE = "/v1/{practice}/patients"
PREFERENCE = re.compile(r"contactpreference_(appointment|billing|announcement|lab)_(email|phone|sms)")
CONSENTS = {"consenttotext", "consenttocall"}


class AthenahealthSandbox(Sandbox):
    """Seeds: `patients` ({patientid, …}). What was never set is not there; a changed patient is told once."""

    slug, name, kind = "athenahealth", "athenahealth", "EHR"

    def __init__(self, path: str | Path = ":memory:") -> None:
        super().__init__(path)
        self.page = 100

    def refused(self, request: Request) -> Answer | None:
        """A token that was issued here."""
        if request.path == "/oauth2/v1/token":
            return None
        return None if self.store.get(TOKEN, request.bearer()) else self.error(401)

    def error(self, status: int, message: str = "") -> Answer:
        """`{"error", "detailedmessage"}`."""
        words = message or {403: "Over QPS limit", 404: "The patient does not exist."}.get(status, "refused")
        return Answer(status, {"error": words, "detailedmessage": ""})

    @route("POST", "/oauth2/v1/token")
    def sign_in(self, request: Request) -> Answer:
        """Client credentials with athenahealth's own scope."""
        form = request.form()
        if not request.headers.get("authorization", "").startswith("Basic ") or not form.get("scope"):
            return Answer(400, {"error": "invalid_request"})
        token = secrets.token_urlsafe(24)
        self.store.put(TOKEN, token, {"issued": True})
        return Answer(body={"access_token": token, "token_type": "Bearer", "expires_in": "3600"})

    @route("GET", f"{PRACTICE}/changed/subscription")
    def subscription(self, request: Request, practice: str) -> Answer:
        """Whether changes are noted."""
        return Answer(body={"status": "ACTIVE" if self.store.get(ACTIVE, practice) else "INACTIVE"})

    @route("POST", f"{PRACTICE}/changed/subscription")
    def subscribe(self, request: Request, practice: str) -> Answer:
        """From now on they are."""
        self.store.put(ACTIVE, practice, {"since": "now"})
        return Answer(body={"success": True})

    @route("GET", f"{PRACTICE}/changed")
    def changed(self, request: Request, practice: str) -> Answer:
        """As they are now, each change once; those that were fetched before only within a window."""
        if not self.store.get(ACTIVE, practice):
            return self.error(404, "There is no subscription.")
        again = bool(request.asked("showprocessedstartdatetime"))
        listed = [each for each in self.store.all(CHANGED) if again or not each["fetched"]]
        first = int(request.asked("offset") or 0)
        page = listed[first : first + int(request.asked("limit") or self.page)]
        for each in page if not again else ():
            self.store.put(CHANGED, each["patientid"], {**each, "fetched": True})
        patients = [self.store.get(PATIENT, each["patientid"]) for each in page]
        return Answer(body={"patients": patients, "totalcount": len(listed)})

    @route("GET", f"{PRACTICE}/{{key}}")
    def read(self, request: Request, practice: str, key: str) -> Answer:
        """A list of one."""
        found = self.store.get(PATIENT, key)
        return Answer(body=[found]) if found else self.error(404)

    @route("PUT", f"{PRACTICE}/{{key}}")
    def update(self, request: Request, practice: str, key: str) -> Answer:
        """Only a form is taken, and only fields that are known."""
        found, form = self.store.get(PATIENT, key), request.form()
        if not found:
            return self.error(404)
        if request.headers.get("content-type") != "application/x-www-form-urlencoded":
            return self.error(415, "send a form")
        form.pop("departmentid", None)
        for name, value in form.items():
            if not (PREFERENCE.fullmatch(name) or name in CONSENTS) or value not in {"true", "false"}:
                return self.error(400, "Invalid value.")
        self._filed({**found, **form})
        self.store.wrote(f"mrn:{key}")
        return Answer(body=[{"patientid": key}])

    def found(self, under: list[str]) -> Found:
        """The patient as a read answers."""
        patients = self.store.filed(PATIENT, under)
        return Found(patients[0] if patients else {}, [f"mrn:{each['patientid']}" for each in patients])

    def believes(self, record: Document) -> list[Belief]:
        """Preference by preference that was set."""
        named = [name for name in record if PREFERENCE.fullmatch(name) or name in CONSENTS]
        return [
            Belief(name.removeprefix("contactpreference_"), str(record[name]), record[name] == "true")
            for name in sorted(named)
        ]

    def plant(self, kind: str, document: Document) -> str:
        """A patient as the practice or the portal left them."""
        if kind != "patients":
            raise Unreadable("seeds are patients")
        held = self.store.get(PATIENT, str(document["patientid"])) or {}
        return self._filed({**held, **document})

    def _filed(self, patient: Document) -> str:
        key = str(patient["patientid"])
        addresses = [("mrn", key), ("email", patient.get("email")), ("phone", patient.get("mobilephone"))]
        self.store.put(PATIENT, key, patient, filed_under(addresses))
        self.store.put(CHANGED, key, {"patientid": key, "fetched": False})
        return key
