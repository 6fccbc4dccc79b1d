"""Salesforce. https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from destinations.contract import (
    Answer,
    By,
    Call,
    Checked,
    Connector,
    Delivery,
    Field,
    Held,
    Identified,
    Kind,
    Later,
    Probe,
    Rate,
    Reason,
    Refused,
    Setting,
    Settings,
    Steps,
    Stuck,
    Target,
    Wanted,
    ask,
    by_status,
    read,
)
from destinations.targets import Move, Progress, Stood, move, strictest

# Per object: email fields, phone fields, and which of its records are people who can be written to.
OBJECTS = {
    "Contact": (("Email",), ("Phone", "MobilePhone", "HomePhone", "OtherPhone"), ()),
    "Lead": (("Email",), ("Phone", "MobilePhone"), ("IsConverted = false",)),
    "Account": (
        ("PersonEmail",),
        ("Phone", "PersonMobilePhone", "PersonHomePhone"),
        ("IsPersonAccount = true",),
    ),
}
OFFERED = {
    "marketing_emails": ("email",),
    "appointment_reminders": ("sms", "email", "phone"),
    "patient_surveys": ("email", "sms"),
    "care_follow_ups": ("email", "sms", "phone", "mail"),
    "phone_outreach": ("phone", "sms"),
}
# statusCode or errorCode; the words beside a code may quote the record, so nobody is told them.
PASSING = {
    "UNABLE_TO_LOCK_ROW": Reason.UNAVAILABLE,
    "SERVER_UNAVAILABLE": Reason.UNAVAILABLE,
    "REQUEST_LIMIT_EXCEEDED": Reason.THROTTLED,
    "ENTITY_IS_DELETED": Reason.PARTIAL,  # deleted or merged since it was found: look again
    "INVALID_QUERY_LOCATOR": Reason.PARTIAL,
}
MISCONFIGURED = {"INVALID_FIELD", "INVALID_TYPE", "MALFORMED_QUERY", "NOT_FOUND", "URI_TOO_LONG"}
URL_MAX, COLLECTION_MAX = 8_000, 200
AT_ONCE = 50  # people: part of a large batch must be done before time is up


class Salesforce(Connector):
    """A field for each category and channel on Contacts, Leads and person Accounts."""

    slug, name = "salesforce", "Salesforce"
    channels = frozenset({"email", "sms", "phone", "mail"})
    addresses, batch_max = By.PERSON, 200
    reads_back = shared_records = True
    # The least that an organisation has in 24 hours, its other systems included (API Request Limits).
    rate = Rate(100_000, 86_400)
    settings = {
        "base_url": Setting("My Domain URL", "https://<your domain>.my.salesforce.com"),
        "login_url": Setting("Sign-in URL", "Empty: My Domain, where this sign-in must go", required=False),
        "client_id": Setting("Consumer key"),
        "client_secret": Setting("Consumer secret", secret=True),
        "api_version": Setting("API version", default="v62.0"),
        "mrn_field": Setting("Field that holds the record number", default="MRN__c"),
        "mrn_authority": Setting("Authority of those numbers", "Empty: any", required=False),
        "objects": Setting("Objects", default="Contact, Lead, Account"),
    }
    may_call = (
        "POST /services/oauth2/token",
        "GET /services/data/*/query",
        "GET /services/data/*/query/*",
        "PATCH /services/data/*/composite/sobjects",
        "GET /services/data/*/sobjects/*/describe",
        "GET /services/data/*/limits",
    )
    rows = (
        *(
            {"target": f"{each.title()}_{channel.title()}_Opt_Out__c", "source": f"answer:{each}:{channel}"}
            for each, channels in OFFERED.items()
            for channel in channels
        ),
        {"target": "HasOptedOutOfEmail", "source": "all_out:email"},
        {"target": "DoNotCall", "source": "all_out:phone"},
    )
    targets = (
        Target(
            r"[A-Za-z](_?[A-Za-z0-9])*__c",
            "Preferred_Language__c",
            "a field of your own, by its API name on Contacts and Leads",
            frozenset({Kind.ANSWER, Kind.YES_NO, Kind.TEXT, Kind.NUMBER}),
            facts=True,
        ),
        Target(
            "HasOptedOutOfEmail|DoNotCall|HasOptedOutOfFax",
            "HasOptedOutOfEmail",
            "a checkbox of Salesforce's own, ticked where the person is out",
            frozenset({Kind.ANSWER}),
        ),
    )

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # An update sets checkboxes of records that exist: a repeat changes nothing, and nobody is created.
        refused: Refused | None = None
        for start in range(0, len(batch), AT_ONCE):
            refused = yield from _Round(batch[start : start + AT_ONCE], settings).through(refused)

    def reserved(self, settings: Settings) -> frozenset[str]:
        return frozenset({settings.mrn_field})

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        """One Contact is theirs, in which nobody has filled in anything else."""
        if call.form:
            return Answer(200, json.dumps({"access_token": "rehearsal"}).encode())
        if call.method == "PATCH":
            return Answer(200, json.dumps([{"success": True} for _ in call.json["records"]]).encode())
        found_by = {"mrn": settings.mrn_field, "email": "Email", "phone": "Phone"}
        keys = _Person(wanted, settings.mrn_authority).keys
        theirs = {found_by[way]: spelling for (way, _), (spelling, _) in keys.items() if way in found_by}
        is_contact = " FROM Contact " in dict(call.params).get("q", "")
        records = [{"Id": "their-record", **theirs}] if is_contact else []
        return Answer(200, json.dumps({"records": records}).encode())

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        org = _Org(settings, now)
        limits = yield from org.ask("GET", f"{org.data}/limits", dict)
        left = limits.get("DailyApiRequests", {})
        words = f"The sign-in works. {left.get('Remaining')} of {left.get('Max')} calls are left today."
        found = [Checked(True, words)]
        for kind in org.kinds():
            described = yield from org.ask("GET", f"{org.data}/sobjects/{kind}/describe", dict)
            there = {str(each.get("name")): each for each in described.get("fields", ())}
            found += _missing(kind, [settings.mrn_field, *targets], there)
        return found


def _missing(kind: str, targets: Sequence[str], there: Mapping[str, Mapping[str, Any]]) -> Iterator[Checked]:
    """Fields that an object lacks, or that this sign-in may not write."""
    names = {named(kind, target): target for target in targets}
    lacks = [name for name in names if name not in there]
    if lacks:
        words = f"{kind} has no field {', '.join(lacks)}."
        yield Checked(False, words, "Make them there, or let this sign-in see them (field-level security).")
    closed = [name for name in list(names)[1:] if not there.get(name, {}).get("updateable", True)]
    if closed:
        yield Checked(False, f"{kind}: {', '.join(closed)} can't be written.", "Let this sign-in edit them.")
    if not lacks and not closed:
        yield Checked(True, f"{kind} has every field that is told.")


class _Person(Progress):
    """One person, how they are found, and their records that are still to be written."""

    def __init__(self, wanted: Wanted, authority: str) -> None:
        super().__init__(wanted)
        self.known_there = False
        self.left: set[str] = set()
        self.keys = {
            (each.kind, spelling.casefold()): (spelling, each.value)
            for each in wanted.identifiers
            if each.kind != "mrn" or authority in {"", each.namespace}
            for spelling in spellings(each)
        }

    def targets(self) -> set[str]:
        asked = self.wanted.fields, *self.wanted.fields_at.values()
        return {target for fields in asked for target in fields} | {
            key.partition(".")[2] for key in self.held
        }

    def owns(self, way: str, value: Any) -> Iterator[Mapping[str, Field]]:
        """What a record must hold in which this number or address stands, if it is theirs."""
        denials = {name: field for name, field in self.wanted.fields.items() if field.denies}
        if found := self.keys.get((way, str(value).casefold())):
            yield self.wanted.fields if way == "mrn" else self.wanted.fields_at.get(found[1], denials)


class _Record:
    """One record, whose it is, and what is to be written there."""

    def __init__(self, kind: str, id: str, owners: list[tuple[_Person, Mapping[str, Field]]]) -> None:
        self.kind, self.id, self.owners = kind, id, owners
        self.values: dict[str, Any] = {}
        self.learnt: list[tuple[_Person, str, Held | None, Held | None]] = []  # known before, known after

    def decide(self, target: str, row: Mapping[str, Any], now: datetime) -> None:
        """What one field must say: the strictest answer of all whose record this is."""
        key, name = f"{self.id}.{target}", named(self.kind, target)
        asked = strictest(fields.get(target) for _, fields in self.owners)
        if asked and asked.fact:
            self.state(name, [fields.get(target) for _, fields in self.owners], row)
            return
        over = next((held.otherwise for person, _ in self.owners if (held := person.held.get(key))), False)
        stood = Stood(denies(row.get(name), asked, over), changed=moment(row.get("LastModifiedDate")))
        moves = {person: move(asked, person.held.get(key), stood, person.wanted) for person, _ in self.owners}
        steps = {step for step, _ in moves.values()}
        lifted = Move.LIFT in steps  # Heed's own denial, as one of them knows, or older than the opt-in
        if lifted or (Move.DENY in steps and not stood.denied):
            self.values[name] = asked.value if asked else over
        elif asked and asked.denies is False and row.get(name) is None and asked.value is not False:
            self.values[name] = asked.value  # a yes in words, where the field says nothing yet
        for person, (step, known) in moves.items():
            before, after = person.held.get(key), None if lifted else known
            if step is Move.ASK and not lifted:
                person.asks.add(target)
            if name in self.values:
                self.learnt.append((person, key, before, after))
            else:
                person.learn(key, after)

    def state(self, name: str, said: Sequence[Field | None], row: Mapping[str, Any]) -> None:
        """A plain fact, where all whose record this is have it in common."""
        values = [field.value for field in said if field]
        if len(values) == len(said) and all(each == values[0] for each in values):
            self.values |= {name: values[0]} if row.get(name) != values[0] else {}

    def sent(self) -> dict[str, Any]:
        """The record as it is sent; denials are noted before the call, for its answer may be lost."""
        for person, key, _, after in self.learnt:
            if after:
                person.learn(key, after)
        return {"attributes": {"type": self.kind}, "id": self.id, **self.values}

    def written(self, fault: Later | Stuck | None) -> None:
        for person, key, before, after in self.learnt:
            person.learn(key, before if fault else after)
        for person, _ in self.owners:
            person.left.discard(self.id)
            person.written.add(self.id)
            person.faults += [fault] if fault else []

    def read_back(self, row: Mapping[str, Any]) -> None:
        stands = all(row.get(name) == value for name, value in self.values.items())
        for person, _ in self.owners:
            person.read_back(self.id, stands)


class _Org:
    """The organisation behind an address, within a session."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings, self.now = settings, now
        self.waiting: list[_Person] = []
        self.data = f"/services/data/{settings.api_version}"

    def kinds(self) -> list[str]:
        kinds = [name.strip() for name in self.settings.objects.split(",")]
        if set(kinds) - set(OBJECTS):
            raise Refused(Stuck(Reason.REJECTED_CONFIG, f"objects may be {', '.join(OBJECTS)}"))
        return kinds

    def ask(self, method: str, path: str, shape: type[Any], **more: Any) -> Steps[Any]:
        """What a call brings, within a session; one that has ended meanwhile is renewed once."""
        memory, answer = self.settings.memory, Answer(401)
        for _ in range(2):
            session = memory.get("session") or (yield from self.sign_in())
            headers = {"Authorization": f"Bearer {session}"}
            claims = {person.wanted.id: person.held for person in self.waiting}
            answer = yield from ask(Call(method, path, headers=headers, claims=claims, **more))
            if answer.status != 401:
                break
            if memory.get("session") == session:  # else another delivery has renewed it
                del memory["session"]
        if not answer.ok:
            raise Refused(refusal(answer, self.now))
        return read(answer, shape, self.now)

    def sign_in(self) -> Steps[str]:
        form = {"grant_type": "client_credentials", "client_id": self.settings.client_id}
        form["client_secret"] = self.settings.client_secret
        answer = yield from ask(
            Call("POST", "/services/oauth2/token", form=form, base=self.settings.login_url)
        )
        if answer.status in {400, 401, 403}:
            raise Refused(Stuck(Reason.REJECTED_AUTH, code_of(answer.json())))
        session = read(answer, dict, self.now).get("access_token")
        if not isinstance(session, str):
            raise Refused(Later(Reason.GARBLED))
        self.settings.memory["session"] = session
        return session


