"""An EHR's FHIR R4 API: one Consent for each category. https://hl7.org/fhir/R4/http.html"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from destinations.assertions import public_key
from destinations.connectors.fhir.capabilities import capabilities
from destinations.connectors.fhir.round import AT_ONCE, Round, bundle_max, root
from destinations.connectors.fhir.server import DISCOVERY, Server
from destinations.contract import (
    Answer,
    By,
    Call,
    Checked,
    Connector,
    Delivery,
    Glyph,
    Kind,
    Later,
    Probe,
    Refused,
    Setting,
    Settings,
    Shows,
    Stuck,
    Target,
    Wanted,
    by_status,
)

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
    """Consents of Heed's own about patients whom the EHR knows; where rows say so, marks on their phones."""

    slug, name = "fhir", "FHIR R4 record"
    glyph = Glyph.RECORD
    channels = frozenset({"email", "sms", "phone", "mail"})
    addresses, batch_max, calls_a_row = By.PERSON, 50, 4
    found_by, shows = ("mrn",), Shows.ONE
    reads_back = True  # the answer to a write shows what is kept
    settings = {
        "base_url": Setting("FHIR base address", "What stands before /Patient"),
        "token": Setting(
            "Bearer token", "Where Heed does not sign in by itself", secret=True, required=False
        ),
        "client_id": Setting(
            "Client id", "SMART backend services; empty: the bearer token is used", required=False
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
        "bundle_max": Setting("Size of a Bundle", "Consents of one call; 0: each by itself", default="0"),
    }
    # The first is for tokens: at the address that staff or the server name, never below base_url.
    reads = ("POST ", f"GET {DISCOVERY}", "GET /Patient", "GET /Consent")
    may_call = (*reads, "PUT /Consent", "PUT /Consent/*", "PATCH /Patient/*", "GET /metadata")
    rows = tuple(
        {"target": f"{category}.{channel}", "source": f"answer:{category}:{channel}"}
        for category, channels in OFFERED.items()
        for channel in channels
    )
    targets = (
        Target(
            r"(?!telecom\.)(?P<name>[a-z][a-z0-9_]{0,49})\.(email|sms|phone|mail)?",
            "marketing_emails.email",
            "a Consent's category and channel; nothing after the full stop for a use of data",
            frozenset({Kind.ANSWER}),
        ),
        Target(
            r"telecom\.(sms|phone|email)",
            "telecom.sms",
            "a mark on every phone or email of the patient: not for texts, calls or email",
            frozenset({Kind.ANSWER}),
            only=("all_out:", "deceased"),
        ),
    )

    def allowed(self, settings: Settings) -> tuple[str, ...]:
        """And Bundles, to the address itself: a path of its own, so that comparing can never send one."""
        return (*self.may_call, f"POST {root(settings)}") if settings.bundle_max != "0" else self.may_call

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # A Consent is found by an identifier that only Heed gives, so a repeat writes the same one again.
        left = list(batch)
        refused: Later | Stuck | None = None
        while left and not refused:
            try:
                some = left[: AT_ONCE if bundle_max(settings) else 1]
                refused = yield from Round(some, settings).through()
                left = left[len(some) :]
            except Refused as wrong:
                refused = wrong.outcome
        yield from (wanted.is_(refused) for wanted in left if refused)

    def only_reads(self, call: Call) -> bool:
        """What is posted to sign in is a form; a Bundle, wherever it went, would write."""
        return super().only_reads(call) and call.json is None and call.body is None

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
        if call.path == "/Patient":
            found = [{"resource": {"resourceType": "Patient", "id": "their-record"}}]
            return answered({"resourceType": "Bundle", "entry": found})
        if call.path == "/Consent" and call.method == "GET":
            return answered({"resourceType": "Bundle"})
        if call.method == "POST":
            sent = [each["resource"] for each in call.json["entry"]]
            kept = [{"response": {"status": "201"}, "resource": each} for each in sent]
            return answered({"resourceType": "Bundle", "type": "batch-response", "entry": kept})
        return answered(call.json) if call.method == "PUT" else Answer(200)

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        answer = yield from Server(settings, now).ask(Call("GET", "/metadata"))
        states = answer.json()
        if (
            not answer.ok
            or not isinstance(states, dict)
            or states.get("resourceType") != "CapabilityStatement"
        ):
            raise Refused(by_status(answer, now))
        found = list(capabilities(states, bundles=bundle_max(settings) > 1))
        signed_in = Checked(True, "Heed's key is accepted: the server has given it a token.")
        return [*found, *([signed_in] if settings.private_key else [])]


def answered(body: Any) -> Answer:
    return Answer(200, json.dumps(body).encode())
