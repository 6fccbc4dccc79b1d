"""What differs between two publications, place by place."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from preferences.revisions import difference

values = st.recursive(
    st.one_of(st.booleans(), st.integers(0, 3), st.sampled_from(["", "a", "b"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3),
        st.lists(
            st.fixed_dictionaries({"channel": st.sampled_from(["email", "sms"]), "yes": inner}), max_size=2
        ),
    ),
    max_leaves=6,
)
bodies = st.dictionaries(st.sampled_from("abcd"), values, max_size=4)


def test_a_place_is_named_by_its_way_there():
    before: dict[str, Any] = {
        "texts": {"en": {"name": "News"}},
        "offers": [{"channel": "sms", "default": True}],
    }
    after: dict[str, Any] = {
        "texts": {"en": {"name": "Letters"}},
        "offers": [{"channel": "email", "default": True}, {"channel": "sms", "default": False}],
    }

    assert difference(before, after) == (
        (("texts", "en", "name"), "News", "Letters"),
        (("offers", "email", "channel"), None, "email"),
        (("offers", "email", "default"), None, True),
        (("offers", "sms", "default"), True, False),
    )


def test_a_row_that_only_moved_is_no_difference():
    rows = [{"target": "a", "source": "x"}, {"target": "b", "source": "y"}]

    assert not difference({"rows": rows}, {"rows": rows[::-1]})


def test_a_list_of_plain_values_is_compared_whole():
    assert difference({"codes": [1, 2]}, {"codes": [2]}) == ((("codes",), [1, 2], [2]),)


@given(body=bodies)
def test_nothing_differs_from_itself(body):
    assert difference(body, body) == ()


@given(before=bodies, after=bodies)
def test_each_way_shows_the_same_places_with_the_sides_exchanged(before, after):
    there = {(row.path, repr(row.before), repr(row.after)) for row in difference(before, after)}
    back = {(row.path, repr(row.after), repr(row.before)) for row in difference(after, before)}

    assert there == back
