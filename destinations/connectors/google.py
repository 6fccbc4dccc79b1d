"""Google audiences, by the Data Manager API. https://developers.google.com/data-manager/api/reference/rest"""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from destinations.audiences import SOURCE, Audience, Member, hashed, member
from destinations.contract import (
    Answer,
    Call,
    Checked,
    Confirms,
    Delivery,
    Done,
    Job,
    Later,
    Probe,
    Reason,
    Refused,
    Setting,
    Settings,
    Steps,
    Stuck,
    Wanted,
    by_status,
    read,
)
from destinations.sessions import bearer, in_session, signed_in

SCOPE = "https://www.googleapis.com/auth/datamanager"
REMOVE, STATUS = "/v1/audienceMembers:remove", "/v1/requestStatus:retrieve"
ASK_AGAIN = 300.0  # seconds
NOBODY = hashed("nobody@example.com")  # for a test that changes nothing


class Google(Audience):
    """One user list: people are taken out of it."""

    slug, name, confirms = "google", "Google audience (Data Manager)", Confirms.BY_JOB
    account = ("base_url", "account_id")
    settings = {
        "base_url": Setting("API address", default="https://datamanager.googleapis.com"),
        "token_url": Setting("Token address", default="https://oauth2.googleapis.com/token"),
        "account_id": Setting("Google Ads account", "Its digits"),
        "audience_id": Setting("Audience id", "The user list's number"),
        "service_account": Setting(
            "Service account", "Its key, as the JSON that was downloaded", secret=True
        ),
        "audience_source": SOURCE,
    }
    may_call = (f"POST {REMOVE}", f"GET {STATUS}", "POST /token")

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        jobs: dict[str, list[Wanted]] = {}
        for wanted in batch:
            token, _, mark = wanted.job.partition(" ")
            if token and mark == member(wanted).mark:  # else something has changed since
                jobs.setdefault(token, []).append(wanted)
        asked = {wanted.id for each in jobs.values() for wanted in each}
        halves = yield from self._look(jobs, settings)
        yield from self.tell(halves, settings)
        yield from super().deliver([wanted for wanted in batch if wanted.id not in asked], settings)

    def _look(
        self, jobs: Mapping[str, Sequence[Wanted]], settings: Settings
    ) -> Steps[Sequence[Sequence[Member]]]:
        """What became of requests that were taken; returns the halves of those that failed for somebody."""
        left = [wanted for each in jobs.values() for wanted in each]
        again: list[list[Member]] = []
        try:
            for token, people in jobs.items():
                outcome = yield from Line(settings, people[0].now).became(token)
                left = [wanted for wanted in left if wanted not in people]
                if isinstance(outcome, Stuck) and len(people) > 1:
                    members, half = [member(each) for each in people], len(people) // 2
                    again += [members[:half], members[half:]]
                    continue
                for wanted in people:
                    yield wanted.is_(outcome or Job(wanted.job, ASK_AGAIN))
        except Refused as ended:
            yield from (wanted.is_(ended.outcome) for wanted in left)
        return again

    def take_out(
        self, people: Sequence[Member], settings: Settings, now: datetime
    ) -> Steps[Done | Job | Stuck]:
        claims: Mapping[str, Any] = {each.wanted.id: {} for each in people}
        answer = yield from Line(settings, now).remove([identifiers(each) for each in people], claims=claims)
        if answer.status == 400:
            return Stuck(Reason.REJECTED_DATA, f"HTTP 400 ({status_of(answer)})")
        token = read(answer, dict, now).get("requestId")
        if not isinstance(token, str) or not token or len(token) > 180:
            raise Refused(Later(Reason.GARBLED))
        return Job(token, ASK_AGAIN)

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        return Answer(200, b'{"access_token": "t", "requestId": "r"}')

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        answer = yield from Line(settings, now).remove([[{"emailAddress": NOBODY}]], validate=True)
        if answer.status == 400:
            raise Refused(Stuck(Reason.REJECTED_CONFIG, status_of(answer)))
        read(answer, dict, now)
        return [Checked(True, "Google has checked a removal, and done nothing (validateOnly).")]


class Line:
    """Calls with a service account's token."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings, self.now = settings, now

    def remove(
        self, people: Sequence[Any], claims: Mapping[str, Any] | None = None, *, validate: bool = False
    ) -> Steps[Answer]:
        destination = {
            "operatingAccount": {"accountType": "GOOGLE_ADS", "accountId": self.settings.account_id},
            "productDestinationId": self.settings.audience_id,
        }
        body = {
            "destinations": [destination],
            "audienceMembers": [{"userData": {"userIdentifiers": each}} for each in people],
            "encoding": "HEX",
            "validateOnly": validate,
        }
        return (yield from self.ask("POST", REMOVE, json=body, claims=claims or {}))

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
            key = load_pem_private_key(account["private_key"].encode(), None)
            issuer, kid = account["client_email"], account.get("private_key_id", "")
        except (ValueError, TypeError, KeyError, AttributeError):
            words = "the service account's key cannot be read: paste its whole JSON"
            raise Refused(Stuck(Reason.REJECTED_AUTH, words)) from None
        if not isinstance(key, RSAPrivateKey):
            raise Refused(Stuck(Reason.REJECTED_AUTH, "the service account's key is none of RSA"))
        at = int(self.now.timestamp())
        claims = {"iss": issuer, "scope": SCOPE, "aud": self.settings.token_url, "iat": at, "exp": at + 3600}
        signed = ".".join(part(each) for each in ({"alg": "RS256", "typ": "JWT", "kid": kid}, claims))
        return f"{signed}.{unpadded(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def part(value: Mapping[str, Any]) -> str:
    return unpadded(json.dumps(value, separators=(",", ":")).encode())


def unpadded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def identifiers(each: Member) -> list[dict[str, str]]:
    """Hashed; numbers with their plus sign."""
    emails = sorted({form for email in each.emails for form in forms(email)})
    return [
        *({"emailAddress": hashed(email)} for email in emails),
        *({"phoneNumber": hashed(phone)} for phone in each.phones),
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
