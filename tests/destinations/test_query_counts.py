"""The hot paths of the engine cost the same number of queries for one person as for fifty."""

import pytest
from django.utils import timezone

from destinations import delivery, marking
from destinations.models import Destination
from preferences.services import Choice
from tests.world import World, into, out

MARK, LISTED, CLOCKS, TAKE = 19, 2, 7, 19  # seven of the first keep the lists


def people(world: World, count: int, choice: Choice) -> None:
    for number in range(count):
        person = world.registers(mrn=f"RH{number}", email=f"p{number}@example.org", phone="+12025550101")
        assert person.profile_id
        world.chooses(person.profile_id, choice)


@pytest.mark.parametrize("count", [1, 50])
@pytest.mark.parametrize(
    ("choice", "queries"),
    [(into("marketing_emails", "email"), MARK), (out("marketing_emails", "email"), MARK + LISTED + CLOCKS)],
    ids=["yes", "no"],
)
def test_marking_costs_the_same_for_one_person_as_for_fifty(
    world, count, choice, queries, django_assert_num_queries
):
    people(world, count, choice)
    with django_assert_num_queries(queries):
        marking.mark(timezone.now())


@pytest.mark.parametrize("system", ["sendgrid", "salesforce", "fhir", "webhook"])
@pytest.mark.parametrize("count", [1, 50])
def test_taking_a_turn_costs_the_same_for_one_row_as_for_fifty(
    world, count, system, django_assert_max_num_queries
):
    people(world, count, out("marketing_emails", "email"))
    while marking.mark(timezone.now()):
        pass
    pk = Destination.objects.get(slug=system).pk
    with django_assert_max_num_queries(TAKE):
        turn = delivery.take(pk, 50)
    assert turn is not None
    assert len(turn.batch) == count