class _Round(_Org):
    """A part of a batch: find every record of everybody, decide field by field, write what moves."""

    def __init__(self, batch: Sequence[Wanted], settings: Settings) -> None:
        super().__init__(settings, batch[0].now)
        self.waiting = [_Person(wanted, settings.mrn_authority) for wanted in batch]
        self.targets = sorted({target for person in self.waiting for target in person.targets()})
        self.records: dict[str, _Record] = {}

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

    def queries(self, kind: str, people: list[_Person]) -> list[str]:
        """One query for all these people, or one for each half of them where the URL would be too long."""
        soql = self.query(kind, people)
        if len(quote(soql)) <= URL_MAX or len(people) == 1:
            return [soql] if soql else []
        half = len(people) // 2
        return self.queries(kind, people[:half]) + self.queries(kind, people[half:])

    def query(self, kind: str, people: list[_Person]) -> str:
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
        record = self.records.setdefault(row["Id"], _Record(kind, row["Id"], owners))
        if record.owners is not owners:
            return  # found by another query already
        for target in self.targets:
            record.decide(target, row, self.now)
        for person, _ in owners:
            person.known_there = True
            person.left.update([record.id] if record.values else [])

    def write(self, records: list[_Record]) -> Steps[list[_Record]]:
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

    def read_back(self, records: list[_Record]) -> Delivery:
        """One query for each object that was written to."""
        for kind in sorted({record.kind for record in records}):
            wrote = {record.id: record for record in records if record.kind == kind}
            names = sorted({name for record in wrote.values() for name in record.values})
            ids = among("Id", "id", (("id", key) for key in wrote))
            query = f"SELECT Id, {', '.join(names)} FROM {kind} WHERE {ids}"  # noqa: S608
            shown = {str(row["Id"]): row for row in (yield from self.rows(query))}
            for key, record in wrote.items():
                record.read_back(shown.get(key, {}))


