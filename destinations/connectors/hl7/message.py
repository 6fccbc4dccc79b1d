"""The messages of the interface, ours and its acknowledgments."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from destinations.contract import (
    Answer,
    Done,
    Field,
    Later,
    Outcome,
    Reason,
    Refused,
    Settings,
    Stuck,
    Wanted,
)
from destinations.hl7v2 import SEPARATORS, Message, NotHl7, escaped, written

NULL = '""'  # what stands there is to be deleted
NOT_KNOWN = {"204"}  # HL70357: unknown key identifier
BAD_DATA = {"101", "102", "103", "205"}
LOCKED, INTERNAL = "206", "207"  # somebody has the record open; the application itself has failed


def control_id(wanted: Wanted, authority: str, number: str) -> str:
    """MSH-10, 20 characters: the same for the same wish, so that a repeat is known for one."""
    name = f"{wanted.id}.{wanted.counter}.{wanted.digest}.{authority}.{number}"
    return hashlib.sha256(name.encode()).hexdigest()[:20].upper()


def filled(template: str, number: int, target: str, field: Field) -> str:
    """One Z segment; the answer as the mapper words it, else Y where messages may go and N where not."""
    _, category, channel = target.split(".")
    answer = ("N" if field.denies else "Y") if isinstance(field.value, bool) else str(field.value)
    values: dict[str, object] = {
        "number": number,
        "category": category,
        "channel": channel,
        "answer": answer if answer == NULL else escaped(answer),
        "since": written(field.since) if field.since else "",
    }
    for name, value in values.items():
        template = template.replace("{" + name + "}", str(value))
    return template


@dataclass(frozen=True, slots=True)
class Letter:
    """ADT_A05 of HL7 2.5.1: what it requires and no more. No name is sent, which leaves theirs as it is."""

    settings: Settings
    control: str
    now: datetime

    def about(self, authority: str, number: str, segments: Sequence[str]) -> bytes:
        """The message about one record number: PD1 stands before PV1, Z segments at the end."""
        first = [each for each in segments if each.startswith("PD1")]
        last = [each for each in segments if not each.startswith("PD1")]
        identity = f"PID|1||{escaped(number)}^^^{escaped(authority)}^MR||^^^^^^U"
        lines = [self.header(), f"EVN||{written(self.now)}", identity, *first, "PV1|1|N", *last]
        return ("\r".join(lines) + "\r").encode()

    def header(self) -> str:
        given = self.settings
        fields = [
            given.sending_application,
            given.sending_facility,
            given.receiving_application,
            given.receiving_facility,
        ]
        parties = "|".join(escaped(str(each or "")) for each in fields)
        secret = escaped(str(getattr(given, "security", "") or ""))
        kind = f"ADT^{given.event}^{'ADT_A05' if given.event == 'A31' else 'ADT_A01'}"
        begun = f"MSH{SEPARATORS}|{parties}|{written(self.now)}|{secret}|{kind}|{self.control}"
        return f"{begun}|{given.processing}|2.5.1||||||UNICODE UTF-8"


def acknowledged(answer: Answer, control: str) -> Outcome:
    """What an acknowledgment says. Raises Refused where it is none of this message, or about all messages."""
    try:
        ack = Message.parse(answer.body)
    except NotHl7:
        raise Refused(Later(Reason.GARBLED, detail="the answer is no HL7 message")) from None
    if ack.value("MSA", 2) != control:
        raise Refused(Later(Reason.GARBLED, detail="the acknowledgment is of another message"))
    said = ack.value("MSA", 1)
    error = ack.value("ERR", 3)
    error = error if error.isdigit() else ""
    words = f"{said} {error}".strip()
    if said not in {"AA", "CA", "AE", "CE", "AR", "CR"}:
        raise Refused(Later(Reason.GARBLED, detail="the acknowledgment has no code"))
    if said in {"AA", "CA"}:
        return Done()
    if error == INTERNAL:
        raise Refused(Later(Reason.UNAVAILABLE, detail=words))
    if said in {"AR", "CR"}:
        raise Refused(Stuck(Reason.REJECTED_CONFIG, words))
    return _of_one_message(error, words)


def _of_one_message(error: str, words: str) -> Outcome:
    if error in NOT_KNOWN:
        return Done(absent=True)
    if error in BAD_DATA:
        return Stuck(Reason.REJECTED_DATA, words)
    if error == LOCKED:
        return Later(Reason.UNAVAILABLE, detail=words)
    return Later(Reason.PARTIAL, detail=words)  # tried a few times, then staff look
