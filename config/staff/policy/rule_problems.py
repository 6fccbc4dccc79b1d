"""What must be put right in a rule as its form has it, by the field that it is about. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from governance.allowed import AllowedEvent
from governance.checking import Known, events_of, of_condition, of_redaction
from governance.parsing import Unreadable, condition_from, redaction_from
from governance.rules import Condition
from governance.terms import ConditionKind, Effect

Body = Mapping[str, Any]
Problems = Mapping[str, tuple[str, ...]]
MISSING = {
    ("category", ConditionKind.CONSENT): "Choose a category.",
    ("is", ConditionKind.CONSENT): "Say what the person chose.",
    ("in", ConditionKind.JURISDICTION): "Say where: US-WA, say.",
    ("present", ConditionKind.RESTRICTION): "Choose at least one.",
    ("in", ConditionKind.EVENT): "Choose at least one event.",
    ("path", ConditionKind.PROPERTY): "Name the property.",
    ("values", ConditionKind.PROPERTY): "Say what it is compared with.",
}


def problems_of(body: Body, known: Known) -> Problems:
    """`name`, `reach`, `redactions`; `c0` is the first condition, `r0` the first redaction."""
    events = events_of(_readable(body["when"]), known)
    redactions = body["then"].get("redactions", ())
    found = {
        **dict(_of_the_whole(body, redactions)),
        **{f"c{at}": tuple(_condition(each, known, events)) for at, each in enumerate(body["when"])},
        **{f"r{at}": tuple(_redaction(each, events)) for at, each in enumerate(redactions)},
    }
    return {name: words for name, words in found.items() if words}


def _of_the_whole(body: Body, redactions: Sequence[Body]) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not body["name"]:
        yield "name", ("Give it a name: what it is for, in a few words.",)
    if not (body["for"]["purposes"] or body["for"]["destinations"]):
        yield "reach", ("Choose at least one purpose or system.",)
    if body["then"]["effect"] == Effect.REDACT and not redactions:
        yield "redactions", ("Say what is redacted: add a line.",)


def _readable(when: Iterable[Body]) -> Iterator[Condition]:
    for each in when:
        try:
            yield condition_from(each)
        except Unreadable:
            continue


def _condition(body: Body, known: Known, events: Sequence[AllowedEvent]) -> Iterator[str]:
    for (name, kind), words in MISSING.items():
        if kind == body["kind"] and name in body and not body[name]:
            yield words
            return
    try:
        found = condition_from(body)
    except Unreadable as error:
        yield _sentence(error)
        return
    yield from map(_sentence, of_condition(found, known, events))


def _redaction(body: Body, events: Sequence[AllowedEvent]) -> Iterator[str]:
    if body.get("property") == "":
        yield "Choose what is redacted."
        return
    try:
        found = redaction_from(body)
    except Unreadable as error:
        yield _sentence(error)
        return
    yield from map(_sentence, of_redaction(found, events))


def _sentence(words: object) -> str:
    said = str(words)
    return f"{said[:1].upper()}{said[1:]}."
