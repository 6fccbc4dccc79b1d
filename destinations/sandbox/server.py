"""The base of every sandbox: it speaks one vendor's API, and can be watched and broken."""

import json
import re
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from destinations.sandbox.addresses import filed_under
from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.faults import Fault, FaultSwitch, Unclear
from destinations.sandbox.routes import Server, route
from destinations.sandbox.store import Store

SECRET_HEADERS = {"authorization", "cookie", "x-api-key"}
SECRET_FIELDS = re.compile(r'((?:client_secret|client_assertion|assertion|password)"?\s*[=:]\s*"?)[^&"\s]+')
GARBAGE = b"<!doctype html><title>Sorry</title><h1>We will be back soon</h1>"


class Belief(NamedTuple):
    """One thing a system believes, in words; `may`: whether messages may go, None where it says nothing."""

    about: str
    says: str
    may: bool | None


@dataclass(frozen=True)
class Found:
    """What a system's own read calls answer about somebody, and under which names writes were counted."""

    record: Document
    counted_as: Iterable[str]


class Sandbox(Server):
    """One vendor. Routes under `/_` are for whoever watches; all others are the vendor's own."""

    name: ClassVar[str]
    kind: ClassVar[str] = "Others"  # of system, as the mission calls it
    found_by: ClassVar[
        tuple[str, ...]
    ] = ()  # kinds of names it files people under; empty: any that is asked for
    unknown: ClassVar[str] = "not known here"  # what it says of somebody of whom it holds nothing
    ports: ClassVar[int] = 1
    indexed: ClassVar[tuple[str, ...]] = ()

    def __init__(self, path: str | Path = ":memory:") -> None:
        super().__init__()
        self.store = Store(path, self.indexed)
        self.faults = FaultSwitch()
        self.requests: deque[Document] = deque(maxlen=2_000)

    def stop(self) -> None:
        """Stop listening, let hanging calls go, close the file."""
        self.faults.clear()
        super().stop()
        self.store.close()

    @property
    def calls(self) -> Counter[str]:
        """Writes so far, per person or address."""
        with self.store:
            return self.store.writes()

    def handle(self, request: Request) -> Answer:
        """Answer one call, unless a fault gets in its way; calls of the vendor's API are noted."""
        if request.path.startswith("/_"):
            return self._kept(request)
        note = noted(request)
        self.requests.append(note)
        answer = self._hit_or_kept(request)
        note["status"] = None if answer.hold else answer.status
        return answer

    def _hit_or_kept(self, request: Request) -> Answer:
        hit = self.faults.strike(f"{request.path} {request.query} {request.body.decode(errors='replace')}")
        if hit is None:
            return self._kept(request)
        fault, over = hit
        request = replace(request, partial=fault.partial)
        early = self._kept(request) if fault.apply else None
        over.wait(fault.delay_ms / 1000)
        if fault.hang:
            return Answer(hold=over)
        if fault.garbage:
            return Answer(body=GARBAGE, content_type="text/html", drip_ms=fault.drip_ms)
        if fault.status:
            return self._failed(fault)
        return replace(early or self._kept(request), drip_ms=fault.drip_ms)

    def _failed(self, fault: Fault) -> Answer:
        answer = self.error(fault.status)
        after = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
        return replace(answer, headers={**answer.headers, **after}, drip_ms=fault.drip_ms)

    def _kept(self, request: Request) -> Answer:
        """The true answer, its writes committed before anybody hears of it; a refusal writes nothing."""
        with self.store:
            refusal = None if request.path.startswith("/_") else self.refused(request)
            answer = refusal or self.dispatch(request)
            if answer.status >= 400:
                self.store.spoil()
            return answer

    def refused(self, request: Request) -> Answer | None:
        """The vendor's answer to a caller without the right to call, if this is one."""
        raise NotImplementedError

    def found(self, under: list[str]) -> Found:
        """What this system knows about whoever is filed under `email:…`, `phone:…` or `mrn:…`."""
        raise NotImplementedError

    def believes(self, record: Document) -> list[Belief]:
        """The same in words."""
        raise NotImplementedError

    def happened(self, under: list[str]) -> Document:
        """The events that it took, where it takes any."""
        return {}

    def plant(self, kind: str, document: Document) -> str:
        """Put one document there as the vendor's own user would have; its key."""
        raise NotImplementedError

    def seed(self, documents: dict[str, list[Document]]) -> dict[str, list[str]]:
        """Create what stood at the vendor before Heed came: kind -> documents; answers kind -> keys."""
        with self.store:
            return self._planted(documents)

    def _planted(self, documents: dict[str, list[Document]]) -> dict[str, list[str]]:
        return {kind: [self.plant(kind, each) for each in listed] for kind, listed in documents.items()}

    @route("PUT", "/_seed")
    def _seed(self, request: Request) -> Answer:
        try:
            return Answer(body={"planted": self._planted(request.document())})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unreadable(
                "a seed is {kind: [document, …]}, see the documentation of this sandbox"
            ) from error

    @route("POST", "/_reset")
    def _reset(self, request: Request) -> Answer:
        self.store.empty()
        self.requests.clear()
        return Answer(204)

    @route("GET", "/_records")
    def _records(self, request: Request) -> Answer:
        asked = [(kind, each) for kind in ("email", "phone", "mrn") for each in request.query.get(kind, [])]
        under = filed_under(asked)
        found = self.found(under)
        return Answer(
            body={
                "known": bool(found.record),
                "record": found.record,
                "calls": self.store.writes_about(found.counted_as),
                "words": [belief._asdict() for belief in self.believes(found.record)],
                "events": self.happened(under),
            }
        )

    @route("GET", "/_requests")
    def _requests(self, request: Request) -> Answer:
        return Answer(body={"requests": list(self.requests)})

    @route("GET", "/_faults")
    def _faults(self, request: Request) -> Answer:
        return Answer(body=self.faults.shown())

    @route("POST", "/_faults")
    def _set_fault(self, request: Request) -> Answer:
        try:
            self.faults.set(Fault.wished(request.document()))
        except Unclear as words:
            return Answer(400, {"error": str(words)})
        return self._faults(request)

    @route("DELETE", "/_faults")
    def _clear_faults(self, request: Request) -> Answer:
        self.faults.clear()
        return Answer(204)


def noted(request: Request) -> Document:
    """A call as the log of recent calls keeps it: without credentials."""
    query = "&".join(f"{name}={value}" for name, values in request.query.items() for value in values)
    return {
        "method": request.method,
        "path": f"{request.path}?{query}" if query else request.path,
        "headers": {name: masked_header(name, value) for name, value in request.headers.items()},
        "body": readable(SECRET_FIELDS.sub(r"\1****", request.body.decode(errors="replace"))),
        "status": None,
        "at": datetime.now(UTC).isoformat(),
    }


def masked_header(name: str, value: str) -> str:
    """`Bearer ****`."""
    return (
        value if name not in SECRET_HEADERS else f"{value.partition(' ')[0]} ****" if " " in value else "****"
    )


def readable(body: str) -> Any:
    """JSON as JSON, anything else as text."""
    try:
        return json.loads(body)
    except ValueError:
        return body


def unix(moment: object) -> int:
    """Unix seconds of a seed's date (ISO 8601 or already a number); now when it has none."""
    if isinstance(moment, str) and moment:
        return int(datetime.fromisoformat(moment).astimezone(UTC).timestamp())
    return int(moment) if isinstance(moment, int | float) else int(time.time())
