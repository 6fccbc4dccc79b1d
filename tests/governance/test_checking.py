"""What can't be published, and the words for it."""

from typing import Any

import pytest

from governance.checking import known_now, problems
from governance.mission import BODY, rule
from governance.terms import Effect, EventClass, PropertyClass
from preferences.models import Category
from preferences.services import publish
from preferences.terms import RevisionKind

pytestmark = pytest.mark.django_db
Body = dict[str, Any]


@pytest.fixture(autouse=True)
def booked() -> None:
    body = {
        "name": "booked",
        "what": "A visit was booked",
        "class": EventClass.PLAIN.value,
        "categories": [],
        "properties": {"clinic": PropertyClass.PLAIN.value},
    }
    publish(kind=RevisionKind.EVENT, key="booked", body=body, author="ann", reason="a try")


def said_of(*rules: Body) -> str:
    return "; ".join(problems({"rules": list(rules), "stances": {}}, known_now()))


def blocking(*when: Body, **other: Any) -> Body:
    return {**rule("one", "One", list(when), Effect.BLOCK, ["marketing"]), **other}


def test_policy_1_can_be_published():
    assert not list(problems(BODY, known_now()))


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"kind": "consent", "category": "weather", "on": "any", "is": "opted_out"}, "no category 'weather'"),
        (
            {"kind": "consent", "category": "marketing_emails", "on": "sms", "is": "opted_out"},
            "marketing_emails is not sent by sms; there are any, every, email",
        ),
        (
            {"kind": "consent", "category": "sale_or_sharing", "on": "any", "is": "opted_out"},
            "sale_or_sharing is a use of data and has no channels",
        ),
        ({"kind": "consent", "category": "own", "on": "email", "is": "opted_in"}, "say any or every"),
        ({"kind": "consent", "category": "own", "on": "any", "is": "maybe"}, "'maybe' is no answer"),
        ({"kind": "jurisdiction", "in": ["Washington"]}, "'Washington' is no place: write it like US-WA"),
        ({"kind": "jurisdiction", "in": []}, "'in' is empty"),
        ({"kind": "restriction", "present": ["grumpy"]}, "no kind of restriction 'grumpy'"),
        ({"kind": "event", "in": ["cancelled"]}, "no event 'cancelled'; there are booked"),
        ({"kind": "property", "path": "doctor", "op": "present"}, "no such event has a property 'doctor'"),
        ({"kind": "property", "path": "clinic", "op": "equals"}, "is compared with one value"),
        ({"kind": "property", "path": "clinic", "op": "present", "value": 1}, "is compared with nothing"),
        ({"kind": "property", "path": "clinic", "op": "like", "value": 1}, "'like' is no comparison"),
        ({"kind": "class", "carries": "secrets"}, "'secrets' is no class"),
        ({"kind": "mood", "is": "good"}, "'mood' is no kind of condition"),
        ({"kind": "event", "in": ["booked"], "unless": ["x"]}, "'unless' means nothing here"),
        ({"kind": "property", "path": "clinic", "op": "equals", "value": {"a": 1}}, "texts, numbers"),
        ({"kind": ["event"], "in": ["booked"]}, "is no kind of condition"),
        ("always", "a condition has a kind"),
    ],
)
def test_a_condition_names_only_what_is_there(condition, words):
    said = said_of(blocking(condition))

    assert said.startswith("rule 1")
    assert words in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"for": {"purposes": [], "destinations": []}}, "say for which purposes or systems it is"),
        ({"for": {"purposes": [], "destinations": ["fax"]}}, "there is no system 'fax'; there is none yet"),
        ({"then": {"effect": "redact"}}, "a rule that redacts says what"),
        (
            {"then": {"effect": "redact", "redactions": [{"property": "doctor", "how": "drop"}]}},
            "no such event has a property 'doctor'",
        ),
        (
            {"then": {"effect": "redact", "redactions": [{"property": "clinic", "how": "truncate"}]}},
            "say how many characters are kept",
        ),
        ({"then": {"effect": "explode"}}, "'explode' is no effect"),
        ({"on": "yes"}, "say whether it is on"),
        ({"id": "Not a slug"}, "is not made of lower-case letters"),
        ({"name": " "}, "'name' is missing"),
        ({"when": "always"}, "'when' is a list"),
        ({"then": {"effect": "redact", "redactions": 5}}, "'redactions' is a list"),
        ({"then": {"effect": "redact", "redactions": [5]}}, "a redaction says of what"),
        ({"for": "everybody"}, "'for' is missing"),
        ({"for": {"purposes": [5], "destinations": []}}, "'purposes' is a list of names"),
    ],
)
def test_a_rule_says_what_it_does_and_for_whom(change, words):
    assert words in said_of(blocking(**change))


def test_a_retired_category_is_not_named_anew():
    body = {**known_retirable(), "retired": True}
    publish(kind=RevisionKind.CATEGORY, key="patient_surveys", body=body, author="ann", reason="gone")

    asked = {"kind": "consent", "category": "patient_surveys", "on": "any", "is": "opted_out"}

    assert "the category patient_surveys is retired" in said_of(blocking(asked))


def known_retirable() -> Body:
    found: Body = Category.objects.get(key="patient_surveys").body
    return found


def test_two_rules_of_one_id_are_told_apart():
    assert "rule 2: rule 1 has the id 'one' already" in said_of(blocking(), blocking())


def test_all_that_is_wrong_is_said_at_once():
    said = said_of(blocking(id="A"), blocking({"kind": "event", "in": ["x"]}, id="two"))

    assert "rule 1" in said
    assert "rule 2" in said


@pytest.mark.parametrize("body", [{}, {"rules": [], "stances": {}, "more": 1}, {"rules": {}, "stances": []}])
def test_what_is_no_policy_is_said_to_be_none(body):
    assert list(problems(body, known_now())) == ["a policy has rules and stances, and nothing else"]


def test_a_stance_is_for_a_purpose_that_there_is():
    said = "; ".join(problems({"rules": [], "stances": {"weather": "allow", "care": "maybe"}}, known_now()))

    assert "there is no purpose 'weather'" in said
    assert "care: block or allow, not 'maybe'" in said


@pytest.mark.parametrize("each", ["block", 5, None, []])
def test_what_is_no_rule_is_told(each):
    assert "rule 1: a rule has a name" in said_of(each)
