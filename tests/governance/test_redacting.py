"""What is left of a property."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.allowed import AllowedEvent
from governance.redacting import redacted, strictest
from governance.rules import Redaction
from governance.terms import How, PropertyClass

SEEN = AllowedEvent("viewed", False, (), {"value": PropertyClass.PLAIN, "other": PropertyClass.PLAIN}, 1)


def left(value: object, how: How, keep: int = 0) -> object:
    found = redacted(
        {"value": value}, SEEN, {"value": Redaction(how, "value", keep=keep)}, lambda text: f"<{text}>"
    )
    return found.get("value")


@pytest.mark.parametrize(
    ("how", "value", "expected"),
    [
        (How.DROP, "anything", None),
        (How.HASH, " Ann@Example.org ", "<ann@example.org>"),
        (How.HASH, 42, "<42>"),
        (How.TRUNCATE, "cardiology", "car"),
        (How.TRUNCATE, 12345, "123"),
        (How.DOMAIN, "ann@clinic.example.org", "clinic.example.org"),
        (How.DOMAIN, "https://Clinic.example.org/asthma?id=7", "clinic.example.org"),
        (How.DOMAIN, "https://ann:secret@clinic.example.org/", "clinic.example.org"),
        (How.DOMAIN, "clinic.example.org/asthma", "clinic.example.org"),
        (How.DOMAIN, "my doctor", None),
        (How.DOMAIN, "http://[", None),
        (How.DATE, "2026-05-03T10:00:00Z", "2026-05"),
        (How.DATE, "03.05.2026", None),
        (How.DATE, 1746230400, None),
        (How.PLACE, "98109", "981"),
        (How.PLACE, "98109-1234", "981"),
        (How.PLACE, "03601", "000"),
        (How.PLACE, "us-wa", "US-WA"),
        (How.PLACE, "WA", "WA"),
        (How.PLACE, "12 Elm Street, Seattle", None),
        (How.DATE, ["2026-05-03", "soon", None], ["2026-05"]),
        (How.DATE, ["soon"], None),
    ],
)
def test_each_way_leaves_what_it_says_and_nothing_where_it_can_t_tell(how, value, expected):
    assert left(value, how, keep=3) == expected


def test_what_the_allow_list_no_longer_has_never_leaves():
    assert redacted({"value": 1, "gone": 2}, SEEN, {}, str) == {"value": 1}


WAYS = st.builds(Redaction, st.sampled_from(How), keep=st.integers(1, 9))


@given(st.lists(WAYS, min_size=1, max_size=5), WAYS)
def test_one_more_redaction_never_brings_a_property_back(ways, more):
    if strictest(ways).how == How.DROP:
        assert strictest([*ways, more]).how == How.DROP
    assert strictest([*ways, more]).how == strictest([more, *reversed(ways)]).how


def test_two_ways_to_generalise_leave_nothing():
    assert strictest([Redaction(How.DATE), Redaction(How.PLACE), Redaction(How.HASH)]).how == How.DROP


def test_of_two_truncations_the_shorter_counts():
    assert strictest([Redaction(How.TRUNCATE, keep=4), Redaction(How.TRUNCATE, keep=2)]).keep == 2
