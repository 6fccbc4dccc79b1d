"""An EHR's FHIR server: how it is signed in to, what it is asked, what its refusals mean."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from destinations.assertions import assertion
from destinations.contract import (
    Answer,
    Call,
    Later,
    Reason,
    Refused,
    Settings,
    Steps,
    Stuck,
    ask,
    by_status,
    read,
)
from destinations.sessions import bearer, in_session, signed_in

FHIR_JSON = "application/fhir+json"
DISCOVERY = "/.well-known/smart-configuration"
CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
NO_WAY_IN = "enter a bearer token, or a client id and its private key"
NO_DISCOVERY = "the server does not say where tokens come from: enter the token address"
UNPROVED = "at sign-in: is this public key registered for this client id, and still in force?"


class Server:
    """What is asked of it: with a token that staff entered, or with one that Heed's own key brings."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings, self.now = settings, now

    def ask(self, call: Call) -> Steps[Answer]:
        """An answer to a call with a token. Raises Refused where there can be none."""

        def bearing(token: str) -> Call:
            return replace(call, headers={"Accept": FHIR_JSON, **call.headers, **bearer(token)})

        if self.settings.private_key and self.settings.client_id:
            return (yield from in_session(self.settings.memory, bearing, self.sign_in))
        if not self.settings.token:
            raise Refused(Stuck(Reason.REJECTED_CONFIG, NO_WAY_IN))
        return (yield from ask(bearing(self.settings.token)))

    def sign_in(self) -> Steps[str]:
        """SMART backend services. https://hl7.org/fhir/smart-app-launch/backend-services.html"""
        where = self.settings.token_url or (yield from self.token_endpoint())
        form = {"grant_type": "client_credentials", "scope": self.settings.scope}
        form |= {"client_assertion_type": CLIENT_ASSERTION, "client_assertion": self.proof(where)}
        call = Call("POST", "", form=form, base=where)
        return (yield from signed_in(call, self.settings.memory, self.now, unproved))

    def token_endpoint(self) -> Steps[str]:
        answer = yield from ask(Call("GET", DISCOVERY, headers={"Accept": "application/json"}))
        if answer.status == 404:
            raise Refused(Stuck(Reason.REJECTED_CONFIG, NO_DISCOVERY))
        found = read(answer, dict, self.now).get("token_endpoint")
        if not isinstance(found, str) or not found:
            raise Refused(Stuck(Reason.REJECTED_CONFIG, NO_DISCOVERY))
        return found

    def proof(self, audience: str) -> str:
        settings = self.settings
        try:
            return assertion(settings.private_key, settings.client_id, audience, self.now, settings.kid)
        except ValueError as words:
            raise Refused(Stuck(Reason.REJECTED_CONFIG, str(words))) from None


def unproved(answer: Answer) -> str:
    """`invalid_client` and the like; the description beside it may say anything."""
    said = answer.json()
    code = str(said.get("error", "")) if isinstance(said, Mapping) else ""
    return f"{code if re.fullmatch('[a-z_]{1,40}', code) else f'HTTP {answer.status}'} {UNPROVED}"


def issues(outcome: Any) -> str:
    """The codes of an OperationOutcome; its diagnostics may quote the record."""
    listed = outcome.get("issue", ()) if isinstance(outcome, dict) else ()
    codes = [str(issue.get("code")) for issue in listed if isinstance(issue, dict)]
    return ", ".join(code for code in codes if re.fullmatch(r"[a-z-]{1,40}", code)) or "no code"


def refusal(answer: Answer, now: datetime) -> Later | Stuck:
    """What a refusal means; what is wrong with a resource is told by the codes of its issues."""
    fault = by_status(answer, now)
    if fault.reason is Reason.REJECTED_DATA:
        return replace(fault, detail=f"HTTP {answer.status} ({issues(answer.json())})")
    return fault
