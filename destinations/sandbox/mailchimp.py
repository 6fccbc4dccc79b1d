"""Mailchimp's audiences. https://mailchimp.com/developer/marketing/api/list-members/"""

import hashlib
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

from destinations.sandbox.addresses import filed_as
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox

AUDIENCE, GROUP, MEMBER, GONE = "list", "interest", "member", "gone"  # kinds of documents
SEEDS = {"lists": AUDIENCE, "interests": GROUP, "members": MEMBER, "forgotten": GONE}
TITLES = {
    400: "Invalid Resource",
    401: "API Key Invalid",
    404: "Resource Not Found",
    429: "Too Many Requests",
}
WRITABLE = {"email_address", "status", "interests", "language", "status_if_new", "merge_fields"}
STATUSES = {"subscribed", "unsubscribed", "cleaned", "pending"}
AT_MOST = 500
BUSY = b"<html><head><title>403 Forbidden</title></head></html>"


class MailchimpSandbox(Sandbox):
    """Audiences with groups and members.

    Seeds: `lists` {id, name}, `interests` {id, list, name}, `forgotten` {list, email}, and `members` {list,
    email, status, interests, last_changed, own}; `own`: who left by themselves comes back only by themselves.
    """

    slug, name, kind = "mailchimp", "Mailchimp", "Email"

    def refused(self, request: Request) -> Answer | None:
        """Basic, any user name, a key that ends in its data center."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        key = b64decode(given).decode().partition(":")[2] if scheme == "Basic" else ""
        return None if "-" in key else self.error(401)

    def error(self, status: int, message: str = "", title: str = "") -> Answer:
        """Problem JSON; a bare 403 is how a busy front end throttles."""
        if status == 403:
            return Answer(403, BUSY, content_type="text/html")
        problem = {
            "type": "https://mailchimp.com/developer/marketing/docs/errors/",
            "title": title or TITLES.get(status, "Error"),
            "status": status,
            "detail": message,
            "instance": "a1b2",
        }
        return Answer(status, problem, content_type="application/problem+json")

    @route("GET", "/3.0/lists/{audience}")
    def audience(self, request: Request, audience: str) -> Answer:
        """One audience."""
        found = self.store.get(AUDIENCE, audience)
        count = self.store.count_filed(MEMBER, f"list:{audience}")
        return Answer(body={**found, "stats": {"member_count": count}}) if found else self.error(404)

    @route("GET", "/3.0/lists/{audience}/interest-categories")
    def kinds(self, request: Request, audience: str) -> Answer:
        """The one heading that all groups stand under here."""
        return Answer(body={"categories": [{"id": "topics", "title": "Topics"}], "total_items": 1})

    @route("GET", "/3.0/lists/{audience}/interest-categories/{kind}/interests")
    def groups(self, request: Request, audience: str, kind: str) -> Answer:
        """The groups of an audience."""
        return Answer(body={"interests": self._groups(audience)})

    @route("GET", "/3.0/lists/{audience}/members/{key}")
    def member(self, request: Request, audience: str, key: str) -> Answer:
        """One member by the MD5 of the address in lower case."""
        found = self.store.get(MEMBER, f"{audience} {key}")
        return Answer(body=self._shown(found)) if found else self.error(404)

    @route("GET", "/3.0/lists/{audience}/members")
    def members(self, request: Request, audience: str) -> Answer:
        """Those of one status, whoever changed last at the end."""
        wanted = request.asked("status")
        filed = self.store.filed(MEMBER, [f"list:{audience}"])
        found = [each for each in filed if not wanted or each["status"] == wanted]
        found.sort(key=lambda each: (each.get("last_changed", ""), each["email"]))
        first, most = int(request.asked("offset") or 0), int(request.asked("count") or 10)
        page = [self._shown(each) for each in found[first : first + most]]
        return Answer(body={"members": page, "total_items": len(found)})

    @route("PATCH", "/3.0/lists/{audience}/members/{key}")
    def change(self, request: Request, audience: str, key: str) -> Answer:
        """Change a member that exists."""
        found = self.store.get(MEMBER, f"{audience} {key}")
        if not found:
            return self.error(404)
        return self._set(audience, found, request.document())

    @route("PUT", "/3.0/lists/{audience}/members/{key}")
    def put(self, request: Request, audience: str, key: str) -> Answer:
        """Change a member, or make one."""
        given = request.document()
        return self._set(audience, self._known(audience, given["email_address"]), given)

    @route("POST", "/3.0/lists/{audience}")
    def many(self, request: Request, audience: str) -> Answer:
        """Up to 500 at once: 200, whatever became of each. Strangers are made."""
        given = request.document()
        members = given.get("members")
        if not self.store.get(AUDIENCE, audience):
            return self.error(404)
        if (
            not isinstance(members, list)
            or len(members) > AT_MOST
            or set(given) - {"members", "update_existing"}
        ):
            return self.error(400, "members: at most 500")
        said: dict[str, list[Any]] = {"new_members": [], "updated_members": [], "errors": []}
        for each in members[: len(members) // 2] if request.partial else members:
            known = self._known(audience, each["email_address"])
            answer = self._set(audience, known, each)
            if answer.status == 200:
                said["updated_members" if "status" in known else "new_members"].append(answer.body)
            else:
                wrong = {"error_code": "ERROR_GENERIC", "error": answer.body["detail"]}
                said["errors"].append({"email_address": each["email_address"], **wrong})
        return Answer(body={**said, "total_updated": len(said["updated_members"])})

    def found(self, under: list[str]) -> Found:
        """The member as Mailchimp shows them, in the first audience that has them."""
        members = self.store.filed(MEMBER, [word for word in under if word.startswith("email:")])
        return Found(self._shown(members[0]) if members else {}, under)

    def believes(self, record: Document) -> list[Belief]:
        """The audience, then its groups."""
        if not record:
            return []
        status = record["status"]
        groups = {group["id"]: group["name"] for group in self._groups(record["list_id"])}
        return [Belief("Audience", status, status == "subscribed")] + [
            Belief(groups[group], "in the group" if within else "not in the group", within)
            for group, within in record["interests"].items()
        ]

    def plant(self, kind: str, document: Document) -> str:
        """See the class."""
        if kind not in SEEDS:
            raise Unreadable(f"seeds are {', '.join(sorted(SEEDS))}")
        if kind == "members":
            member = {"status": "subscribed", "interests": {}, "own": False, **document}
            member.setdefault("last_changed", datetime.now(UTC).isoformat())
            return self._keep(member)
        key = document.get("id") or f"{document['list']} {hashed(document['email'])}"
        self.store.put(SEEDS[kind], key, document)
        return str(key)

    def _known(self, audience: str, email: str) -> Document:
        found = self.store.get(MEMBER, f"{audience} {hashed(email)}")
        return found or {"list": audience, "email": email, "interests": {}, "own": False}

    def _set(self, audience: str, member: Document, given: Document) -> Answer:
        if strange := set(given) - WRITABLE:
            return self.error(400, f"no such field: {', '.join(sorted(strange))}")
        if "@" not in member["email"]:
            return self.error(400, "Please provide a valid email address.")
        groups = {group["id"] for group in self._groups(audience)}
        interests, status = given.get("interests", {}), given.get("status", member.get("status"))
        if set(interests) - groups or status not in STATUSES | {"archived", "transactional"}:
            return self.error(400, "Invalid interest ID or status")
        if status == "subscribed" and "status" not in member and self._is_gone(member):
            return self.error(400, "was permanently deleted", "Forgotten Email Not Subscribed")
        back = status == "subscribed" and member.get("status") in {"unsubscribed", "cleaned"}
        if back and (member["own"] or member["status"] == "cleaned"):
            return self.error(400, f"{member['email']} cannot be subscribed", "Member In Compliance State")
        changed = {"status": status, "interests": {**member["interests"], **interests}}
        self._keep({**member, **changed, "last_changed": datetime.now(UTC).isoformat()})
        self.store.wrote(filed_as("email", member["email"]))
        return Answer(body=self._shown({**member, **changed}))

    def _is_gone(self, member: Document) -> bool:
        return self.store.get(GONE, f"{member['list']} {hashed(member['email'])}") is not None

    def _keep(self, member: Document) -> str:
        key = f"{member['list']} {hashed(member['email'])}"
        self.store.put(
            MEMBER, key, member, under=[filed_as("email", member["email"]), f"list:{member['list']}"]
        )
        return key

    def _groups(self, audience: str) -> list[Document]:
        return [group for group in self.store.all(GROUP) if group["list"] == audience]

    def _shown(self, member: Document) -> Document:
        """Every group of the audience is there, with whether they are in it."""
        within = {group["id"]: False for group in self._groups(member["list"])} | member["interests"]
        return {
            "id": hashed(member["email"]),
            "email_address": member["email"],
            "list_id": member["list"],
            "status": member["status"],
            "interests": within,
            "last_changed": member.get("last_changed", ""),
        }


def hashed(email: str) -> str:
    """How Mailchimp names a member."""
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()
