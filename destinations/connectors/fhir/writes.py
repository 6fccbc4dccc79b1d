"""One Consent on its way: alone, or as an entry of a Bundle. https://hl7.org/fhir/R4/http.html#cond-update"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from destinations.connectors.fhir.consents import OURS, Resource, said, version
from destinations.connectors.fhir.server import refusal
from destinations.contract import Answer, Held, Later, Reason, Refused, Stuck
from destinations.targets import Progress

CONFLICTS = {409, 412}
GONE = {404, 410}  # since it was read


@dataclass
class Write:
    """One Consent as it shall be kept; `stands` is what was read, or nothing."""

    owner: Progress
    name: str
    body: dict[str, Any]
    stands: Resource
    after: Mapping[str, Held | None]
    before: Mapping[str, Held | None] = field(default_factory=dict)

    @property
    def is_needed(self) -> bool:
        if not self.stands:
            return bool(self.body["status"] == "active")
        return any(self.stands.get(key) != value for key, value in self.body.items())

    @property
    def path(self) -> str:
        """That very Consent, as it was read; else whichever bears the identifier, or a new one."""
        return f"/Consent/{quote(str(self.stands['id']), safe='')}" if self.stands else "/Consent"

    @property
    def params(self) -> list[tuple[str, str]]:
        return [] if self.stands else [("identifier", f"{OURS}|{self.name}")]

    @property
    def sent(self) -> dict[str, Any]:
        return {**self.body, "id": self.stands["id"]} if self.stands else self.body

    @property
    def entry(self) -> dict[str, Any]:
        """The same within a Bundle."""
        url = self.path[1:] + (f"?{urlencode(self.params)}" if self.params else "")
        match = {"ifMatch": version(self.stands)} if version(self.stands) else {}
        return {"resource": self.sent, "request": {"method": "PUT", "url": url, **match}}

    def claim(self) -> None:
        """What is known once it is kept, before its call: the answer may be lost."""
        self.before = self.before or {target: self.owner.held.get(target) for target in self.after}
        for target, known in self.after.items():
            if known:
                self.owner.learn(target, known)

    def kept(self) -> None:
        for target, known in self.after.items():
            self.owner.learn(target, known)
        self.owner.written.add(self.name)

    def answered(self, answer: Answer, *, alone: bool) -> None:
        """What came of it. Raises Refused where its call was its own, and the fault is everybody's."""
        came = answer.json()
        shows = isinstance(came, dict) and came.get("resourceType") == "Consent"
        blank = not answer.body and (not alone or {"etag", "location"} & set(answer.headers))
        if answer.ok and (shows or blank):
            self.kept()
            if shows and said(came) == said(self.body):
                self.owner.seen.add(self.name)
            return
        fault = refusal(answer, self.owner.wanted.now)
        conflict = answer.status in CONFLICTS or (answer.status in GONE and self.stands)
        if conflict:
            fault = Later(
                Reason.UNAVAILABLE, detail=f"HTTP {answer.status}: it has changed since it was read"
            )
        if conflict or isinstance(fault, Stuck):
            for target, known in self.before.items():
                self.owner.learn(target, known)
        if alone and not conflict and fault.reason is not Reason.REJECTED_DATA:
            raise Refused(fault)
        self.owner.faults.append(fault)
