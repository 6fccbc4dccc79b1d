"""A part of a batch: everybody is found, then their records are written."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from destinations.connectors.salesforce.answers import missed, rows_of
from destinations.connectors.salesforce.consents import KIND, SHOWN, Consent, about
from destinations.connectors.salesforce.org import Org
from destinations.connectors.salesforce.records import Person, Record
from destinations.connectors.salesforce.soql import OBJECTS, PREFIX, among, any_of, named
from destinations.contract import Delivery, Field, Later, Reason, Refused, Settings, Steps, Stuck, Wanted

URL_MAX, COLLECTION_MAX, AT_ONCE = 8_000, 200, 100
INDIVIDUAL = "IndividualId"
NO_INDIVIDUAL = "a record of theirs has no Individual, whose consent could be kept"


class Round(Org):
    """A part of a batch: find every record of everybody, decide field by field, write what moves."""

    def __init__(self, batch: Sequence[Wanted], settings: Settings) -> None:
        super().__init__(settings, batch[0].now)
        self.waiting = [Person(wanted, settings.mrn_authority) for wanted in batch]
        asked = {target for person in self.waiting for target in person.targets()}
        self.consents = {each: about(each, settings) for each in sorted(asked) if each.startswith(PREFIX)}
        self.targets = sorted(asked - set(self.consents))
        self.records: dict[str, Record] = {}
        self.individuals: dict[str, list[tuple[Person, Mapping[str, Field]]]] = {}

    def through(self, refused: Refused | None) -> Steps[Refused | None]:
        try:
            if refused:
                raise refused
            if self.targets or self.consents:
                yield from self.find()
            if self.consents and self.individuals:
                yield from self.find_consents()
            yield from self.passed()
            for method, records in self.collections():
                wrote = yield from self.write(method, records)
                if self.settings.reads_back:
                    yield from self.read_back(wrote)
                yield from self.passed()
        except Refused as ended:
            yield from (person.result(ended.outcome) for person in self.waiting)
            return ended
        return None

    def passed(self) -> Delivery:
        for person in self.waiting:
            if not person.left:
                yield person.result(absent=bool(person.targets()) and not person.known_there)
        self.waiting = [person for person in self.waiting if person.left]

    def find(self) -> Delivery:
        for kind in self.kinds():
            for soql in self.queries(kind, self.waiting):
                for row in (yield from self.rows(soql)):
                    self.match(kind, row)

    def find_consents(self) -> Delivery:
        """What stands of the purposes asked about, for every Individual behind a record."""
        ids, shown = sorted(self.individuals), list[Mapping[str, Any]]()
        for start in range(0, len(ids), AT_ONCE):
            among_them = among("PartyId", "id", (("id", each) for each in ids[start : start + AT_ONCE]))
            shown += yield from self.rows(f"SELECT {', '.join(SHOWN)} FROM {KIND} WHERE {among_them}")  # noqa: S608
        for individual, owners in self.individuals.items():
            for target, facts in self.consents.items():
                if isinstance(facts, Stuck):
                    continue
                consent = Consent(individual, target, owners, facts)
                consent.look(shown, self.now)
                self.records[consent.id] = consent
                for person, _ in owners if consent.values else ():
                    person.left.add(consent.id)

    def collections(self) -> Iterator[tuple[str, list[Record]]]:
        """Up to 200 records of one call: those that are changed, then consents that are made."""
        changed = [record for record in self.records.values() if record.values]
        for method in ("PATCH", "POST"):
            some = [record for record in changed if record.method == method]
            for start in range(0, len(some), COLLECTION_MAX):
                yield method, some[start : start + COLLECTION_MAX]

    def rows(self, soql: str) -> Steps[list[Mapping[str, Any]]]:
        """What a query finds, page by page."""
        found: list[Mapping[str, Any]] = []
        path, params = f"{self.data}/query", [("q", soql)]
        while path:
            page = yield from self.ask("GET", path, dict, params=params)
            found += rows_of(page)
            path, params = page.get("nextRecordsUrl", ""), []
        return found

    def queries(self, kind: str, people: list[Person]) -> list[str]:
        """One query for all these people, or one for each half of them where the URL would be too long."""
        soql = self.query(kind, people)
        if len(quote(soql)) <= URL_MAX or len(people) == 1:
            return [soql] if soql else []
        half = len(people) // 2
        return self.queries(kind, people[:half]) + self.queries(kind, people[half:])

    def query(self, kind: str, people: list[Person]) -> str:
        emails, phones, only = OBJECTS[kind]
        number = named(kind, self.settings.mrn_field)
        keys = {(way, spelling) for person in people for (way, _), (spelling, _) in person.keys.items()}
        by_address = any_of(
            *(among(each, "email", keys) for each in emails), *(among(each, "phone", keys) for each in phones)
        )
        # A record with a number is the person's with that number, whatever addresses it shares with others.
        found = any_of(among(number, "mrn", keys), by_address and f"({number} = null AND {by_address})")
        fields = ["Id", "LastModifiedDate", number, *emails, *phones]
        fields += [named(kind, target) for target in self.targets]
        fields += [named(kind, INDIVIDUAL)] if self.consents else []
        where = " AND ".join([found, *only])
        return f"SELECT {', '.join(fields)} FROM {kind} WHERE {where}" if found else ""  # noqa: S608

    def match(self, kind: str, row: Mapping[str, Any]) -> None:
        """Whose record this is, and what of it must change."""
        emails, phones, _ = OBJECTS[kind]
        number = named(kind, self.settings.mrn_field)
        ways = {"mrn": (number,)} if row.get(number) else {"email": emails, "phone": phones}
        owners = [
            (person, fields)
            for person in self.waiting
            for way, names in ways.items()
            for name in names
            for fields in person.owns(way, row.get(name))
        ]
        record = self.records.setdefault(row["Id"], Record(kind, row["Id"], owners))
        if record.owners is not owners:
            return  # found by another query already
        for target in self.targets:
            record.decide(target, row, self.now)
        for person, _ in owners:
            person.known_there = True
            person.left.update([record.id] if record.values else [])
        if self.consents:
            self.match_consents(row.get(named(kind, INDIVIDUAL)), owners)

    def match_consents(self, individual: Any, owners: list[tuple[Person, Mapping[str, Field]]]) -> None:
        """Whose Individual this is; a no that has no place to go is said."""
        for person, fields in owners:
            asked = [
                each for each in self.consents if (field := fields.get(each)) and field.denies is not None
            ]
            person.faults += [fault for each in asked if isinstance(fault := self.consents[each], Stuck)]
            if individual:
                self.individuals.setdefault(str(individual), []).append((person, fields))
            elif any(fields[each].denies for each in asked):
                person.faults.append(Stuck(Reason.REJECTED_CONFIG, NO_INDIVIDUAL))

    def write(self, method: str, records: list[Record]) -> Steps[list[Record]]:
        """Returns those that were kept."""
        body = {"allOrNone": False, "records": [record.sent() for record in records]}
        try:
            results = yield from self.ask(method, f"{self.data}/composite/sobjects", list, json=body)
        except Refused as refused:
            for record in records if isinstance(refused.outcome, Stuck) else ():
                record.written(refused.outcome)
            raise
        if len(results) != len(records):
            raise Refused(Later(Reason.GARBLED))
        faults = [missed(result) for result in results]
        for record, fault in zip(records, faults, strict=True):
            record.written(fault)
        return [] if method == "POST" else [r for r, fault in zip(records, faults, strict=True) if not fault]

    def read_back(self, records: list[Record]) -> Delivery:
        """One query for each object that was written to."""
        for kind in sorted({record.kind for record in records}):
            wrote = {record.found or record.id: record for record in records if record.kind == kind}
            names = sorted({name for record in wrote.values() for name in record.values})
            ids = among("Id", "id", (("id", key) for key in wrote))
            query = f"SELECT Id, {', '.join(names)} FROM {kind} WHERE {ids}"  # noqa: S608
            shown = {str(row["Id"]): row for row in (yield from self.rows(query))}
            for key, record in wrote.items():
                record.read_back(shown.get(key, {}))
