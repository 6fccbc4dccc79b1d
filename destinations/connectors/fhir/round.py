"""A part of a batch: patients are found, what stands of Heed's own is read, and what differs is written."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

from destinations.connectors.fhir.consents import OURS, Resource, names, version
from destinations.connectors.fhir.person import Person
from destinations.connectors.fhir.server import FHIR_JSON, Server, refusal
from destinations.connectors.fhir.writes import Write
from destinations.contract import (
    Answer,
    Call,
    Later,
    Reason,
    Refused,
    Settings,
    Steps,
    Stuck,
    Wanted,
    by_status,
)

AT_ONCE = 10  # people: they are found one by one, and something must be written before time is up
NAMES_MAX = 40  # of one search: it stands in a URL
WRITES = {"Content-Type": FHIR_JSON, "Prefer": "return=representation"}
JSON_PATCH = "application/json-patch+json"
NO_BUNDLES = "no bundles"  # what is kept in mind: this server takes none
NO_SUCH_THING = {403, 404, 405, 415, 501}
NOT_AS_A_WHOLE = {*NO_SUCH_THING, 400, 409, 412, 422}


class Round:
    """Some people: one by one where each Consent travels alone, else as many as a Bundle is made for."""

    def __init__(self, batch: Sequence[Wanted], settings: Settings) -> None:
        self.settings, self.server = settings, Server(settings, batch[0].now)
        self.people = [Person(wanted, settings) for wanted in batch]

    def through(self) -> Steps[Later | Stuck | None]:
        """Everybody's result; returns what ended it for all who are still to come."""
        left = list(self.people)
        try:
            for person in left:
                if person.targets:
                    yield from self.find(person)
            yield from self.look([person for person in left if person.patient])
            yield from self.write([write for person in left for write in person.writes()])
            while left:
                yield from self.mark(left[0])
                yield left[0].ended()
                del left[0]
        except Refused as refused:
            yield from (person.ended(refused.outcome) for person in left)
            return refused.outcome
        return None

    def find(self, person: Person) -> Steps[None]:
        """Every patient with one of the person's numbers."""
        found: dict[str, Resource] = {}
        for each in person.wanted.identifiers:
            system = self.settings.mrn_systems.get(each.namespace) if each.kind == "mrn" else None
            if system:
                number = re.sub(r"([\\$,|])", r"\\\1", each.value)  # a bare comma would mean "or"
                params = [("identifier", f"{system}|{number}")]
                bundle = yield from self.search("/Patient", params, [person])
                if isinstance(bundle, Stuck):
                    person.not_found(bundle)
                    return
                found |= {str(one.get("id")): one for one in listed(bundle, "Patient")}
        person.found(found)

    def look(self, people: Sequence[Person]) -> Steps[None]:
        """What stands of Heed's own Consents, found by the identifiers that only Heed gives."""
        about = {person.name(each): (person, each) for person in people for each in person.categories}
        left = [list(about)[start : start + NAMES_MAX] for start in range(0, len(about), NAMES_MAX)]
        while left:
            asked = left.pop()
            params = [("identifier", ",".join(f"{OURS}|{each}" for each in asked)), ("_count", "100")]
            bundle = yield from self.search("/Consent", params, [about[each][0] for each in asked])
            if len(asked) > 1 and (isinstance(bundle, Stuck) or has_more(bundle)):
                left += [asked[: len(asked) // 2], asked[len(asked) // 2 :]]
            elif isinstance(bundle, Stuck):
                person, category = about[asked[0]]
                person.faults.append(bundle)
                person.categories.remove(category)
            else:
                for stands in listed(bundle, "Consent"):
                    for name in set(names(stands)) & set(asked):
                        about[name][0].stands.setdefault(name, []).append(stands)

    def search(
        self, path: str, params: Sequence[tuple[str, str]], people: Sequence[Person]
    ) -> Steps[Mapping[str, Any] | Stuck]:
        """A Bundle, or what is wrong with what was asked. Raises Refused."""
        claims = {person.wanted.id: person.held for person in people}
        answer = yield from self.server.ask(Call("GET", path, params=params, claims=claims))
        came = answer.json()
        if answer.ok and isinstance(came, dict) and came.get("resourceType") == "Bundle":
            return came
        fault = refusal(answer, self.server.now)
        if isinstance(fault, Stuck) and fault.reason is Reason.REJECTED_DATA:
            return fault
        raise Refused(fault)

    def write(self, writes: Sequence[Write]) -> Steps[None]:
        most = bundle_max(self.settings)
        for start in range(0, len(writes), max(most, 1)):
            yield from self.write_some(writes[start : start + max(most, 1)])

    def write_some(self, writes: Sequence[Write]) -> Steps[None]:
        """Together if there are several: halves of what is too large, each alone where no Bundle is taken."""
        if len(writes) == 1 or self.settings.memory.get(NO_BUNDLES):
            for write in writes:
                yield from self.write_alone(write)
            return
        where, said = host(self.settings), bundle(writes)
        answer = yield from self.called(writes, Call("POST", root(self.settings), said, base=where))
        if answer.status == 413:
            yield from self.write_some(writes[: len(writes) // 2])
            yield from self.write_some(writes[len(writes) // 2 :])
        elif answer.status in NOT_AS_A_WHOLE:
            self.settings.memory[NO_BUNDLES] = answer.status in NO_SUCH_THING
            for write in writes:
                yield from self.write_alone(write)
        else:
            for write, each in zip(writes, entries(answer, len(writes), self.server), strict=True):
                write.answered(each, alone=False)

    def write_alone(self, write: Write) -> Steps[None]:
        match = {"If-Match": version(write.stands)} if version(write.stands) else {}
        call = Call("PUT", write.path, write.sent, params=write.params, headers=match)
        answer = yield from self.called([write], call)
        write.answered(answer, alone=True)

    def mark(self, person: Person) -> Steps[None]:
        """The patient's phones and emails, in the version that was read."""
        marks = person.marks()
        if marks is None:
            return
        operations = marks.operations()
        if not operations:
            marks.kept(person.patient)
            return
        marks.claim()
        match = {"If-Match": version(marks.patient)} if version(marks.patient) else {}
        headers = {**WRITES, "Content-Type": JSON_PATCH, **match}
        path, claims = (
            f"/Patient/{quote(next(iter(person.patients)), safe='')}",
            {person.wanted.id: person.held},
        )
        marks.answered(
            (yield from self.server.ask(Call("PATCH", path, operations, headers=headers, claims=claims)))
        )

    def called(self, writes: Sequence[Write], call: Call) -> Steps[Answer]:
        for write in writes:
            write.claim()
        claims = {write.owner.wanted.id: write.owner.held for write in writes}
        return (yield from self.server.ask(replace(call, headers={**WRITES, **call.headers}, claims=claims)))


def bundle_max(settings: Settings) -> int:
    """Raises Refused where staff entered no number."""
    text = str(settings.bundle_max or "0")
    if not text.isdecimal():
        raise Refused(Stuck(Reason.REJECTED_CONFIG, "the size of a Bundle is a number, 0 for none"))
    return 0 if settings.memory.get(NO_BUNDLES) else int(text)


def bundle(writes: Sequence[Write]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "batch", "entry": [write.entry for write in writes]}


def entries(answer: Answer, expected: int, server: Server) -> list[Answer]:
    """The answer to each, in our order (R4, RESTful API, batch response). Raises Refused."""
    came = answer.json()
    said = came.get("entry") if answer.ok and isinstance(came, dict) else None
    if not isinstance(said, list) or len(said) != expected:
        raise Refused(by_status(answer, server.now))
    return [answer_in(each) for each in said]


def answer_in(entry: Any) -> Answer:
    """One entry as an answer of its own; one that says nothing is none that says yes."""
    said = entry.get("response") if isinstance(entry, dict) else None
    told: Mapping[str, Any] = said if isinstance(said, dict) else {}
    status = re.match(r"[1-5]\d\d", str(told.get("status")))
    resource = entry.get("resource") or told.get("outcome") if isinstance(entry, dict) else None
    body = json.dumps(resource).encode() if resource else b""
    return Answer(int(status[0]) if status else 502, body)


def has_more(bundle: Mapping[str, Any]) -> bool:
    links = [each for each in bundle.get("link") or () if isinstance(each, dict)]
    return any(each.get("relation") == "next" for each in links)


def listed(bundle: Mapping[str, Any], kind: str) -> list[Resource]:
    found = [each.get("resource") for each in bundle.get("entry") or () if isinstance(each, dict)]
    return [each for each in found if isinstance(each, dict) and each.get("resourceType") == kind]


def root(settings: Settings) -> str:
    """The path of [base] itself, to which Bundles go."""
    return urlsplit(settings.base_url).path.rstrip("/") or "/"


def host(settings: Settings) -> str:
    parts = urlsplit(settings.base_url)
    return f"{parts.scheme}://{parts.netloc}"
