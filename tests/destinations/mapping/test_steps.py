"""Each step by itself, as a table; and what holds for any mapper that was let through."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from destinations.contract import Field, Kind
from destinations.mapping import compiled
from destinations.mapping.checking import check_row
from destinations.mapping.evaluating import Mapper
from destinations.mapping.problems import Wrong
from destinations.mapping.samples import RESTRICTIONS, view_of
from destinations.mapping.sources import SOURCES
from destinations.mapping.steps import RESULT_MAX, STEPS, Form, Parameter
from tests.destinations.mapping.test_checking import catalogue, system

EVENING = datetime(2026, 3, 9, 21, 30, tzinfo=ZoneInfo("America/New_York"))
HASH = "86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d"
TABLE = [["es", "Spanish"], ["en", "English"]]


@pytest.mark.parametrize(
    ("do", "value", "given", "becomes"),
    [
        ("not", True, {}, False),
        ("words", True, {"yes": "Y", "no": "N"}, "Y"),
        ("words", False, {"yes": "Y", "no": "N"}, "N"),
        ("numbers", True, {"yes": 1, "no": 0}, 1),
        ("numbers", False, {"yes": 1, "no": 0}, 0),
        ("map", "es", {"table": TABLE, "otherwise": "Other"}, "Spanish"),
        ("map", "fr", {"table": TABLE, "otherwise": "Other"}, "Other"),
        ("lower", "Ana", {}, "ana"),
        ("upper", "Ana", {}, "ANA"),
        ("trim", " Ana ", {}, "Ana"),
        ("hash", " Jane.Doe@Example.com ", {}, HASH),
        ("hash", "jane.doe@example.com", {}, HASH),
        ("default", "es", {"value": "en"}, "es"),
        ("date", EVENING, {"form": "date"}, "2026-03-09"),
        ("date", EVENING, {"form": "instant"}, "2026-03-10T01:30:00Z"),
        ("date", EVENING, {"form": "us"}, "03/09/2026"),
        ("epoch", EVENING, {"unit": "seconds"}, 1773106200),
        ("epoch", EVENING, {"unit": "milliseconds"}, 1773106200000),
        ("one_of", "us-ca ", {"list": ["US-CA", "US-WA"]}, True),
        ("one_of", "US-NY", {"list": ["US-CA", "US-WA"]}, False),
        ("contains", ["A1", "B2"], {"value": "b2"}, True),
        ("contains", ["A1", "B2"], {"value": "b"}, False),
        ("first", ["A1", "B2"], {}, "A1"),
        ("join", ["A1", "B2"], {"with": ";"}, "A1;B2"),
    ],
)
def test_a_step_does_what_it_says(do, value, given, becomes):
    result = STEPS[do](value, given)

    assert result == becomes
    assert type(result) is type(becomes)


def test_the_table_has_a_line_for_every_step():
    mine = next(each for each in test_a_step_does_what_it_says.pytestmark if each.name == "parametrize")

    assert {line[0] for line in mine.args[1]} == set(STEPS) - {"when"}


@pytest.mark.parametrize("do", sorted(set(STEPS) - {"default"}))
def test_what_is_not_known_stays_unknown(do):
    assert STEPS[do](None, {}) is None


def told(described: dict[str, Any], **row: Any) -> Field | None:
    """What one row says at Salesforce about a described person."""
    [made] = compiled([{"target": "x", **row}]).rows
    return made.field(view_of(described, system().connector, catalogue(), "main"))


OUT, IN = {"said": {"marketing_emails:email": "opted_out"}}, {"said": {"marketing_emails:email": "opted_in"}}
MARKETING = "answer:marketing_emails:email"


def test_nothing_known_is_said_only_where_a_step_says_it():
    assert told({}, source="language") is None
    field = told({}, source="language", steps=[{"do": "default", "value": "en"}, {"do": "upper"}])
    assert field is not None
    assert (field.value, field.fact, field.denies) == ("EN", True, None)


def test_a_step_changes_what_an_answer_says_never_what_it_means():
    steps = [{"do": "not"}, {"do": "words", "yes": "Y", "no": "N"}]
    no, yes = (told(each, source=MARKETING, steps=steps) for each in (OUT, IN))

    assert no is not None
    assert yes is not None
    assert (no.value, no.denies, no.otherwise) == ("N", True, "Y")
    assert (yes.value, yes.denies, yes.otherwise) == ("Y", False, "Y")
    assert told({}, source=MARKETING, steps=steps) is None


def test_a_text_that_an_answer_turns_says_no_for_the_person_and_nothing_where_nobody_was_asked():
    when = {"do": "when", "answer": MARKETING, "out": "dnc", "in": ""}
    row: dict[str, Any] = {"source": "constant", "value": "may", "steps": [when, {"do": "upper"}]}
    no, yes = told(OUT, **row), told(IN, **row)

    assert no is not None
    assert yes is not None
    assert (no.value, no.denies, no.otherwise) == ("DNC", True, "MAY")
    assert (yes.value, yes.denies) == ("MAY", False)
    assert told({}, **row) is None


@pytest.mark.parametrize(
    ("source", "restriction"),
    [
        ("stop:sms", "stop:sms"),
        ("do_not_call:phone", "do_not_call:phone"),
        ("suppressed:email", "suppressed:email"),
    ],
)
def test_a_restriction_says_no_and_its_absence_nothing(source, restriction):
    field = told({"restrictions": [restriction]}, source=source)

    assert field is not None
    assert field.denies
    assert told({}, source=source) is None


def test_a_day_is_the_day_where_the_organisation_is():
    field = told(OUT, source="since:marketing_emails:email", steps=[{"do": "date", "form": "date"}])

    assert field is not None
    assert field.value == "2026-01-15"


# --- laws ---

PLACES = {
    "salesforce": some.sampled_from(["A__c", "B__c", "C__c"]),
    "webhook": some.sampled_from(["a.b", "a.c", "d"]),
}
NAMED = [f"{category.slug}:{channel}" for category, channel in catalogue().grid]
SOURCE = some.one_of(
    some.sampled_from([f"{name}:{each}" for name in ("answer", "since") for each in NAMED]),
    some.sampled_from(["all_out:email", "all_out:sms", "suppressed:email", "stop:sms", "deceased"]),
    some.sampled_from(["jurisdiction", "language", "heed", "identifier:email", "identifier:mrn:main", "yes"]),
    some.sampled_from(["constant", "number"]),
)
TEXT = some.text(min_size=1, max_size=12)
GIVEN = {
    Form.TEXT: TEXT,
    Form.NUMBER: some.integers(-9, 9),
    Form.LINES: some.lists(TEXT, min_size=1, max_size=3),
    Form.TABLE: some.lists(some.tuples(TEXT, TEXT), min_size=1, max_size=3, unique_by=lambda pair: pair[0]),
    Form.SOURCE: some.sampled_from([f"answer:{each}" for each in NAMED]),
}


def filled(parameter: Parameter) -> some.SearchStrategy[Any]:
    if parameter.form is Form.ONE_OF:
        return some.sampled_from(list(parameter.choices or ()))
    return GIVEN[parameter.form]


STEP = some.sampled_from(sorted(STEPS)).flatmap(
    lambda do: some.fixed_dictionaries(
        {"do": some.just(do), **{name: filled(each) for name, each in STEPS[do].parameters.items()}}
    )
)


@some.composite
def sound_rows(draw: Any, connector: str) -> list[dict[str, Any]]:
    """Rows that were let through, for places of their own; a step that does not fit is left out."""
    rows: dict[str, dict[str, Any]] = {}
    for _ in range(draw(some.integers(1, 4))):
        row = {"target": draw(PLACES[connector]), "source": draw(SOURCE), "steps": []}
        row |= {"value": draw(TEXT)} if row["source"] == "constant" else {}
        row |= {"value": 7} if row["source"] == "number" else {}
        for step in draw(some.lists(STEP, max_size=5)):
            longer = {**row, "steps": [*row["steps"], step]}
            row = longer if step["do"] in takes(row) else row
        try:
            check_row(row, system(connector))
        except Wrong:
            continue
        rows[row["target"]] = row
    return list(rows.values())


def takes(row: dict[str, Any]) -> set[str]:
    """The steps that what stands at the end of a row could go into."""
    kind = SOURCES[row["source"].partition(":")[0]].gives
    for step in row["steps"]:
        kind = STEPS[step["do"]].gives
    return {name for name, step in STEPS.items() if kind in step.takes}


PERSON = some.fixed_dictionaries(
    {},
    optional={
        "said": some.dictionaries(some.sampled_from(NAMED), some.sampled_from(["opted_in", "opted_out"])),
        "restrictions": some.lists(some.sampled_from(sorted(RESTRICTIONS)), unique=True),
        "deceased": some.booleans(),
        "jurisdiction": some.sampled_from(["", "US-CA", "US-WA"]),
        "language": some.sampled_from(["", "en", "es"]),
    },
)
IS: dict[Kind, Any] = {
    Kind.ANSWER: bool,
    Kind.YES_NO: bool,
    Kind.TEXT: str,
    Kind.NUMBER: (int, float),
    Kind.LIST: list,
}


@pytest.mark.parametrize("connector", ["salesforce", "webhook"])
@given(data=some.data(), described=PERSON)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_mapper_that_was_let_through_always_says_what_its_fields_can_hold(connector, data, described):
    rows = data.draw(sound_rows(connector))
    known = system(connector)
    mapper: Mapper = compiled(json.loads(json.dumps(rows)))
    view = view_of(described, known.connector, known.catalogue, known.authority)

    for target, field in mapper.fields(view).items():
        [place] = [each for each in known.connector.targets if each.fits(target)]
        if field.denies is None and not field.fact:
            continue
        assert any(isinstance(field.value, IS[kind]) for kind in place.takes)
        assert len(json.dumps(field.value)) <= 6 * RESULT_MAX + 2
        assert field.fact is (field.denies is None)
        assert mapper.fields(view)[target] == field


@given(data=some.data(), described=PERSON)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_its_steps_a_row_means_what_its_answer_means(data, described):
    known = system()
    view = view_of(described, known.connector, known.catalogue, known.authority)
    for row in data.draw(sound_rows("salesforce")):
        [made] = compiled([row]).rows
        turned = [step["answer"] for step in row["steps"] if step["do"] == "when"]
        source = turned[0] if turned else row["source"]
        if not SOURCES[source.partition(":")[0]].is_answer:
            continue
        [bare] = compiled([{"target": "A__c", "source": source}]).rows
        said, meant = made.field(view), bare.field(view)
        assert (said and said.denies) == (meant and meant.denies)
        assert (said and said.since) == (meant and meant.since)
        if said is not None and said.denies is not None and not turned:
            assert (said.value == said.otherwise) is (said.denies is False)


# --- the page about it ---


def test_every_source_and_every_step_has_its_line_and_no_line_is_left_over():
    page = (Path(__file__).parents[3] / "docs" / "mappers.md").read_text()
    lines = set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE))

    assert lines == {*SOURCES, *STEPS}
    assert all(step.words in page for step in STEPS.values())
