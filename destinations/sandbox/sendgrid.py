"""SendGrid's suppressions. https://www.twilio.com/docs/sendgrid/api-reference/suppressions-unsubscribe-groups"""

import re

from destinations.sandbox.addresses import filed_as
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox, unix

GROUP, GLOBAL, MEMBER = (
    "group",
    "global",
    "member",
)  # kinds of documents; a member's key is "101 ana@example.org"
SEEDS = {"groups", "suppressed", "global"}
FIRST_GROUP = 101
SCOPES = [
    *(f"asm.groups.{act}" for act in ("create", "delete", "read")),
    *(f"asm.groups.suppressions.{act}" for act in ("create", "delete", "read")),
    *(f"asm.suppressions.global.{act}" for act in ("create", "delete", "read")),
    "suppression.unsubscribes.read",
]
MESSAGES = {401: "authorization required", 404: "resource not found", 405: "method not allowed"}


class SendGridSandbox(Sandbox):
    """Unsubscribe groups and the global list. Seeds: `groups`, `suppressed`, `global`."""

    slug, name, kind = "sendgrid", "SendGrid", "Email"
    unknown = "suppressed nowhere"

    def refused(self, request: Request) -> Answer | None:
        """Any key of SendGrid's form will do."""
        return None if request.bearer().startswith("SG.") else self.error(401)

    def error(self, status: int, message: str = "", field: str | None = None) -> Answer:
        """`{"errors": [{"field", "message"}]}`, for everything that goes wrong."""
        words = message or MESSAGES.get(status, "something went wrong")
        return Answer(status, {"errors": [{"field": field, "message": words}]})

    @route("GET", "/v3/scopes")
    def scopes(self, request: Request) -> Answer:
        """What the key may do."""
        return Answer(body={"scopes": SCOPES})

    @route("GET", "/v3/asm/groups")
    def groups(self, request: Request) -> Answer:
        """All groups, or those asked for by `?id=101&id=102`."""
        wanted = request.query.get("id", [])
        listed = [self._described(group) for group in self.store.all(GROUP)]
        return Answer(body=[group for group in listed if not wanted or str(group["id"]) in wanted])

    @route("POST", "/v3/asm/groups")
    def make_group(self, request: Request) -> Answer:
        """A new group, whose name nobody else has."""
        given = request.document()
        for field, longest in (("name", 30), ("description", 100)):
            if not isinstance(given.get(field), str) or not 0 < len(given[field]) <= longest:
                return self.error(400, f"{field} must have 1 to {longest} characters", field)
        if any(group["name"] == given["name"] for group in self.store.all(GROUP)):
            return self.error(400, "A group with this name already exists.", "name")
        key = self.plant("groups", given)
        return Answer(201, self.store.get(GROUP, key))

    @route("GET", "/v3/asm/groups/{group}")
    def group(self, request: Request, group: str) -> Answer:
        """One group, with the number of its members."""
        found = self.store.get(GROUP, group)
        return Answer(body=self._described(found)) if found else self.error(404)

    @route("DELETE", "/v3/asm/groups/{group}")
    def drop_group(self, request: Request, group: str) -> Answer:
        """A group goes, and its suppressions with it: its members will be sent to again."""
        if not self.store.remove(GROUP, group):
            return self.error(404)
        for member in self._members(group):
            self.store.remove(MEMBER, f"{group} {member}")
        return Answer(204)

    @route("POST", "/v3/asm/groups/{group}/suppressions")
    def suppress(self, request: Request, group: str) -> Answer:
        """Suppress in a group. Contract: in a group that does not exist this suppresses GLOBALLY."""
        return self._suppressed(request, group if self.store.get(GROUP, group) else None)

    @route("GET", "/v3/asm/groups/{group}/suppressions")
    def members(self, request: Request, group: str) -> Answer:
        """Everybody suppressed in a group."""
        return Answer(body=self._members(group)) if self.store.get(GROUP, group) else self.error(404)

    @route("POST", "/v3/asm/groups/{group}/suppressions/search")
    def search(self, request: Request, group: str) -> Answer:
        """Those of the given addresses that are suppressed in a group."""
        if not self.store.get(GROUP, group):
            return self.error(404)
        return Answer(body=[each for each in emails(request) if self.store.get(MEMBER, f"{group} {each}")])

    @route("DELETE", "/v3/asm/groups/{group}/suppressions/{email}")
    def release(self, request: Request, group: str, email: str) -> Answer:
        """Send to this address again; no complaint if it was not suppressed."""
        if not self.store.get(GROUP, group):
            return self.error(404)
        self.store.remove(MEMBER, f"{group} {email.lower()}")
        self.store.wrote(filed_as("email", email))
        return Answer(204)

    @route("POST", "/v3/asm/suppressions/global")
    def suppress_globally(self, request: Request) -> Answer:
        """No mail of any group."""
        return self._suppressed(request, None)

    @route("GET", "/v3/asm/suppressions/global/{email}")
    def globally(self, request: Request, email: str) -> Answer:
        """The address if it is on the global list, else an empty object."""
        found = self.store.get(GLOBAL, email.lower())
        return Answer(body={"recipient_email": found["email"]} if found else {})

    @route("DELETE", "/v3/asm/suppressions/global/{email}")
    def release_globally(self, request: Request, email: str) -> Answer:
        """Off the global list; the groups stay as they are."""
        self.store.remove(GLOBAL, email.lower())
        self.store.wrote(filed_as("email", email))
        return Answer(204)

    @route("GET", "/v3/asm/suppressions")
    def suppressions(self, request: Request) -> Answer:
        """Every address in every group, with the date: the only call that dates a group's suppression."""
        names = {group["id"]: group["name"] for group in self.store.all(GROUP)}
        return Answer(
            body=[{**each, "group_name": names[each["group_id"]]} for each in self.store.all(MEMBER)]
        )

    @route("GET", "/v3/asm/suppressions/{email}")
    def groups_of(self, request: Request, email: str) -> Answer:
        """All groups, and whether this address is suppressed in each."""
        return Answer(body={"suppressions": self._groups_of(email.lower())})

    @route("GET", "/v3/suppression/unsubscribes")
    def unsubscribes(self, request: Request) -> Answer:
        """The global list with dates, between `start_time` and `end_time` (Unix seconds, inclusive)."""
        try:
            start, end = int(request.asked("start_time") or 0), int(request.asked("end_time") or 2**40)
            limit, offset = int(request.asked("limit") or 500), int(request.asked("offset") or 0)
        except ValueError as error:
            raise Unreadable("start_time, end_time, limit and offset are whole numbers") from error
        listed = [each for each in self.store.all(GLOBAL) if start <= each["created"] <= end]
        return Answer(body=listed[offset : offset + limit])

    def found(self, under: list[str]) -> Found:
        """What the two reads by address answer together; nothing where it is suppressed nowhere."""
        record: Document = {}
        for email in (word.removeprefix("email:") for word in under if word.startswith("email:")):
            groups = self._groups_of(email)
            if self.store.get(GLOBAL, email):
                record = {"recipient_email": email, "suppressions": groups}
            elif any(group["suppressed"] for group in groups):
                record = {"suppressions": groups}
        return Found(record, under)

    def believes(self, record: Document) -> list[Belief]:
        """Group by group, after the global list."""
        everywhere = [Belief("All email", "suppressed", False)] if "recipient_email" in record else []
        return everywhere + [
            Belief(
                group["name"],
                "suppressed" if group["suppressed"] else "not suppressed",
                not group["suppressed"],
            )
            for group in record.get("suppressions", [])
        ]

    def plant(self, kind: str, document: Document) -> str:
        """A group {id, name, description}, or {email, group, created}; `global` ones have no group."""
        if kind not in SEEDS:
            raise Unreadable(f"seeds are {', '.join(sorted(SEEDS))}")
        if kind == "groups":
            number = (
                document.get("id")
                or max((g["id"] for g in self.store.all(GROUP)), default=FIRST_GROUP - 1) + 1
            )
            described = {
                "description": document.get("description", ""),
                "is_default": document.get("is_default", False),
            }
            self.store.put(GROUP, str(number), {"id": number, "name": document["name"], **described})
            return str(number)
        group = str(document["group"]) if kind == "suppressed" else None
        return self._listed(document["email"].lower(), group, unix(document.get("created")))

    def _suppressed(self, request: Request, group: str | None) -> Answer:
        listed = emails(request)
        for email in listed:
            self._listed(email, group, unix(None))
            self.store.wrote(filed_as("email", email))
        return Answer(201, {"recipient_emails": listed})

    def _listed(self, email: str, group: str | None, created: int) -> str:
        """Who is on the list already stays there with the first date."""
        kind, key = (GLOBAL, email) if group is None else (MEMBER, f"{group} {email}")
        dated = {"created": created} if group is None else {"group_id": int(group), "created_at": created}
        if not self.store.get(kind, key):
            self.store.put(kind, key, {"email": email, **dated}, under=[f"group:{group}"])
        return email

    def _members(self, group: str) -> list[str]:
        return [member["email"] for member in self.store.filed(MEMBER, [f"group:{group}"])]

    def _described(self, group: Document) -> Document:
        members = self.store.count_filed(MEMBER, f"group:{group['id']}")
        return {**group, "last_email_sent_at": None, "unsubscribes": members}

    def _groups_of(self, email: str) -> list[Document]:
        return [
            {**group, "suppressed": self.store.get(MEMBER, f"{group['id']} {email}") is not None}
            for group in self.store.all(GROUP)
        ]


def emails(request: Request) -> list[str]:
    """`recipient_emails` of the body; one that is no address spoils the whole call."""
    given = request.document().get("recipient_emails")
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise Unreadable("recipient_emails must be a list of addresses")
    for each in given:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", each):
            raise Unreadable("recipient_emails holds an invalid address")
    return [each.strip().lower() for each in given]
