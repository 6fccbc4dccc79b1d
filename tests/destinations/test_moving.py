"""A connection that is changed: where it leads to, and whom it is told about."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from preferences import services
from preferences.services import Said
from preferences.terms import Actor
from tests.world import GROUPS, World

MARIA, NEW = "maria@example.org", 201


@pytest.fixture
def pausing(world: World) -> UUID:
    """She wants no marketing for a month, and the group she was put into knows nobody else."""
    person = world.registers(mrn="RH1", email=MARIA).profile_id
    assert person
    until = timezone.now() + timedelta(days=30)
    services.pause(profile_id=person, category="marketing_emails", until=until, said=says(world))
    world.quiet()
    assert world.suppressed(MARIA) == {"marketing_emails"}
    return person


def says(world: World) -> Said:
    return Said(world.sources["preference_page"], Actor.PERSON, timezone.now(), {"page": "p"})


def goes_on(world: World, person: UUID) -> None:
    services.end_pause(profile_id=person, category="marketing_emails", said=says(world))
    world.quiet()


def groups_of(world: World) -> set[int]:
    held = world.record_of("sendgrid", email=MARIA).get("suppressions", [])
    return {each["id"] for each in held if each["suppressed"]}


def moves(world: World, *already_out: str) -> None:
    """Marketing gets another group, where these stood before Heed's first word."""
    world.plant(
        "sendgrid",
        groups=[{"id": NEW, "name": "news"}],
        suppressed=[{"email": each, "group": NEW} for each in already_out],
    )
    settings = {"base_url": world.sandboxes["sendgrid"].url, "groups": {**GROUPS, "marketing_emails": NEW}}
    world.saves("sendgrid", settings=settings)
    world.quiet()


def test_an_opt_out_that_stood_at_the_new_place_stays_when_heeds_reason_ends(world, pausing):
    moves(world, MARIA)
    goes_on(world, pausing)

    assert NEW in groups_of(world)


def test_what_heed_wrote_at_the_new_place_it_takes_back_there(world, pausing):
    moves(world)
    assert NEW in groups_of(world)
    goes_on(world, pausing)

    assert NEW not in groups_of(world)


def test_a_group_more_leaves_the_others_where_they_are(world, pausing):
    settings = {"base_url": world.sandboxes["sendgrid"].url, "groups": {**GROUPS, "newsletter": 104}}
    world.saves("sendgrid", settings=settings)
    world.quiet()
    goes_on(world, pausing)

    assert groups_of(world) == set()
