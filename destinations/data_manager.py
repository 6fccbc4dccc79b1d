"""Google's Data Manager: a service account's session, and what became of a request. Pure.

Shared by connectors. https://developers.google.com/data-manager/api/reference/rest
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from destinations.assertions import private_key
from destinations.audiences import hashed
from destinations.contract import (
    Answer,
    Call,
    Done,
    Later,
    Reason,
    Refused,
    Setting,
    Settings,
    Steps,
    Stuck,
    by_status,
    read,
)
from destinations.sessions import bearer, in_session, signed_in

SCOPE = "https://www.googleapis.com/auth/datamanager"
STATUS = "/v1/requestStatus:retrieve"
ASK_AGAIN = 300.0  # seconds
ACCOUNT = {
    "base_url": Setting("API address", default="https://datamanager.googleapis.com"),
    "token_url": Setting("Token address", default="https://oauth2.googleapis.com/token"),
    "account_id": Setting("Google Ads account", "Its digits"),
}
KEY = Setting("Service account", "Its key, as the JSON that was downloaded", secret=True)


class Line:
    """Calls with a service account's token."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings, self.now = settings, now

    def ask(self, method: str, path: str, **more: Any) -> Steps[Answer]:
        """A yes, or what is wrong with what was asked, within a session. Raises Refused."""

        def bearing(token: str) -> Call:
            return Call(method, path, headers=bearer(token), **more)

        answer = yield from in_session(self.settings.memory, bearing, self.sign_in)
        if answer.ok or answer.status == 400:
            return answer
        raise Refused(by_status(answer, self.now))

    def became(self, token: str) -> Steps[Done | Stuck | None]:
        """How a request ended; None while it is at work."""
        answer = yield from self.ask("GET", STATUS, params=[("requestId", token)])
        listed = read(answer, dict, self.now).get("requestStatusPerDestination")
        states = [str(each.get("requestStatus")) for each in listed] if isinstance(listed, list) else []
        match states:
            case ["SUCCESS"]:
                return Done({})
            case ["PROCESSING"]:
                return None
            case ["FAILED" | "PARTIAL_SUCCESS" as state]:
                return Stuck(Reason.REJECTED_DATA, f"the request ended as {state}")
        raise Refused(Later(Reason.GARBLED))

    def sign_in(self) -> Steps[str]:
        url = urlsplit(self.settings.token_url)
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": self.assertion()}
        call = Call("POST", url.path, form=form, base=f"{url.scheme}://{url.netloc}")
        return (yield from signed_in(call, self.settings.memory, self.now, _no_token))

    def assertion(self) -> str:
        """RFC 7523. Raises Refused where the key cannot be read."""
        try:
            account = json.loads(self.settings.service_account)
            key = private_key(account["private_key"])
            issuer, kid = account["client_email"], account.get("private_key_id", "")
        except (ValueError, TypeError, KeyError, AttributeError):
            words = "the service account's key cannot be read: paste its whole JSON"
            raise Refused(Stuck(Reason.REJECTED_AUTH, words)) from None
        if not isinstance(key, RSAPrivateKey):
            raise Refused(Stuck(Reason.REJECTED_AUTH, "the service account's key is none of RSA"))
        at = int(self.now.timestamp())
        claims = {"iss": issuer, "scope": SCOPE, "aud": self.settings.token_url, "iat": at, "exp": at + 3600}
        return jwt.encode(claims, key, "RS256", headers={"kid": kid})


def request_of(answer: Answer, now: datetime) -> str:
    """The id of a request that was taken. Raises Refused."""
    token = read(answer, dict, now).get("requestId")
    if not isinstance(token, str) or not token or len(token) > 180:
        raise Refused(Later(Reason.GARBLED))
    return token


def identifiers(emails: Iterable[str], phones: Iterable[str]) -> list[dict[str, str]]:
    """Hashed; numbers with their plus sign."""
    return [
        *(
            {"emailAddress": hashed(form)}
            for form in sorted({form for each in emails for form in forms(each)})
        ),
        *({"phoneNumber": hashed(phone)} for phone in phones),
    ]


def forms(email: str) -> set[str]:
    """Google drops full stops from its own mailboxes' names; what follows a plus sign may be gone as well."""
    name, _, domain = email.strip().lower().rpartition("@")
    if domain not in {"gmail.com", "googlemail.com"}:
        return {f"{name}@{domain}"}
    plain = name.replace(".", "")
    return {f"{each}@{domain}" for each in (plain, plain.partition("+")[0])}


def status_of(answer: Answer) -> str:
    """`INVALID_ARGUMENT`; the message beside it may quote what was sent."""
    body = answer.json()
    error = body.get("error") if isinstance(body, dict) else None
    said = str(error.get("status", "")) if isinstance(error, dict) else ""
    return said if said.isascii() and said.replace("_", "").isalpha() and len(said) < 60 else "no status"


def _no_token(answer: Answer) -> str:
    return f"no token: HTTP {answer.status}"