def named(kind: str, target: str) -> str:
    """A field of Contact as a person Account spells it."""
    if kind != "Account":
        return target
    return f"{target[:-3]}__pc" if target.endswith("__c") else f"Person{target}"


def spellings(identified: Identified) -> list[str]:
    """A US phone as Salesforce's own pages write it, and as people do."""
    us = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", identified.value) if identified.kind == "phone" else None
    if not us:
        return [identified.value]
    area, exchange, line = us.groups()
    spaced = f"({area}) {exchange}-{line}", f"{area}-{exchange}-{line}"
    return [identified.value, f"{area}{exchange}{line}", *spaced]


def among(field: str, way: str, keys: Iterable[tuple[str, str]]) -> str:
    """`Email IN ('ana@example.org')`, with quotes and backslashes escaped; nothing for nobody."""
    values = sorted(re.sub(r"(['\\])", r"\\\1", value) for each, value in keys if each == way)
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{field} IN ({listed})" if values else ""


def any_of(*conditions: str) -> str:
    joined = " OR ".join(filter(None, conditions))
    return f"({joined})" if joined else ""


def denies(current: Any, asked: Field | None, over: Any) -> bool:
    """Does a field say no? By what the mapper would write; else anything but what ends Heed's own denial."""
    if asked is None or asked.denies is None:
        return current not in (None, over)
    return bool(current == asked.value) if asked.denies else current not in (None, asked.value)


