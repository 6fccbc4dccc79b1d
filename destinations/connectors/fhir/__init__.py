"""An EHR's FHIR R4 API: one Consent for each category. https://hl7.org/fhir/R4/consent.html"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from destinations.assertions import public_key
from destinations.connectors.fhir.server import DISCOVERY, FHIR_JSON, Server, issues
from destinations.contract import (
    Answer,
    By,
    Call,
    Checked,
    Connector,
    Delivery,
    Field,
    Glyph,
    Held,
    Kind,
    Later,
    Probe,
    Reason,
    Refused,
    Result,
    Setting,
    Settings,
    Shows,
    Steps,
    Stuck,
    Target,
    Wanted,
    by_status,
)
from destinations.targets import Progress

TERMS = "http://terminology.hl7.org/CodeSystem"
PRIVACY = {"coding": [{"system": f"{TERMS}/consentscope", "code": "patient-privacy"}]}
CONSENT_DOCUMENT = {"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}
CONFLICTS = {409, 412}
OFFERED = {
    "marketing_emails": ("email",),
    "appointment_reminders": ("sms", "email", "phone"),
    "patient_surveys": ("email", "sms"),
    "care_follow_ups": ("email", "sms", "phone", "mail"),
    "phone_outreach": ("phone", "sms"),
    "sale_or_sharing": ("",),
    "sensitive_data": ("",),
}


class Fhir(Connector):
    """Consents of Heed's own in the record of a patient that the EHR knows; nothing else there is touched."""

    slug, name = "fhir", "FHIR R4 record"
    glyph = Glyph.RECORD
    channels = frozenset({"email", "sms", "phone", "mail"})
    addresses, batch_max, calls_a_row = By.PERSON, 50, 3
    found_by, shows = ("mrn",), Shows.ONE
    reads_back = True  # the answer to a write shows what is kept
    settings = {
        "base_url": Setting("FHIR base address", "What stands before /Patient"),
        "token": Setting(
            "Bearer token", "Where Heed does not sign in by itself", secret=True, required=False
        ),
        "client_id": Setting(
            "Client id", "SMART backend services: as Heed is registered there", required=False
        ),
        "private_key": Setting(
            "Private key",
            "PEM, RSA or P-384. Its public half is at /systems/<short name>/jwks.json",
            secret=True,
            required=False,
        ),
        "kid": Setting("Name of the key (kid)", "Empty: its thumbprint", required=False),
        "token_url": Setting("Token address", f"Empty: as {DISCOVERY} says", required=False),
        "scope": Setting("Scope", default="system/Patient.rs system/Consent.crus", required=False),
        "mrn_systems": Setting("Record numbers", "authority: identifier system of the EHR", many=True),
        "organisation": Setting("Organisation", "Its name, as it shall stand in each Consent"),
    }
    # The first is for tokens: at the address that staff or the server name, never below base_url.
    may_call = ("POST ", f"GET {DISCOVERY}", "GET /Patient", "PUT /Consent", "GET /metadata")
    rows = tuple(
        {"target": f"{category}.{channel}", "source": f"answer:{category}:{channel}"}
        for category, channels in OFFERED.items()
        for channel in channels
    )
    targets = (
        Target(
            r"(?P<name>[a-z][a-z0-9_]{0,49})\.(email|sms|phone|mail)?",
            "marketing_emails.email",
            "a Consent's category and channel; nothing after the full stop for a use of data",
            frozenset({Kind.ANSWER}),
        ),
    )

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # The Consent is found by an identifier that only Heed gives, so a repeat writes the same one again.
        people = [_Person(wanted, settings) for wanted in batch]
        while people:
            try:
                yield (yield from people[0].told())
                del people[0]
            except Refused as refused:
                yield from (person.result(refused.outcome) for person in people)
                return

    def public_keys(self, settings: Settings) -> Sequence[Mapping[str, Any]]:
        try:
            return [public_key(settings.private_key, settings.kid)] if settings.private_key else []
        except ValueError:
            return []

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        """One patient has this record number, and no Consent of Heed's yet."""
        if call.path in {"", DISCOVERY}:
            return Answer(
                200, b'{"token_endpoint": "https://rehearsed.invalid", "access_token": "rehearsed"}'
            )
        patient = {"resourceType": "Patient", "id": "their-record"}
        found = {"resourceType": "Bundle", "entry": [{"resource": patient}]}
        return Answer(200, json.dumps(call.json or found).encode())

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        answer = yield from Server(settings, now).ask(Call("GET", "/metadata"))
        states = answer.json()
        if (
            not answer.ok
            or not isinstance(states, dict)
            or states.get("resourceType") != "CapabilityStatement"
        ):
            raise Refused(by_status(answer, now))
        signed_in = Checked(True, "Heed's key is accepted: the server has given it a token.")
        return [*capabilities(states), *([signed_in] if settings.private_key else [])]


