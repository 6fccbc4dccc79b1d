"""How far an act would reach, before it is done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destinations import blast
from destinations.blast import Difference, difference, would_change
from destinations.connectors import CONNECTORS
from destinations.models import Destination, Propagation
from preferences.models import Identifier
from tests.world import World, out

ROWS = CONNECTORS["sendgrid"].rows
MERGED = [{"target": "groups.marketing_emails", "source": "answer:patient_surveys:email"}, *ROWS[1:]]


@pytest.fixture
def told(world: World) -> Destination:
    """SendGrid was told about six people; two of them said no to marketing."""
    for number in range(6):
        person = world.registers(mrn=f"RH{number}", email=f"p{number}@example.org").profile_id
        if number < 2 and person:
            world.chooses(person, out("marketing_emails", "email"))
    world.quiet()
    return Destination.objects.get(slug="sendgrid")


def test_the_same_mapper_changes_nothing(told):
    assert would_change(destination=told, rows=ROWS) == Difference(6, 0)


def test_another_mapper_changes_whoever_it_says_something_else_about(told):
    found = would_change(destination=told, rows=MERGED)

    assert (found.people, found.differ, found.exact) == (6, 2, True)
    assert found.in_words == "2 of 6 (33%)"
    assert {each.identifier_id for each in found.examples} == set(
        Identifier.objects.filter(kind="email", propagation__targets__contains="wrote").values_list(
            "id", flat=True
        )
    )
    assert dict(found.examples[0].before) == {"groups.marketing_emails": [True, True]}
    assert dict(found.examples[0].after) == {}


def test_nobody_is_called_to_find_out(told, world):
    world.sandboxes["sendgrid"].requests.clear()
    would_change(destination=told, rows=MERGED)

    assert not world.sandboxes["sendgrid"].requests
    assert not Propagation.objects.filter(due_at__isnull=False).exists()


def test_examples_name_no_address(world, told):
    told = Destination.objects.get(slug="salesforce")
    found = would_change(destination=told, rows=[{**ROWS[0], "target": "DoNotCall"}])

    assert found.examples
    assert "@" not in str(found.examples)


def test_of_very_many_a_part_stands_for_all(told, monkeypatch):
    monkeypatch.setattr(blast, "LOOKED_AT", 3)
    monkeypatch.setattr(blast, "CHUNK", 2)
    found = would_change(destination=told, rows=MERGED)

    assert (found.people, found.exact) == (6, False)
    assert found.differ % 2 == 0
    assert found.in_words.startswith("about ")


def test_a_system_that_was_told_nothing_is_changed_for_nobody(told):
    Propagation.objects.update(acknowledged=0)

    assert would_change(destination=told, rows=MERGED) == Difference(0, 0)


def test_a_connector_that_was_removed_is_changed_for_nobody(told):
    told.connector = "mailkite"

    assert would_change(destination=told, rows=MERGED).people == 0


@pytest.mark.parametrize(
    ("people", "differ", "second"),
    [
        (1_000, 100, False),
        (1_000, 101, True),
        (20, 19, False),
        (20, 20, True),
        (100_000, 10_001, True),
        (0, 0, False),
    ],
)
def test_a_second_person_is_needed_above_the_share_and_never_for_fewer_than_twenty(people, differ, second):
    assert Difference(people, differ).needs_second_person is second


@given(st.integers(1, 10**6), st.integers(1, 5_000), st.floats(0, 1))
def test_what_is_reckoned_is_never_more_than_everybody(people, looked, part):
    looked = min(people, looked)
    found = difference(people, looked, int(part * looked))

    assert 0 <= found.differ <= people
    assert found.exact == (looked == people)
