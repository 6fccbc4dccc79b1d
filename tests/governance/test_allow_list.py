"""Which events may come in: what staff publish, and what takes two of them."""

from datetime import UTC, datetime

import pytest

from governance.allowed import event_as, events, flat, is_name, is_path
from governance.models import SeenNotAllowed
from governance.services import note_seen
from governance.services.seeing import GATHERED, MOST
from governance.terms import PropertyClass
from preferences.errors import Forbidden, Malformed, UnknownCategory
from tests.governance.listing import BOOKED, LISTED, allow

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def seen():
    return {(row.event, row.property): row.count for row in SeenNotAllowed.objects.all()}


def test_nothing_is_allowed_until_somebody_publishes_it():
    assert events() == {}


def test_what_is_published_holds_at_once(django_assert_num_queries):
    allow()
    assert events()[BOOKED].properties == LISTED
    allow(properties={**LISTED, "place": "plain"})

    with django_assert_num_queries(2):
        found = events()[BOOKED]
    with django_assert_num_queries(1):
        events()
    assert (found.number, found.properties["place"]) == (2, PropertyClass.PLAIN)
    assert found.health == {"clinic"}
    assert found.identifiers == {"context.ip"}


def test_an_earlier_publication_can_be_looked_up_for_ever():
    allow(kind="health")
    allow(kind="health", properties={})

    first, second = event_as(BOOKED, 1), event_as(BOOKED, 2)
    assert first
    assert second
    assert (first.properties, second.properties) == (LISTED, {})
    assert event_as(BOOKED, 3) is None


def test_a_retired_event_no_longer_comes_in():
    allow()
    allow(retired=True)

    assert events() == {}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": "pat@example.org"}, "a letter first"),
        ({"kind": "secret"}, "class of an event"),
        ({"properties": {"a..b": "plain"}}, "names no property"),
        ({"properties": {"patient 00123456": "plain"}}, "names no property"),
        ({"properties": {"clinic": "secret"}}, "class of clinic"),
        (
            {"properties": {f"p{each}": "plain" for each in map(chr, range(65, 91))} | {"x" * 101: "plain"}},
            "no",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_do(wrong, words):
    with pytest.raises(Malformed, match=words):
        allow(**wrong)


def test_an_event_belongs_to_categories_that_exist():
    with pytest.raises(UnknownCategory):
        allow(categories=["newsletter"])


@pytest.mark.parametrize(
    "less",
    [
        {"kind": "plain"},
        {"kind": "health", "properties": {**LISTED, "clinic": "plain"}},
        {"kind": "health", "properties": {**LISTED, "clinic": "identifier"}},
        {"kind": "health", "properties": {**LISTED, "context.ip": "plain"}},
        {"kind": "health", "categories": []},
    ],
)
def test_guarding_less_takes_a_second_person(less):
    allow(kind="health")

    with pytest.raises(Forbidden, match="second person"):
        allow(**less)
    assert allow(**less, approved_by="ben").number == 2


def test_leaving_a_property_out_for_a_while_is_no_way_around():
    allow()
    allow(properties={})

    with pytest.raises(Forbidden, match="clinic would no longer count as health"):
        allow(properties={"clinic": "plain"})


def test_guarding_more_takes_one_person():
    allow(properties={"value": "plain"}, categories=[])

    assert allow(properties={"value": "health", "new": "plain"}, categories=["care_follow_ups"]).number == 2


@pytest.mark.parametrize("name", ["Order Completed", "appointment_booked", "Step 2: Insurance", "a/b"])
def test_names_that_vendors_use_are_names(name):
    assert is_name(name)


@pytest.mark.parametrize("name", ["pat@example.org", "+12025550143", "Visit 00123456", "", "x" * 101, "a\nb"])
def test_what_may_be_said_of_a_person_is_no_name(name):
    assert not is_name(name)
    assert not is_path(name)


def test_properties_are_known_by_their_path():
    given = {"a": 1, "b": {"c": "x", "d": {"e": True}}, "f": ["x", 2], "g": [{"h": 1}], "i.j": 1, "k": None}

    assert dict(flat(given)) == {"a": 1, "b.c": "x", "b.d.e": True, "f": ["x", 2], "g": None, "i.j": None}


def test_what_is_not_allowed_is_counted_by_name():
    note_seen(seen={("clicked", ""): 2, (BOOKED, "price"): 1}, now=NOW)

    assert seen() == {("clicked", ""): 2, (BOOKED, "price"): 1}


def test_counts_are_written_now_and_then_and_a_new_name_at_once(django_assert_num_queries):
    note_seen(seen={("clicked", ""): 1}, now=NOW)
    with django_assert_num_queries(0):
        note_seen(seen={("clicked", ""): 4}, now=NOW)
    note_seen(seen={("viewed", ""): 1}, now=NOW)

    assert seen() == {("clicked", ""): 5, ("viewed", ""): 1}


def test_many_new_names_are_looked_up_together(django_assert_num_queries):
    with django_assert_num_queries(2):
        note_seen(seen={(BOOKED, f"property{each}"): 1 for each in map(chr, range(97, 117))}, now=NOW)

    assert len(seen()) == 20


def test_a_new_name_is_written_at_once_though_others_were_allowed_meanwhile():
    note_seen(seen={("clicked", ""): 1, ("opened", ""): 1}, now=NOW)
    SeenNotAllowed.objects.all().delete()
    note_seen(seen={("viewed", ""): 1}, now=NOW)

    assert seen() == {("viewed", ""): 1}


def test_what_does_not_look_like_a_name_is_never_written():
    note_seen(seen={("pat@example.org", ""): 3, (BOOKED, "call +12025550143"): 1}, now=NOW)

    assert seen() == {("", ""): 4}


def test_too_many_names_count_as_others():
    note_seen(seen={(f"event{each}", ""): 1 for each in range(MOST + 20)}, now=NOW)
    GATHERED.clear()  # another process
    note_seen(seen={("one more", ""): 1, ("event7", ""): 1}, now=NOW)

    assert len(seen()) == MOST + 1
    assert seen()["", ""] == 21
    assert seen()["event7", ""] == 2