class _Person(Progress):
    """One person, and the categories that the EHR must be told about."""

    def __init__(self, wanted: Wanted, settings: Settings) -> None:
        super().__init__(wanted)
        self.settings, self.server = settings, Server(settings, wanted.now)
        self.asked = {target: field for target, field in wanted.fields.items() if field.denies is not None}
        targets = {*self.asked, *(set(wanted.held) - set(wanted.fields))}
        self.categories = sorted({target.partition(".")[0] for target in targets})

    def told(self) -> Steps[Result]:
        patients = (yield from self.patients()) if self.categories else set()
        if len(patients) > 1:
            self.faults.append(Stuck(Reason.AMBIGUOUS, f"{len(patients)} patients have this record number"))
        for category in self.categories if len(patients) == 1 else ():
            yield from self.tell(category, min(patients))
        return self.result(absent=bool(self.categories) and not patients)

    def patients(self) -> Steps[set[str]]:
        found: set[str] = set()
        for each in self.wanted.identifiers:
            system = self.settings.mrn_systems.get(each.namespace) if each.kind == "mrn" else None
            if system:
                number = re.sub(r"([\\$,|])", r"\\\1", each.value)  # a bare comma would mean "or"
                bundle = yield from self.ask("GET", "/Patient", f"{system}|{number}", "Bundle")
                listed = [entry.get("resource", {}) for entry in bundle.get("entry", ())]
                found.update(str(one.get("id")) for one in listed if one.get("resourceType") == "Patient")
        return found

    def tell(self, category: str, patient: str) -> Steps[None]:
        before, name = dict(self.held), f"{self.wanted.id}/{category}"
        fields = {key: field for key, field in self.asked.items() if key.partition(".")[0] == category}
        for target, field in fields.items():  # before the call: its answer may be lost
            self.learn(target, Held(bool(field.denies), False, field.because, self.wanted.now.isoformat()))
        body = consent(name, category, fields, self.wanted.now)
        body |= {"patient": {"reference": f"Patient/{patient}"}}
        body |= {"organization": [{"display": self.settings.organisation}]}
        try:
            kept = yield from self.ask("PUT", "/Consent", f"urn:heed|{name}", "Consent", body)
        except Refused as refused:
            self.held = before if isinstance(refused.outcome, Stuck) else self.held
            raise
        for target in before:
            if target.partition(".")[0] == category and target not in fields:
                self.learn(target, None)
        self.held = self.held if kept else before
        if kept:
            self.written.add(category)
            shown = kept is not body and (kept.get("status"), said(kept)) == (body["status"], said(body))
            self.seen.update([category] if shown and self.settings.reads_back else ())

    def ask(
        self, method: str, path: str, found_by: str, kind: str, body: dict[str, Any] | None = None
    ) -> Steps[dict[str, Any]]:
        """The resource that comes back; nothing, where only this person is concerned by what went wrong."""
        headers = {"Content-Type": FHIR_JSON, "Prefer": "return=representation"} if body else {}
        call = Call(method, path, body, params=[("identifier", found_by)], headers=headers)
        answer = yield from self.server.ask(replace(call, claims={self.wanted.id: self.held}))
        came = answer.json()
        if answer.ok and isinstance(came, dict) and came.get("resourceType") == kind:
            return came
        if answer.ok and body and not answer.body and {"etag", "location"} & set(answer.headers):
            return body  # a server may keep a Consent without showing it
        fault = by_status(answer, self.wanted.now)
        if answer.status in CONFLICTS:
            fault = Later(Reason.UNAVAILABLE)
        elif fault.reason is not Reason.REJECTED_DATA:
            raise Refused(fault)
        self.faults.append(replace(fault, detail=f"HTTP {answer.status} ({issues(came)})"))
        return {}


def consent(name: str, category: str, fields: Mapping[str, Field], now: datetime) -> dict[str, Any]:
    """A Consent without its patient: channel by channel what was answered, inactive once nothing stands."""
    denied = not fields or any(field.denies for field in fields.values())
    provision: dict[str, Any] = {"code": [concept("category", category)]}
    if fields:
        # Whoever reads no further than this level must never take a partial refusal for a permission.
        provision["type"] = "deny" if denied else "permit"
    channels = {target.partition(".")[2]: field for target, field in sorted(fields.items())}
    exceptions = [
        {"type": "deny" if field.denies else "permit", "code": [concept("channel", channel)]}
        for channel, field in channels.items()
        if channel
    ]
    if exceptions:
        provision["provision"] = exceptions
    return {
        "resourceType": "Consent",
        "identifier": [{"system": "urn:heed", "value": name}],
        "status": "active" if fields else "inactive",
        "scope": PRIVACY,
        "category": [CONSENT_DOCUMENT],
        "dateTime": max((field.since for field in fields.values() if field.since), default=now).isoformat(),
        "policyRule": {
            "coding": [{"system": f"{TERMS}/v3-ActCode", "code": "OPTOUT" if denied else "OPTIN"}]
        },
        "provision": provision,
    }


def said(consent: Mapping[str, Any]) -> Any:
    """What a Consent says as a whole."""
    provision = consent.get("provision")
    return provision.get("type") if isinstance(provision, dict) else None


def capabilities(states: Mapping[str, Any]) -> Iterator[Checked]:
    """What a server says it can do, and whether that is what Heed needs."""
    version = str(states.get("fhirVersion", ""))
    four = Checked(True, f"A FHIR server answers, version {version}. Rights are tried with the first person.")
    yield (
        four
        if version.startswith("4.")
        else Checked(
            False, f"The server speaks FHIR {version or 'of no known version'}.", "Enter its R4 address."
        )
    )
    kinds = {each.get("type"): each for rest in states.get("rest", ()) for each in rest.get("resource", ())}
    for kind in ("Patient", "Consent") if kinds else ():
        if kind not in kinds:
            yield Checked(False, f"The server does not offer {kind}.", "Ask its vendor to open it for Heed.")
    if kinds.get("Consent", {}).get("conditionalUpdate") is False:
        words = "Consents can't be written by their identifier (conditional update)."
        yield Checked(False, words, "Ask its vendor to allow conditional updates of Consent.")


def concept(kind: str, code: str) -> dict[str, Any]:
    return {
        "coding": [{"system": f"urn:heed:{kind}", "code": code}],
        "text": code.replace("_", " ").capitalize(),
    }
