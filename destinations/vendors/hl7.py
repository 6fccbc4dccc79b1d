"""An EHR's own HL7 v2 messages: ADT, by MLLP (`manage.py listen_hl7`). HL7 v2, chapters 2 and 3."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from destinations.contract import Glyph, Setting, Settings
from destinations.hl7v2 import Message, NotHl7, moment_of, part
from destinations.vendors.contract import (
    Heard,
    Incoming,
    Item,
    Meaning,
    NotAuthentic,
    Unreadable,
    Vendor,
    Who,
)
from destinations.vendors.words import word

PERSON = {"A08", "A28", "A31"}  # added, or changed
MERGES = {"A40"}
ZONE = "America/New_York"
NUMBER_TYPES = {"MR", "PI", "PT", ""}
# HL70215: who is to be left alone by which channel. A code that allows is no yes: it is restated for years.
REFUSES: Mapping[str, Sequence[str]] = {
    "01": ("email", "sms", "phone", "mail"),
    "03": ("phone",),
    "05": ("phone",),
    "07": ("phone",),
}


class Hl7Messages(Vendor):
    """Deaths, new addresses, merges and publicity codes."""

    slug, name, connector = "hl7", "HL7 v2 messages", "hl7"
    glyph = Glyph.RECORD
    settings = {
        "authorities": Setting("Record numbers", "authority: assigning authority of the EHR", many=True),
        "time_zone": Setting("Time zone of the EHR", "Where its times say none", default=ZONE),
    }

    def check(self, call: Incoming, settings: Settings, now: datetime) -> None:
        raise NotAuthentic("HL7 messages come in by MLLP only: manage.py listen_hl7")

    def split(self, call: Incoming) -> Sequence[Item]:
        message = _parsed(call.body)
        control = message.value("MSH", 10)
        if not control:
            raise Unreadable("a message without MSH-10 cannot be told from its repeat")
        # With its date: an interface whose numbers begin anew says something else under an old one.
        sender = [message.value("MSH", 3), message.value("MSH", 4), message.value("MSH", 7)]
        return [Item("|".join([*sender, control]), call.body)]

    def read(self, content: bytes, settings: Settings) -> Sequence[Heard]:
        message = _parsed(content)
        kind, event = message.value("MSH", 9), message.value("MSH", 9, 2) or message.value("EVN", 1)
        said = f"{word(kind)}^{word(event)}"
        if kind != "ADT":
            return [Heard(Meaning.UNKNOWN, said)]
        if event not in PERSON | MERGES:
            return [Heard(Meaning.NOTHING, said)]
        adt = _Adt(message, settings, said)
        return list(adt.merged() if event in MERGES else adt.person()) or [Heard(Meaning.NOTHING, said)]


class _Adt:
    """One message about one person."""

    def __init__(self, message: Message, settings: Settings, word: str) -> None:
        self.message, self.settings, self.word = message, settings, word
        authorities = getattr(settings, "authorities", {})
        self.ours = {str(theirs): ours for ours, theirs in authorities.items()}
        self.zone = ZoneInfo(str(getattr(settings, "time_zone", "") or ZONE))
        self.who = tuple(self.numbers("PID", 3))
        if not self.who:
            raise Unreadable("no record number of an authority that is named in the settings")

    def person(self) -> Iterator[Heard]:
        if self.message.value("PID", 30).upper() == "Y":
            yield self.heard(Meaning.DECEASED, f"{self.word} PID-30", self.moment("PID", 29))
        for new in self.addresses():
            yield Heard(Meaning.MOVED, f"{self.word} PID-13", self.who, self.moment("EVN", 2), new=new)
        code = self.message.value("PD1", 11)
        for channel in REFUSES.get(code, ()):
            since = self.moment("PD1", 18) or self.moment("EVN", 2) or self.moment("MSH", 7)
            yield self.refusal(code, channel, since)

    def merged(self) -> Iterator[Heard]:
        """Staff merge: what the EHR takes for one person may be two here."""
        yield Heard(Meaning.MERGED, self.word, (*self.who, *self.numbers("MRG", 1)), self.moment("EVN", 2))

    def heard(self, meaning: Meaning, event: str, occurred: datetime | None) -> Heard:
        return Heard(meaning, event, self.who, occurred or self.moment("EVN", 2))

    def refusal(self, code: str, channel: str, since: datetime | None) -> Heard:
        """By the mapper of the system that Heed tells there; where there is none, the whole channel."""
        is_told = bool(getattr(self.settings, "base_url", ""))
        choices = () if is_told else (("*", channel, False),)
        event, target = f"{self.word} PD1-11 {code}", f"PD1-11.{channel}"
        return Heard(Meaning.OPT_OUT, event, self.who, since, target if is_told else "", choices)

    def numbers(self, segment: str, at: int) -> Iterator[Who]:
        for found in self.message.every(segment):
            for each in self.message.repetitions(found, at):
                authority = self.ours.get(part(each, 4).partition("&")[0])
                if authority and part(each, 1) and part(each, 5) in NUMBER_TYPES:
                    yield Who("mrn", part(each, 1), authority)

    def addresses(self) -> Iterator[Who]:
        """The first phone and the first email: what came before them is a former one."""
        found: dict[str, str] = {}
        for segment in self.message.every("PID"):
            for each in [one for at in (13, 14) for one in self.message.repetitions(segment, at)]:
                email = part(each, 4) if "@" in part(each, 4) else ""
                if email or "@" in part(each, 1):
                    found.setdefault("email", email or part(each, 1))
                elif part(each, 3) in {"PH", "CP", ""}:
                    number = part(each, 12) or part(each, 1) or part(each, 6) + part(each, 7)
                    found.setdefault("phone", number)
        return (Who(kind, value) for kind, value in found.items() if value.strip('"'))

    def moment(self, segment: str, at: int) -> datetime | None:
        """A day without a time ends where the EHR is: an opt-out then counts from no earlier."""
        said = moment_of(self.message.value(segment, at), self.zone)
        if isinstance(said, date) and not isinstance(said, datetime):
            return datetime.combine(said, time.max, self.zone)
        return said


def _parsed(content: bytes) -> Message:
    try:
        return Message.parse(content)
    except NotHl7 as fault:
        raise Unreadable(str(fault)) from None