def moment(said: Any) -> datetime | None:
    try:
        return datetime.strptime(str(said), "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        return None


def rows_of(page: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = page.get("records")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("Id") for row in rows):
        raise Refused(Later(Reason.GARBLED))
    return rows


def code_of(body: Any) -> str:
    """The code of the first error, and only if it looks like one."""
    first = body[0] if isinstance(body, list) and body else body
    codes = first if isinstance(first, dict) else {}
    said = codes.get("errorCode") or codes.get("statusCode") or codes.get("error")
    return str(said) if re.fullmatch(r"[A-Za-z_]{1,60}", str(said)) else "no code"


def missed(result: Any) -> Later | Stuck | None:
    """How one record of a collection fared: the answer as a whole says 200 either way."""
    if not isinstance(result, dict) or result.get("success") is True:
        return None if isinstance(result, dict) else Later(Reason.GARBLED)
    code = code_of(result.get("errors"))
    return Later(PASSING[code], detail=code) if code in PASSING else Stuck(Reason.REJECTED_DATA, code)


def refusal(answer: Answer, now: datetime) -> Later | Stuck:
    """What an answer means that refuses the call as a whole."""
    code = code_of(answer.json())
    if code in PASSING:
        return Later(PASSING[code], answer.retry_after(now), code)
    if code in MISCONFIGURED:
        return Stuck(Reason.REJECTED_CONFIG, code)
    return by_status(answer, now)
