"""How HL7 v2 writes a message: segments, fields, repetitions, components, escapes (chapter 2). Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

SEPARATORS = "|^~\\&"  # field, component, repetition, escape, subcomponent: the ones that are recommended
ESCAPES = {
    "\\": "\\E\\",
    "|": "\\F\\",
    "^": "\\S\\",
    "&": "\\T\\",
    "~": "\\R\\",
    "\r": "\\X0D\\",
    "\n": "\\X0A\\",
}
MOMENT = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:\.\d+)?([+-]\d{4})?")


class NotHl7(ValueError):
    """This is no HL7 v2 message."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message taken apart at its own separators; fields are counted as HL7 counts them, MSH-1 included."""

    segments: Sequence[Sequence[str]]
    separators: str

    @classmethod
    def parse(cls, content: bytes) -> "Message":
        """Raises NotHl7."""
        text = content.decode("utf-8", "replace").strip("\r\n ")
        if not re.match(r"MSH[^\w\s][^\w\s]{3,5}", text):
            raise NotHl7("it does not begin with MSH and its separators")
        field = text[3]
        lines = [line.split(field) for line in re.split(r"[\r\n]+", text)]
        lines[0].insert(1, field)
        return cls(lines, field + lines[0][2].ljust(4)[:4])

    def every(self, name: str) -> Iterator[Sequence[str]]:
        return (each for each in self.segments if each[0] == name)

    def value(self, name: str, at: int, component: int = 1) -> str:
        """The first repetition of a field of the first such segment; nothing where it is not."""
        found = next(self.every(name), ())
        repeated = self.repetitions(found, at)
        return part(repeated[0], component) if repeated else ""

    def repetitions(self, segment: Sequence[str], at: int) -> list[list[str]]:
        """Each repetition of a field, in its components, unescaped."""
        _, component, repetition, escape, _ = tuple(self.separators)
        field = segment[at] if len(segment) > at else ""
        return [
            [self.unescaped(each, escape) for each in one.split(component)]
            for one in field.split(repetition)
            if one
        ]

    def unescaped(self, text: str, escape: str) -> str:
        field, component, repetition, _, sub = tuple(self.separators)
        plain = {"F": field, "S": component, "R": repetition, "E": escape, "T": sub}
        mark = re.escape(escape)
        return re.sub(f"{mark}([FSRET]){mark}", lambda found: plain[found[1]], text)


def part(components: Sequence[str], number: int) -> str:
    """One component, counted from 1; nothing where it is not. HL7's `""` is kept as it is."""
    return components[number - 1].strip() if len(components) >= number else ""


def escaped(text: str) -> str:
    """A text that may stand in any field of a message of ours."""
    return "".join(ESCAPES.get(each, each) for each in text)


def written(moment: datetime) -> str:
    """A moment as HL7 writes it: `20261126141200+0000`."""
    return f"{moment.astimezone(UTC):%Y%m%d%H%M%S%z}"


def moment_of(text: str, zone: tzinfo | None = None) -> datetime | date | None:
    """A moment, or a day where that is all that is said; None where it cannot be read.

    Without an offset it is the sender's own time: `zone`.
    """
    found = MOMENT.fullmatch(text.strip())
    if not found or not found[3]:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
        if not found[4]:
            return day
        hour, minute, second = (int(each or 0) for each in found.groups()[3:6])
        there = timezone(_offset(found[7])) if found[7] else zone
        return datetime.combine(day, time(hour, minute, second), there) if there else None
    except ValueError:
        return None


def _offset(text: str) -> timedelta:
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[3:]))
