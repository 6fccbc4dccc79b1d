"""What the page shows on which a rule is written: conditions as native controls, faults beside them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.staff.policy.rule_problems import Problems
from config.staff.policy.rule_rows import OF_CLASS
from governance.checking import Known
from governance.terms import (
    ANY,
    EVERY,
    EVERYWHERE,
    OWN,
    ConditionKind,
    Effect,
    How,
    Is,
    Op,
    PropertyClass,
)
from governance.wording import Names
from preferences.terms import Channel, RestrictionKind

Body = Mapping[str, Any]
Choices = Sequence[tuple[str, str]]
Groups = Sequence[tuple[str, Choices]]
CHANNELS = [(ANY, "on any channel"), (EVERY, "on every channel")] + [
    (each.value, f"by {each.label.lower()}") for each in Channel
]
OPS = [
    (Op.EQUALS.value, "is"),
    (Op.ONE_OF.value, "is one of"),
    (Op.PRESENT.value, "is there, whatever it says"),
]
CARRIES = [
    (PropertyClass.HEALTH.value, "health information"),
    (PropertyClass.IDENTIFIER.value, "an identifier"),
    (PropertyClass.PLAIN.value, "something plain"),
]


@dataclass(frozen=True, slots=True)
class Control:
    """One thing to fill in. `form`: choice, checks, text or lines; `chosen`: what is."""

    name: str
    label: str
    form: str
    chosen: tuple[str, ...]
    choices: Groups = ()
    help: str = ""
    listed: str = ""

    @property
    def value(self) -> str:
        return "\n".join(self.chosen) if self.form == "lines" else ", ".join(self.chosen)


@dataclass(frozen=True, slots=True)
class Part:
    """One condition, or one redaction: its controls and what is wrong with it."""

    at: int
    kind: str
    words: str
    controls: tuple[Control, ...]
    problems: tuple[str, ...]

    @property
    def number(self) -> int:
        return self.at + 1

    @property
    def error(self) -> str:
        """The id of what is wrong with it, for the controls to point to."""
        return f"{'c' if self.kind else 'r'}{self.at}-error" if self.problems else ""


@dataclass(frozen=True, slots=True)
class RuleForm:
    """A rule as controls. `problems`: by the field that they are about."""

    name: str
    on: bool
    effect: str
    effects: Choices
    conditions: tuple[Part, ...]
    redactions: tuple[Part, ...]
    purposes: Control
    systems: Control
    problems: Mapping[str, str]
    kinds: Choices
    wrong: int


def form_of(body: Body, known: Known, names: Names, problems: Problems) -> RuleForm:
    """A form that was only opened, or is being built, complains of nothing: it has no problems."""
    reach, redactions = body["for"], body["then"].get("redactions", ())
    purposes = [*names.purposes.items(), (EVERYWHERE, "Every purpose, those to come included")]
    return RuleForm(
        body["name"],
        body["on"],
        body["then"]["effect"],
        list(Effect.choices),
        tuple(_condition(at, each, known, names, problems) for at, each in enumerate(body["when"])),
        tuple(_redaction(at, each, known, problems) for at, each in enumerate(redactions)),
        Control("purposes", "Systems for", "checks", tuple(reach["purposes"]), [("", purposes)]),
        Control("destinations", "And these by name", "checks", tuple(reach["destinations"]), _systems(names)),
        {name: words[0] for name, words in problems.items() if name in ("name", "reach", "redactions")},
        [(each.value, WORDS[each]) for each in ConditionKind],
        sum(map(len, problems.values())),
    )


def _systems(names: Names) -> Groups:
    return [("", list(names.systems.items()))] if names.systems else []


# --- conditions ---

WORDS = {
    ConditionKind.CONSENT: "What the person chose",
    ConditionKind.JURISDICTION: "Where the person lives",
    ConditionKind.RESTRICTION: "There is a restriction",
    ConditionKind.EVENT: "The event is",
    ConditionKind.PROPERTY: "A property of the event",
    ConditionKind.CLASS: "The event carries",
}


def _condition(at: int, body: Body, known: Known, names: Names, problems: Problems) -> Part:
    kind = ConditionKind(body["kind"])
    controls = CONTROLS[kind](f"c{at}-", body, known, names)
    return Part(at, kind.value, WORDS[kind], tuple(controls), problems.get(f"c{at}", ()))


def _consent(start: str, body: Body, known: Known, names: Names) -> Iterator[Control]:
    listed = [each for each in known.categories if not each.retired or each.slug == body["category"]]
    groups = [
        ("", [("", "Choose one"), (OWN, "The event’s own category")]),
        ("Messages", [(each.slug, names.categories[each.slug]) for each in listed if not each.is_data_use]),
        ("Uses of data", [(each.slug, names.categories[each.slug]) for each in listed if each.is_data_use]),
    ]
    if body["category"] not in {value for _, group in groups for value, _ in group}:
        groups.append(("As it stands", [(body["category"], body["category"])]))
    yield Control(f"{start}category", "Category", "choice", (body["category"],), groups)
    yield Control(f"{start}is", "is", "choice", (body["is"],), [("", list(Is.choices))])
    yield Control(
        f"{start}on", "Where", "choice", (body["on"],), [("", CHANNELS)], "A use of data has no channels."
    )


def _jurisdiction(start: str, body: Body, known: Known, names: Names) -> Iterator[Control]:
    yield Control(
        f"{start}in", "in", "text", tuple(body["in"]), help="States as US-WA, with commas between them."
    )


def _restriction(start: str, body: Body, known: Known, names: Names) -> Iterator[Control]:
    kinds = [(value, str(label)) for value, label in RestrictionKind.choices]
    yield Control(f"{start}present", "One of", "checks", tuple(body["present"]), [("", kinds)])


def _event(start: str, body: Body, known: Known, names: Names) -> Iterator[Control]:
    listed = [(each, each) for each in dict.fromkeys([*known.events, *body["in"]])]
    help = "" if listed else "No event is allowed in yet: see Allowed events."
    yield Control(f"{start}in", "one of", "checks", tuple(body["in"]), [("", listed)], help)


def _property(start: str, body: Body, known: Known, names: Names) -> Iterator[Control]:
    values = body.get("values") or ([body["value"]] if "value" in body else [])
    yield Control(f"{start}path", "Property", "text", (body["path"],), listed="paths")
    yield Control(f"{start}op", "How", "choice", (body["op"],), [("", OPS)])
    yield Control(
        f"{start}values",
        "Compared with",
        "lines",
        tuple(map(str, values)),
        help="One on each line; capitals make no difference.",
    )


def _class(start: str, body: Body, known: Known, names: Names) -> Iterator[Control]:
    yield Control(f"{start}carries", "what", "choice", (body["carries"],), [("", CARRIES)])


CONTROLS = {
    ConditionKind.CONSENT: _consent,
    ConditionKind.JURISDICTION: _jurisdiction,
    ConditionKind.RESTRICTION: _restriction,
    ConditionKind.EVENT: _event,
    ConditionKind.PROPERTY: _property,
    ConditionKind.CLASS: _class,
}


# --- redactions ---


def _redaction(at: int, body: Body, known: Known, problems: Problems) -> Part:
    what = f"{OF_CLASS}{body['class']}" if "class" in body else body["property"]
    paths = {path for each in known.events.values() for path in each.properties}
    named = sorted(paths | ({what} if "property" in body and what else set()))
    classes = [(f"{OF_CLASS}{each.value}", f"Everything {each.label.lower()}") for each in PropertyClass]
    groups: Groups = [
        ("", [("", "Choose one")]),
        ("All of a class", classes),
        ("One property", [(each, each) for each in named]),
    ]
    kept = (str(body["keep"]),) if body.get("keep") else ()
    controls = (
        Control(f"r{at}-what", "What", "choice", (what,), groups),
        Control(f"r{at}-how", "How", "choice", (body["how"],), [("", list(How.choices))]),
        Control(f"r{at}-keep", "Characters kept", "text", kept, help="For the first characters only."),
    )
    return Part(at, "", "Redact", controls, problems.get(f"r{at}", ()))
