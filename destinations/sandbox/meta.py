"""Meta's customer-file audiences. https://developers.facebook.com/docs/marketing-api/reference/custom-audience"""

import json
from hashlib import sha256

from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.graph import Graph
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox

AUDIENCE, MEMBER = "audience", "member"
SHOWN = ("audience", "email", "phone", "in")
SCHEMA = ["EMAIL_SHA256", "PHONE_SHA256"]


class MetaSandbox(Graph, Sandbox):
    """Seeds: `audiences` {id, flagged?}, `members` {audience, email?, phone?}. It keeps hashes alone."""

    slug, name, kind = "meta", "Meta", "Advertising"
    unknown = "in no audience"

    @route("GET", "/{version}/{audience}")
    def shown(self, request: Request, version: str, audience: str) -> Answer:
        """Whether it may be changed."""
        kept = self.store.get(AUDIENCE, audience)
        if kept is None:
            return self.error(400, "does not exist", 33)
        code = 471 if kept.get("flagged") else 200
        return Answer(200, {"id": audience, "operation_status": {"code": code, "description": ""}})

    @route("DELETE", "/{version}/{audience}/users")
    def remove(self, request: Request, version: str, audience: str) -> Answer:
        """Take out whom a row matches in all its keys; more than 10,000 are refused."""
        kept = self.store.get(AUDIENCE, audience)
        if kept is None:
            return self.error(400, "does not exist", 33)
        if kept.get("flagged"):
            return self.error(400, "Invalid parameter", 1713230)
        try:
            payload = json.loads(request.form()["payload"])
            schema, rows = payload["schema"], payload["data"]
        except (KeyError, ValueError):
            return self.error(400, "payload is missing")
        if schema != SCHEMA or not rows or len(rows) > 10_000 or any(len(row) != 2 for row in rows):
            return self.error(400, "Invalid parameter")
        invalid = [row for row in rows if not any(row) or any(len(each) not in {0, 64} for each in row)]
        for email, phone in rows:
            self._remove(audience, email, phone)
        said = {"audience_id": audience, "session_id": "1", "num_received": len(rows)}
        return Answer(200, {**said, "num_invalid_entries": len(invalid), "invalid_entry_samples": {}})

    def _remove(self, audience: str, email: str, phone: str) -> None:
        for member in self.store.all(MEMBER):
            given = [(member["email"], email), (member["phone"], phone)]
            if member["audience"] == audience and all(held == asked for held, asked in given if asked):
                self.store.put(MEMBER, member["key"], {**member, "in": False}, member["under"])
                self.store.wrote(member["key"])

    def found(self, under: list[str]) -> Found:
        """Whoever has one of these addresses."""
        kept = self.store.filed(MEMBER, under)
        shown = [{name: each[name] for name in SHOWN} for each in kept]
        return Found(shown[-1] if shown else {}, {each["key"] for each in kept})

    def believes(self, record: Document) -> list[Belief]:
        """In the audience, or not."""
        return [Belief("Audience", "in" if record["in"] else "not in", record["in"])] if record else []

    def plant(self, kind: str, document: Document) -> str:
        """An audience, or somebody in it."""
        if kind == "audiences":
            self.store.put(AUDIENCE, str(document["id"]), document)
            return str(document["id"])
        if kind != "members":
            raise Unreadable("a seed has audiences and members")
        email, phone = document.get("email", "").lower(), document.get("phone", "").removeprefix("+")
        key = f"{document['audience']}/{email or phone}"
        under = [f"email:{email}"] * bool(email) + [f"phone:+{phone}"] * bool(phone)
        hashes = {"email": hashed(email), "phone": hashed(phone)}
        self.store.put(
            MEMBER,
            key,
            {**hashes, "audience": document["audience"], "in": True, "key": key, "under": under},
            under,
        )
        return key


def hashed(text: str) -> str:
    """SHA-256, of nothing nothing."""
    return sha256(text.encode()).hexdigest() if text else ""
