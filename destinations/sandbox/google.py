"""Google's Data Manager. https://developers.google.com/data-manager/api/reference/rest"""

import base64
import json
import re
from hashlib import sha256
from pathlib import Path
from typing import cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox

MEMBER, REQUEST, TOKEN, KEY = "member", "request", "token", "key"
SHOWN = ("list", "email", "phone", "in")
STATES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
FIELDS = {"destinations", "audienceMembers", "encoding", "validateOnly", "encryptionInfo"}
HEX = re.compile("[0-9a-f]{64}")


class GoogleSandbox(Sandbox):
    """Seeds: `members` {list, email?, phone?}. A request is at work when it is first asked about."""

    slug, name, kind = "google", "Google Data Manager", "Advertising"
    unknown = "on no list"

    def __init__(self, path: str | Path = ":memory:", fails_for: str = "") -> None:
        super().__init__(path)
        self.fails_for, self.key = hashed(fails_for), self._key()

    def _key(self) -> rsa.RSAPrivateKey:
        """Made once, and kept: whoever downloaded it comes back with it."""
        with self.store:
            if not self.store.get(KEY, KEY):
                self.store.put(KEY, KEY, {"private_key": written(rsa.generate_private_key(65537, 2048))})
            kept = self.store.get(KEY, KEY) or {}
        return cast(rsa.RSAPrivateKey, serialization.load_pem_private_key(kept["private_key"].encode(), None))

    @property
    def service_account(self) -> str:
        """The key file as somebody downloads it."""
        account = {"client_email": "heed@x.example", "private_key": written(self.key)}
        return json.dumps({**account, "private_key_id": "k1"})

    @route("GET", "/_service_account")
    def _service_account(self, request: Request) -> Answer:
        return Answer(body=self.service_account.encode())

    def refused(self, request: Request) -> Answer | None:
        """A token that was given here."""
        if request.path == "/token" or self.store.get(TOKEN, request.bearer()):
            return None
        return self.error(401)

    def error(self, status: int, message: str = "") -> Answer:
        """`{"error": {"code", "status", "message"}}`."""
        state = STATES.get(status, "UNAVAILABLE" if status >= 500 else "RESOURCE_EXHAUSTED")
        return Answer(status, {"error": {"code": status, "message": message, "status": state}})

    @route("POST", "/token")
    def token(self, request: Request) -> Answer:
        """For an assertion that the account has signed."""
        try:
            head, claims, signature = request.form()["assertion"].split(".")
            signed = f"{head}.{claims}".encode()
            self.key.public_key().verify(unpacked(signature), signed, padding.PKCS1v15(), hashes.SHA256())
            told = json.loads(unpacked(claims))
        except (KeyError, ValueError, InvalidSignature):
            return Answer(400, {"error": "invalid_grant"})
        if told["scope"] != "https://www.googleapis.com/auth/datamanager" or told["exp"] - told["iat"] > 3600:
            return Answer(400, {"error": "invalid_scope"})
        token = f"ya29.{self.store.next_number()}"
        self.store.put(TOKEN, token, {"token": token})
        return Answer(200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    @route("POST", "/v1/audienceMembers:remove")
    def remove(self, request: Request) -> Answer:
        """One member that is none spoils the request; what is checked only is not done."""
        body = request.document()
        if set(body) - FIELDS or body.get("encoding") != "HEX" or len(body.get("destinations", ())) != 1:
            return self.error(400, "unknown name, or a field is missing")
        where, account = body["destinations"][0], body["destinations"][0].get("operatingAccount", {})
        if account.get("accountType") != "GOOGLE_ADS" or not where.get("productDestinationId"):
            return self.error(400, "destinations[0]")
        members = [each["userData"]["userIdentifiers"] for each in body.get("audienceMembers", ())]
        told = [next(iter(each.values())) for member in members for each in member]
        if not members or not all(members) or len(members) > 10_000 or not all(map(HEX.fullmatch, told)):
            return self.error(400, "audienceMembers")
        name = f"r{self.store.next_number()}"
        if not body.get("validateOnly"):
            self._remove(where["productDestinationId"], told, name)
        return Answer(200, {"requestId": name})

    def _remove(self, audience: str, told: list[str], name: str) -> None:
        fails = self.fails_for in told
        self.store.put(REQUEST, name, {"asked": 0, "ends": "FAILED" if fails else "SUCCESS"})
        for member in [] if fails else self.store.all(MEMBER):
            if member["list"] == audience and {member["email"], member["phone"]} & set(told):
                self.store.put(MEMBER, member["key"], {**member, "in": False}, member["under"])
                self.store.wrote(member["key"])

    @route("GET", "/v1/requestStatus:retrieve")
    def status(self, request: Request) -> Answer:
        """How a request fares."""
        name = request.asked("requestId")
        kept = self.store.get(REQUEST, name)
        if kept is None:
            return self.error(404)
        self.store.put(REQUEST, name, {**kept, "asked": kept["asked"] + 1})
        state = kept["ends"] if kept["asked"] else "PROCESSING"
        return Answer(200, {"requestStatusPerDestination": [{"requestStatus": state}]})

    def found(self, under: list[str]) -> Found:
        """Whoever has one of these addresses."""
        kept = self.store.filed(MEMBER, under)
        shown = [{name: each[name] for name in SHOWN} for each in kept]
        return Found(shown[-1] if shown else {}, {each["key"] for each in kept})

    def believes(self, record: Document) -> list[Belief]:
        """On the list, or not."""
        return [Belief("User list", "on" if record["in"] else "not on", record["in"])] if record else []

    def plant(self, kind: str, document: Document) -> str:
        """Somebody on a list."""
        if kind != "members":
            raise Unreadable("a seed has members")
        email, phone = document.get("email", "").lower(), document.get("phone", "")
        key = f"{document['list']}/{email or phone}"
        under = [f"email:{email}"] * bool(email) + [f"phone:{phone}"] * bool(phone)
        kept = {"list": document["list"], "email": hashed(email), "phone": hashed(phone)}
        self.store.put(MEMBER, key, {**kept, "in": True, "key": key, "under": under}, under)
        return key


def written(key: rsa.RSAPrivateKey) -> str:
    """A private key in PEM."""
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption()).decode()


def hashed(text: str) -> str:
    """SHA-256, of nothing nothing."""
    return sha256(text.encode()).hexdigest() if text else ""


def unpacked(text: str) -> bytes:
    """Base64url without its padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
