"""What a row may do with a value on its way: a closed list of small, pure operations, each linear.

A step's parameters are declared as data: the form, the checks and docs/mappers.md follow from them. What is
not known (None) passes every step but `default`.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from destinations.contract import Kind

TEXT_MAX = 255  # characters of one text that staff type in
RESULT_MAX = 4_000  # characters of a text that steps make
ENTRIES_MAX = 100  # of one list or table

Given = Mapping[str, Any]


class Form(Enum):
    """What staff fill in for one parameter."""

    TEXT = "a text"
    NUMBER = "a number"
    ONE_OF = "one of several"
    LINES = "a list"  # one entry a line
    TABLE = "a table"  # `from = to` a line: pairs, in the order in which they were written
    SOURCE = "an answer"  # an answer of the catalogue of sources


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a step must be told. `choices`: what may stand there, in words."""

    label: str
    form: Form = Form.TEXT
    default: Any = ""
    required: bool = True
    choices: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: what it is called, what it takes and gives, what it must be told, and what it does."""

    words: str
    help: str
    takes: frozenset[Kind]
    gives: Kind
    run: Callable[[Any, Given], Any]
    parameters: Mapping[str, Parameter]

    def __call__(self, value: Any, given: Given) -> Any:
        return None if value is None else self.run(value, given)


def _step(
    words: str, help: str, kinds: str, run: Callable[[Any, Given], Any], **parameters: Parameter
) -> Step:
    """`kinds`: `text -> number`."""
    takes, gives = (Kind(each) for each in kinds.split(" -> "))
    both = {Kind.YES_NO, Kind.ANSWER} if takes is Kind.YES_NO else {takes}
    return Step(words, help, frozenset(both), gives, run, parameters)


def _mapped(value: str, given: Given) -> str:
    return next((str(after) for before, after in given["table"] if before == value), str(given["otherwise"]))


def _hashed(value: str, given: Given) -> str:
    return hashlib.sha256(unicodedata.normalize("NFC", value.strip().lower()).encode()).hexdigest()


DATES: Mapping[str, tuple[str, Callable[[datetime], str]]] = {
    "date": ("2026-03-09", lambda moment: f"{moment:%Y-%m-%d}"),
    "instant": (
        "2026-03-09T14:30:00Z",
        lambda moment: f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    ),
    "us": ("03/09/2026", lambda moment: f"{moment:%m/%d/%Y}"),
}
UNITS = {"seconds": 1, "milliseconds": 1000}


def _written(value: datetime, given: Given) -> str:
    return DATES[given["form"]][1](value)


def _counted(value: datetime, given: Given) -> int:
    return int(value.timestamp()) * UNITS[given["unit"]]


def _is_one_of(value: str, given: Given) -> bool:
    return value.strip().casefold() in {each.strip().casefold() for each in given["list"]}


def _contains(value: list[str], given: Given) -> bool:
    wanted = given["value"].strip().casefold()
    return any(each.strip().casefold() == wanted for each in value)


SEPARATORS = {",": "comma", ", ": "comma and space", ";": "semicolon", "|": "bar", " ": "space"}

STEPS: Mapping[str, Step] = {
    "not": _step(
        "Turn around",
        "Yes becomes no, and no becomes yes.",
        "yes_no -> yes_no",
        lambda value, given: not value,
    ),
    "words": _step(
        "Say it in words",
        "Two words of the system's own in place of yes and no.",
        "yes_no -> text",
        lambda value, given: given["yes"] if value else given["no"],
        yes=Parameter("For yes", default="Yes"),
        no=Parameter("For no", default="No"),
    ),
    "numbers": _step(
        "Say it in numbers",
        "Two numbers in place of yes and no.",
        "yes_no -> number",
        lambda value, given: given["yes"] if value else given["no"],
        yes=Parameter("For yes", Form.NUMBER, 1),
        no=Parameter("For no", Form.NUMBER, 0),
    ),
    "map": _step(
        "Translate",
        "One text becomes another, by a table. What the table does not hold becomes the last.",
        "text -> text",
        _mapped,
        table=Parameter("Table", Form.TABLE),
        otherwise=Parameter("Anything else becomes"),
    ),
    "lower": _step(
        "In small letters", "ABC becomes abc.", "text -> text", lambda value, given: value.lower()
    ),
    "upper": _step("In capitals", "abc becomes ABC.", "text -> text", lambda value, given: value.upper()),
    "trim": _step(
        "Without space around",
        "Space before and after goes.",
        "text -> text",
        lambda value, given: value.strip(),
    ),
    "hash": _step(
        "Hash",
        "SHA-256 of the text in small letters, without space around. It still tells who somebody is to "
        "anyone who has their address.",
        "text -> text",
        _hashed,
    ),
    "default": _step(
        "If nothing is known",
        "What to say where Heed knows nothing. It can't stand on an answer: where nobody was asked, "
        "nothing is sent.",
        "text -> text",
        lambda value, given: value,
        value=Parameter("Say"),
    ),
    "date": _step(
        "Write the date",
        "As a text.",
        "date -> text",
        _written,
        form=Parameter("As", Form.ONE_OF, "date", choices={name: each[0] for name, each in DATES.items()}),
    ),
    "epoch": _step(
        "Count the time",
        "Since January 1, 1970, UTC.",
        "date -> number",
        _counted,
        unit=Parameter("In", Form.ONE_OF, "seconds", choices={each: each for each in UNITS}),
    ),
    "one_of": _step(
        "Is it one of these?",
        "Yes where the text is on the list; capitals and space around make no difference.",
        "text -> yes_no",
        _is_one_of,
        list=Parameter("List", Form.LINES),
    ),
    "contains": _step(
        "Does the list hold this?",
        "Yes where it does; capitals make no difference.",
        "list -> yes_no",
        _contains,
        value=Parameter("What"),
    ),
    "first": _step(
        "Take the first", "Of a list in alphabetical order.", "list -> text", lambda value, given: value[0]
    ),
    "join": _step(
        "Join",
        "A list in one text.",
        "list -> text",
        lambda value, given: given["with"].join(value)[:RESULT_MAX],
        **{"with": Parameter("With", Form.ONE_OF, ", ", choices=SEPARATORS)},
    ),
    "when": _step(
        "When somebody said no",
        "Another text where the person is out, so that the row says no or yes for them. Left empty, the text "
        "itself stands. Where nobody was asked, nothing is sent.",
        "text -> text",
        lambda value, given: value,  # `evaluating` runs what follows once for a no, once for a yes
        answer=Parameter("Of", Form.SOURCE),
        out=Parameter("Then say", required=False),
        **{"in": Parameter("Else say", required=False)},
    ),
}


ANSWERS_NEVER = frozenset({"default", "when"})  # where nobody was asked, nothing is sent


def defaulted(value: Any, given: Given) -> Any:
    """`default` is the one step that knows what to do with nothing."""
    return given["value"] if value is None else value
