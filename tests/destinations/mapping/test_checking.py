"""What a mapper may not say, and in which words it is refused."""

from dataclasses import replace
from typing import Any

import pytest

from destinations.connectors import CONNECTORS
from destinations.mapping.checking import problems
from destinations.mapping.problems import System
from preferences.catalogue import Catalogue, category_from
from preferences.mission import MISSION

BOX = "Marketing_Emails_Email_Opt_Out__c"
ANSWER = "answer:marketing_emails:email"


def catalogue(**changes: Any) -> Catalogue:
    found = {each["slug"]: category_from(each) for each in MISSION}
    for slug, changed in changes.items():
        found[slug] = replace(found[slug], **changed)
    return Catalogue(1, found)


def system(connector: str = "salesforce", **changes: Any) -> System:
    known = CONNECTORS[connector]
    reserved = frozenset({"MRN__c"}) if connector == "salesforce" else frozenset[str]()
    made = System(known.name, known, False, True, reserved, catalogue(), "main", frozenset({"ehr"}))
    return replace(made, **changes)


def row(target: str = BOX, source: str = ANSWER, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"target": target, "source": source, "steps": list(steps), **more}


def does(do: str, **given: Any) -> dict[str, Any]:
    return {"do": do, **given}


def said(*rows: dict[str, Any], connector: str = "salesforce", examples: Any = (), **more: Any) -> list[str]:
    body = {"connector": connector, "rows": list(rows), "examples": list(examples)}
    return [str(each) for each in problems(body, system(connector, **more))]


@pytest.mark.parametrize(
    ("connector", "right", "slip"),
    [
        ("sendgrid", "groups.marketing_emails", "groups.marketing_emals"),
        ("fhir", "marketing_emails.email", "marketing_emals.email"),
    ],
)
def test_a_slip_in_a_name_is_no_field(connector, right, slip):
    assert not said(row(right), connector=connector)
    [found] = said(row(slip), connector=connector)
    assert f"“{slip}” is no field that" in found
    assert f"the nearest is “{right}”" in found


def test_a_group_may_have_a_name_of_its_own_in_the_systems_settings():
    named = {"groups": frozenset({"newsletter"})}

    assert not said(row("groups.newsletter"), connector="sendgrid", named=named)
    assert said(row("groups.newsletter"), connector="sendgrid")


WORDS = does("words", yes="No", no="Yes")
LANGUAGE = "Preferred_Language__c"

SOUND = {
    "an answer as it is": row(),
    "an answer in words": row("Email_Marketing__c", ANSWER, WORDS),
    "an answer turned around, in numbers": row(BOX, ANSWER, does("not"), does("numbers", yes=1, no=0)),
    "a fact": row(LANGUAGE, "language"),
    "a fact, translated": row(
        LANGUAGE, "language", does("map", table=[["es", "Spanish"], ["en", "English"]], otherwise="Other")
    ),
    "a date, written": row(BOX, "since:marketing_emails:email", does("date", form="us")),
    "a date, counted": row(BOX, "since:marketing_emails:email", does("epoch", unit="milliseconds")),
    "a constant": row(BOX, "constant", value="Heed"),
    "a number for everyone": row(BOX, "number", value=7),
    "numbers, joined": row(BOX, "identifier:mrn:main", does("join", **{"with": ", "})),
    "an address, hashed": row(BOX, "identifier:email", does("first"), does("trim"), does("hash")),
    "membership of a list": row(BOX, "jurisdiction", does("one_of", list=["US-CA", "US-WA"])),
    "a list that holds something": row(BOX, "identifier:mrn", does("contains", value="7")),
    "a text that an answer turns": row(
        BOX, "constant", does("when", answer=ANSWER, out="DNC"), value="May be written to"
    ),
    "a use of data": row(BOX, "answer:sale_or_sharing:"),
    "STOP": row("DoNotCall", "do_not_call:phone"),
}


