"""An EHR's HL7 v2 interface: ADT^A31 (update person) over MLLP. HL7 v2.5.1, chapters 2 and 3."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from destinations.connectors.hl7.message import NULL, Letter, acknowledged, control_id, filled
from destinations.contract import (
    Answer,
    BackIn,
    By,
    Call,
    Checked,
    Connector,
    Delivery,
    Done,
    Field,
    Glyph,
    Grain,
    Held,
    Kind,
    Later,
    Outcome,
    Probe,
    Refused,
    Result,
    Setting,
    Settings,
    Steps,
    Stuck,
    Target,
    Wanted,
    ask,
)
from destinations.hl7v2 import Message
from destinations.targets import Move, Progress, Stood, move, strictest

PUBLICITY, PROTECTION = "PD1-11", "PD1-12"
CHANNELS = ("email", "sms", "phone", "mail")
# HL70215 as immunization registries fill it; CDC's words.
CODES = {
    "nothing": "01^NO REMINDER/RECALL",
    "no_calls": "03^REMINDER/RECALL - NO CALLS",
    "some": "O^OTHER",
    "anything": "02^REMINDER/RECALL - ANY METHOD",
}


class Hl7(Connector):
    """One message for each record number: how its person may be reached (PD1), and a Z segment, if wanted."""

    slug, name = "hl7", "HL7 v2 interface"
    glyph = Glyph.RECORD
    channels = frozenset(CHANNELS)
    addresses, batch_max, in_flight_max, calls_a_row = By.PERSON, 50, 1, 1
    grain, found_by, back_in = Grain.CHANNEL, ("mrn",), BackIn.OURS
    echo = "a report within ten minutes of Heed's own message"
    settings = {
        "base_url": Setting("Address", "mllps://host:port; mllp:// only where an operator named the host"),
        "authorities": Setting("Record numbers", "authority: assigning authority of the EHR", many=True),
        "sending_application": Setting("Sending application (MSH-3)", default="HEED"),
        "sending_facility": Setting("Sending facility (MSH-4)", required=False),
        "receiving_application": Setting("Receiving application (MSH-5)", required=False),
        "receiving_facility": Setting("Receiving facility (MSH-6)", required=False),
        "security": Setting("Security (MSH-8)", secret=True, required=False),
        "event": Setting("Event", "A31, or A08 where the EHR takes no A31", default="A31"),
        "processing": Setting("Processing ID (MSH-11)", "P, T or D", default="P"),
        "publicity": Setting(
            "Codes of PD1-11",
            f"{', '.join(CODES)}: a code with its words, `01^NO REMINDER/RECALL`",
            required=False,
            many=True,
            default={},
        ),
        "sole_writer": Setting(
            "Only Heed fills PD1-11 and PD1-12", "yes: then Heed takes back what it wrote", required=False
        ),
        "z_segment": Setting(
            "Z segment",
            "ZCP|{number}|{category}|{channel}|{answer}|{since}; empty: none is sent",
            required=False,
        ),
    }
    may_call = ("SEND ", "CONNECT ")
    rows = tuple({"target": f"{PUBLICITY}.{each}", "source": f"all_out:{each}"} for each in CHANNELS)
    targets = (
        Target(
            rf"PD1-11\.({'|'.join(CHANNELS)})",
            "PD1-11.phone",
            "a channel, out of which the publicity code is made",
            frozenset({Kind.ANSWER}),
        ),
        Target(
            PROTECTION,
            PROTECTION,
            "the protection indicator: Y where the person is out",
            frozenset({Kind.ANSWER}),
        ),
        Target(
            r"Z\.[a-z][a-z0-9_]{0,49}\.[a-z]*",
            "Z.appointment_reminders.sms",
            "a Z segment of the EHR's own, for a category and channel",
            frozenset({Kind.ANSWER, Kind.TEXT}),
        ),
    )

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # The same wish has the same MSH-10, and a message sets what it names: a repeat changes nothing.
        people = [_Person(wanted, settings) for wanted in batch]
        while people:
            try:
                yield (yield from people[0].told())
                del people[0]
            except Refused as refused:
                yield from (person.result(refused.outcome) for person in people)
                return

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        """The EHR knows the record number, and takes the message."""
        control = Message.parse(call.body or b"").value("MSH", 10)
        return Answer(200, f"MSH|^~\\&|||||||ACK|1|P|2.5.1\rMSA|AA|{control}\r".encode())

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        yield from ask(Call("CONNECT", ""))
        return [
            Checked(True, "The interface takes the connection. It tries a message with the first person.")
        ]


class _Person(Progress):
    """One person: what each place of the message must say, and what is known after it was taken."""

    def __init__(self, wanted: Wanted, settings: Settings) -> None:
        super().__init__(wanted)
        self.settings, self.now = settings, wanted.now
        self.codes = {**CODES, **settings.publicity}
        self.says: dict[str, str] = {}
        self.since: dict[str, datetime] = {}

    def told(self) -> Steps[Result]:
        numbers = sorted(
            (self.settings.authorities[each.namespace], each.value)
            for each in self.wanted.identifiers
            if each.kind == "mrn" and each.namespace in self.settings.authorities
        )
        before = dict(self.held)
        segments = [*self.pd1(), *self.z_segments()]
        if not segments or not numbers:
            self.held = before if segments else self.held
            return self.result(absent=bool(segments))
        outcomes = []
        for authority, number in numbers:
            outcomes.append((yield from self.send(authority, number, segments)))
        return self.ended(outcomes, before)

    def ended(self, outcomes: Sequence[Outcome], before: Mapping[str, Held]) -> Result:
        """Whoever has several record numbers is told when all of them are."""
        self.faults += [each for each in outcomes if isinstance(each, Later | Stuck)]
        absent = all(isinstance(each, Done) and each.absent for each in outcomes)
        if absent or all(isinstance(each, Stuck) for each in outcomes):
            self.held = dict(before)
        return self.result(absent=absent)

    def pd1(self) -> list[str]:
        """PD1, where there is something to say in it."""
        code = self.publicity()
        protection = self.place(PROTECTION, [PROTECTION], "Y", "N")
        if not code and not protection:
            return []
        dates = [self.since.get(each) for each in (PROTECTION, PUBLICITY)]
        since = [f"{each:%Y%m%d}" if each else "" for each in dates]
        since = [NULL if said == NULL else day for said, day in zip((protection, code), since, strict=True)]
        return [f"PD1|||||||||||{code}|{protection}|{since[0]}|||||{since[1]}"]

    def publicity(self) -> str:
        """One code for all channels: it says less than Heed knows, see the page."""
        targets = [f"{PUBLICITY}.{each}" for each in CHANNELS]
        fields = self.wanted.fields
        out = [each for each in targets if each in fields and fields[each].denies]
        if out == targets:
            no = self.codes["nothing"]
        else:
            no = self.codes["no_calls" if f"{PUBLICITY}.phone" in out else "some"]
        return self.place(PUBLICITY, targets, f"{no}^HL70215", f"{self.codes['anything']}^HL70215")

    def place(self, place: str, targets: Sequence[str], no: str, yes: str) -> str:
        """What a place must say; nothing where it is left alone. Notes what is known once it was taken."""
        fields = {each: self.wanted.fields[each] for each in targets if each in self.wanted.fields}
        field = strictest(fields.values())
        known = max((self.held[each] for each in targets if each in self.held), key=_wrote, default=None)
        step, learnt = move(field, known, Stood(True) if known and known.wrote else None, self.wanted)
        if step is Move.ASK:
            self.asks.add(place)
        if step not in {Move.DENY, Move.LIFT}:
            return ""
        sole = str(self.settings.sole_writer).strip().casefold() in {"yes", "true", "1"}
        for each in targets:
            denies = step is Move.DENY and each in fields and bool(fields[each].denies)
            self.learn(each, _held(learnt, fields[each], sole) if denies else None)
        if dated := [each.since for each in fields.values() if each.since]:
            self.since[place] = max(dated)
        if step is Move.DENY:
            return no
        return yes if field is not None else NULL

    def z_segments(self) -> list[str]:
        """Heed's own segments: nobody else fills them, so a yes is written as plainly as a no."""
        template = str(self.settings.z_segment or "")
        said = {each: field for each, field in self.wanted.fields.items() if field.denies is not None}
        ended = {each: Field(NULL, False) for each in self.held if each not in self.wanted.fields}
        own = {each: field for each, field in {**ended, **said}.items() if each.startswith("Z.")}
        for target, field in own.items() if template else ():
            held = Held(True, False, field.because, self.now.isoformat())
            self.learn(target, held if field.denies else None)
        lines = enumerate(sorted(own), 1) if template else ()
        return [filled(template, number, target, own[target]) for number, target in lines]

    def send(self, authority: str, number: str, segments: Sequence[str]) -> Steps[Outcome]:
        letter = Letter(self.settings, control_id(self.wanted, authority, number), self.now)
        body = letter.about(authority, number, segments)
        answer = yield from ask(Call("SEND", "", body=body, claims={self.wanted.id: self.held}))
        return acknowledged(answer, letter.control)


def _wrote(held: Held) -> bool:
    return held.wrote


def _held(learnt: Held | None, field: Field, sole: bool) -> Held | None:
    """Of what cannot be read nobody knows what stood there before, unless nobody else writes there."""
    known = learnt or Held()
    return Held(True, False if sole else known.before, field.because, known.at, known.seen, known.reported)
