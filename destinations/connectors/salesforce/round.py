"""A part of a batch: everybody is found, then their records are written."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from destinations.connectors.salesforce.answers import missed, rows_of
from destinations.connectors.salesforce.org import Org
from destinations.connectors.salesforce.records import Person, Record
from destinations.connectors.salesforce.soql import OBJECTS, among, any_of, named
from destinations.contract import Delivery, Later, Reason, Refused, Settings, Steps, Stuck, Wanted

URL_MAX, COLLECTION_MAX = 8_000, 200


class Round(Org):
    """A part of a batch: find every record of everybody, decide field by field, write what moves."""

    def __init__(self, batch: Sequence[Wanted], settings: Settings) -> None:
        super().__init__(settings, batch[0].now)
        self.waiting = [Person(wanted, settings.mrn_authority) for wanted in batch]
        self.targets = sorted({target for person in self.waiting for target in person.targets()})
        self.records: dict[str, Record] = {}

    def through(self, refused: Refused | None) -> Steps[Refused | None]:
        try:
            if refused:
                raise refused
            if self.targets:
                yield from self.find()
            yield from self.passed()
            changed = [record for record in self.records.values() if record.values]
            for start in range(0, len(changed), COLLECTION_MAX):
                wrote = yield from self.write(changed[start : start + COLLECTION_MAX])
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

    def write(self, records: list[Record]) -> Steps[list[Record]]:
        """Returns those that were kept."""
        body = {"allOrNone": False, "records": [record.sent() for record in records]}
        try:
            results = yield from self.ask("PATCH", f"{self.data}/composite/sobjects", list, json=body)
        except Refused as refused:
            for record in records if isinstance(refused.outcome, Stuck) else ():
                record.written(refused.outcome)
            raise
        if len(results) != len(records):
            raise Refused(Later(Reason.GARBLED))
        faults = [missed(result) for result in results]
        for record, fault in zip(records, faults, strict=True):
            record.written(fault)
        return [record for record, fault in zip(records, faults, strict=True) if not fault]

    def read_back(self, records: list[Record]) -> Delivery:
        """One query for each object that was written to."""
        for kind in sorted({record.kind for record in records}):
            wrote = {record.id: record for record in records if record.kind == kind}
            names = sorted({name for record in wrote.values() for name in record.values})
            ids = among("Id", "id", (("id", key) for key in wrote))
            query = f"SELECT Id, {', '.join(names)} FROM {kind} WHERE {ids}"  # noqa: S608
            shown = {str(row["Id"]): row for row in (yield from self.rows(query))}
            for key, record in wrote.items():
                record.read_back(shown.get(key, {}))