@pytest.mark.parametrize("name", SOUND)
def test_it_lets_through_what_fits(name):
    assert said(SOUND[name]) == []


@pytest.mark.parametrize("connector", CONNECTORS)
def test_it_lets_through_what_connectors_come_with(connector):
    assert said(*map(dict, CONNECTORS[connector].rows), connector=connector) == []


REFUSED = {
    "a category that is not there": (
        row(BOX, "answer:newsletters:email"),
        "there is no category “newsletters”",
    ),
    "a channel that is not offered": (
        row(BOX, "answer:marketing_emails:sms"),
        "Marketing emails is not offered by “sms”",
    ),
    "a channel for a use of data": (
        row(BOX, "answer:sale_or_sharing:email"),
        "it is a use of data, without channels",
    ),
    "no source": (row(BOX, ""), "choose where it comes from"),
    "a source that is not there": (row(BOX, "weather"), "there is no source “weather”"),
    "a source without its channel": (row(BOX, "all_out"), "is not written as a source is"),
    "an identifier that is none": (row(BOX, "identifier:ssn"), "there is no source “identifier:ssn”"),
    "a number by nobody": (
        row(BOX, "identifier:mrn:other"),
        "nobody gives numbers under the name “other”: there are ehr or main",
    ),
    "no target": (row(""), "say which field it fills"),
    "a path that is none": (
        row("contact.language"),
        "“contact.language” is no field that Salesforce has: write for example",
    ),
    "a field by which people are found": (row("mrn__c", "language"), "people are found by “mrn__c”"),
    "a field of the vendor's own": (row("Email", "language"), "“Email” is no field that Salesforce has"),
    "a fact where an answer belongs": (row("DoNotCall", "yes"), "“DoNotCall” is for answers only"),
    "words where a tick belongs": (
        row("DoNotCall", "do_not_call:phone", WORDS),
        "“DoNotCall” takes a person's answer as it is, but the row ends with a text",
    ),
    "a date that nobody wrote": (row(BOX, "since:marketing_emails:email"), "but the row ends with a date"),
    "a list in a field": (row(BOX, "identifier:email"), "but the row ends with a list"),
    "small letters of an answer": (
        row(BOX, ANSWER, does("lower")),
        "“In small letters” needs a text, but what the row begins with is a person's answer",
    ),
    "small letters of a number": (
        row(BOX, ANSWER, does("numbers", yes=1, no=0), does("lower")),
        "“In small letters” needs a text, but what “Say it in numbers” gives is a number",
    ),
    "a step that is not there": (row(BOX, ANSWER, does("eval")), "there is no step “eval”"),
    "a step with more than it takes": (
        row(BOX, ANSWER, does("not", code="1")),
        "“Turn around” can't be read",
    ),
    "a step that is not filled in": (
        row(BOX, ANSWER, does("words", yes="No")),
        "“Say it in words”, for no: write a text",
    ),
    "a table without an otherwise": (
        row(LANGUAGE, "language", does("map", table=[["es", "Spanish"]])),
        "“Translate”, anything else becomes: write a text",
    ),
    "a table that says two things": (
        row(LANGUAGE, "language", does("map", table=[["es", "a"], ["es", "b"]], otherwise="x")),
        "“Translate”, table: “es” stands there twice",
    ),
    "a table that is none": (
        row(LANGUAGE, "language", does("map", table=[["es"]], otherwise="x")),
        "“Translate”, table: write one line for each text: what it is = what it becomes",
    ),
    "a table that is too long": (
        row(LANGUAGE, "language", does("map", table=[[str(n), "x"] for n in range(101)], otherwise="x")),
        "“Translate”, table: 100 entries at most, and there are 101",
    ),
    "a text that is too long": (row(BOX, "constant", value="x" * 256), "255 characters at most"),
    "no number": (row(BOX, "number", value="7"), "write the number that everyone gets"),
    "a truth as a number": (row(BOX, "number", value=True), "write the number that everyone gets"),
    "a date in a form of one's own": (
        row(BOX, "since:marketing_emails:email", does("date", form="%c")),
        "“Write the date”, as: choose 2026-03-09",
    ),
    "too many steps": (
        row(BOX, "language", *[does("trim")] * 11),
        "a row may have 10 steps at most, and this one has 11",
    ),
    "the same for no and yes": (
        row(BOX, ANSWER, does("words", yes="x", no="x")),
        "no and yes both become “x”",
    ),
    "the same in the end": (
        row(BOX, ANSWER, WORDS, does("map", table=[["No", "1"]], otherwise="1")),
        "no and yes both become “1”",
    ),
    "a word for those nobody asked": (
        row(BOX, ANSWER, WORDS, does("default", value="Yes")),
        "“If nothing is known” can't stand on an answer: where nobody was asked, nothing is sent",
    ),
    "a no that might not be told": (
        row(BOX, "language", does("when", answer=ANSWER, out="DNC")),
        "needs a text that is always known, or a no might not be told",
    ),
    "two conditions": (
        row(BOX, "constant", *[does("when", answer=ANSWER, out="DNC")] * 2, value="x"),
        "may stand in a row once",
    ),
    "a condition that is no answer": (
        row(BOX, "constant", does("when", answer="language", out="DNC"), value="x"),
        "choose an answer, something that a person can say no to",
    ),
    "a condition about nothing": (
        row(BOX, "constant", does("when", answer="answer:newsletters:email", out="DNC"), value="x"),
        "there is no category “newsletters”",
    ),
    "a condition that changes nothing": (
        row(BOX, "constant", does("when", answer=ANSWER, out="", **{"in": ""}), value="x"),
        "says the same either way",
    ),
    "a key that is none": ({**row(), "template": "{{ x }}"}, "this row can't be read"),
    "a step that is no step": ({**row(), "steps": ["not"]}, "this row can't be read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses_in_words_and_names_the_row(name):
    wrong, words = REFUSED[name]
    [found] = said(row("HasOptedOutOfEmail", "all_out:email"), wrong)

    assert found.startswith("row 2: ")
    assert words in found


def test_every_row_that_is_wrong_is_named():
    found = said(row(""), row(), row("DoNotCall", "yes"))

    assert [each.partition(":")[0] for each in found] == ["row 1", "row 3"]


def test_two_rows_never_fill_one_field_however_it_is_spelled():
    assert said(row(), row(), row(BOX.lower())) == [
        f"row 2: “{BOX}” is already filled by row 1",
        f"row 3: “{BOX.lower()}” is already filled by row 1",
    ]


def test_nothing_is_put_inside_a_single_value():
    found = said(
        row("contact.language.code", "language"), row("contact.language", "language"), connector="webhook"
    )

    assert found == ["row 1: it would stand inside “contact.language”, which row 2 fills with one value"]


def test_a_thousand_rows_are_refused_at_once():
    assert said(*[row("x")] * 1000) == ["a mapper may have 200 rows at most, and this one has 1,000"]


@pytest.mark.parametrize("rows", [None, {}, ["x"], [None]])
def test_what_is_no_list_of_rows_is_refused(rows):
    assert [str(each) for each in problems({"rows": rows}, system())] == ["a mapper is a list of rows"]


def test_a_retired_category_is_refused():
    found = said(row(), catalogue=catalogue(marketing_emails={"retired": True}))

    assert found == ["row 1: Marketing emails is retired: nothing is sent for it any more"]


def test_a_row_in_force_may_stay_when_its_category_is_retired():
    retired = catalogue(marketing_emails={"retired": True})

    assert said(row(), catalogue=retired, standing=frozenset({row()["source"]})) == []


def test_a_channel_that_the_system_does_not_serve_is_refused():
    [found] = said(row("groups.phone_outreach", "answer:phone_outreach:sms"), connector="sendgrid")

    assert found == "row 1: SendGrid is told nothing about the channel text message"


def test_one_category_never_fills_the_list_that_silences_everything():
    [found] = said(row("global"), connector="sendgrid")

    assert "the global list, which silences every message: what one category says must not fill it" in found


# --- who may know what ---


@pytest.mark.parametrize("source", ["identifier:email", "identifier:mrn:main"])
@pytest.mark.parametrize("step", ["first", "hash"])
def test_no_identifier_goes_to_an_advertising_system_hashed_or_not(source, step):
    steps = [does("first"), does("hash")][: 1 + (step == "hash")]
    [found] = said(row(BOX, source, *steps), is_advertising=True)

    assert "used for advertising: no number or address may go there, hashed or not" in found


def test_no_number_of_heeds_own_goes_to_an_advertising_system():
    assert said(row(BOX, "heed"), is_advertising=True)


@pytest.mark.parametrize(
    "sensitive",
    [
        row(BOX, "answer:sensitive_data:"),
        row(BOX, "since:sensitive_data:", does("date", form="date")),
        row(BOX, "constant", does("when", answer="answer:sensitive_data:", out="x"), value="y"),
        row("Sensitive_Data_Out__c"),
    ],
)
def test_no_category_that_tells_of_health_goes_to_an_advertising_system(sensitive):
    [found] = said(sensitive, is_advertising=True)

    assert "tells of a person's health" in found
    assert said(sensitive) == []


def test_no_identifier_goes_anywhere_without_an_agreement():
    [found] = said(row(BOX, "identifier:mrn", does("first")), has_agreement=False)

    assert "record the agreement (BAA) with Salesforce first" in found
    assert said(row(), has_agreement=False) == []


# --- examples ---


NO = {"said": {"marketing_emails:email": "opted_out"}, "language": "es"}


def example(expect: dict[str, Any], person: Any = NO, name: str = "Said no") -> dict[str, Any]:
    return {"name": name, "person": person, "expect": expect}


ROWS = [
    row("Email_Marketing__c", ANSWER, WORDS),
    row(LANGUAGE, "language"),
    row("HasOptedOutOfEmail", "all_out:email"),
]


def test_an_example_that_holds_is_fine():
    found = said(*ROWS, examples=[example({"Email_Marketing__c": "No", LANGUAGE: "es"})])

    assert found == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            example({"Email_Marketing__c": "Yes", LANGUAGE: "es"}),
            "example “Said no”: “Email_Marketing__c” would say “No”, but “Yes” is expected",
        ),
        (
            example({"Email_Marketing__c": "No"}),
            f"example “Said no”: “{LANGUAGE}” would say “es”, but nothing is expected",
        ),
        (
            example({"Email_Marketing__c": "No", LANGUAGE: "es", BOX: True}),
            f"“{BOX}” would say nothing, but yes is expected",
        ),
        (
            example({}, {"said": {"newsletters:email": "opted_out"}}),
            "“newsletters:email” is nothing that a person can answer",
        ),
        (example({}, {"said": {"marketing_emails:email": "never"}}), "is nothing that a person can answer"),
        (example({}, {"restrictions": ["curse:email"]}), "there is no such restriction"),
        (example({}, {"email": "x@example.org"}), "the person can't be read"),
        (example({}, name=" "), "an example has a name"),
        ({"name": "x"}, "an example has a name, a person, and what is expected"),
    ],
)
def test_an_example_that_does_not_hold_stops_it(wrong, words):
    [found] = said(*ROWS, examples=[wrong])

    assert words in found


def test_yes_is_not_the_number_one():
    rows = [row(BOX, ANSWER, does("numbers", yes=1, no=0))]

    assert said(*rows, examples=[example({BOX: True})])
    assert not said(*rows, examples=[example({BOX: 1})])


def test_fifty_examples_are_enough():
    assert said(*ROWS, examples=[example({})] * 51) == ["a mapper may have 50 examples at most"]
