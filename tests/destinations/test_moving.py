"""A connection that is changed: where it leads to, and whom it is told about."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from destinations.models import Approval, Destination
from destinations.services import agree, do_or_ask
from destinations.terms import Act
from preferences import services
from preferences.models import Holding
from preferences.services import Said
from preferences.terms import Actor
from tests.world import GROUPS, World, out

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


def groups_of(world: World, email: str = MARIA) -> set[int]:
    held = world.record_of("sendgrid", email=email).get("suppressions", [])
    return {each["id"] for each in held if each["suppressed"]}


def moves(world: World, *already_out: str) -> None:
    """Marketing gets another group, where these stood before Heed's first word."""
    world.plant(
        "sendgrid",
        groups=[{"id": NEW, "name": "news"}],
        suppressed=[{"email": each, "group": NEW} for each in already_out],
    )
    world.saves("sendgrid", settings=elsewhere(world))
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


# --- what reaches many takes a second person ---


def crowd(world: World, count: int, *, confidential: bool = False) -> None:
    """So many who said no; `confidential`: their addresses are named by their orders only."""
    people = [world.registers(mrn=f"RH{n}", email=f"p{n}@example.org").profile_id for n in range(count)]
    Holding.objects.filter(identifier__kind="email").update(confidential=confidential)
    for person in people:
        assert person
        world.chooses(person, out("marketing_emails", "email"))
    world.quiet()


def elsewhere(world: World) -> dict[str, Any]:
    """The settings of another account at SendGrid."""
    world.plant("sendgrid", groups=[{"id": NEW, "name": "news"}])
    return {"base_url": world.sandboxes["sendgrid"].url, "groups": {**GROUPS, "marketing_emails": NEW}}


def test_a_system_that_leads_many_elsewhere_is_rehearsed_until_a_second_person_agrees(world):
    crowd(world, 20)
    saved = world.saves("sendgrid", settings=elsewhere(world))
    world.quiet()

    assert saved.state == "shadow"
    assert NEW not in groups_of(world, "p3@example.org")
    asked = Approval.objects.get()
    assert (asked.act, asked.asked_by, asked.people, asked.differ) == ("go_live", "ana", 20, 20)

    agree(approval_id=asked.pk, by="ben")
    world.quiet()
    assert NEW in groups_of(world, "p3@example.org")


def test_a_system_that_few_are_known_to_stays_live(world):
    crowd(world, 19)
    saved = world.saves("sendgrid", settings=elsewhere(world))
    world.quiet()

    assert saved.state == "live"
    assert not Approval.objects.exists()
    assert NEW in groups_of(world, "p3@example.org")


def test_a_change_that_tells_nobody_otherwise_asks_nobody(world):
    crowd(world, 20)
    saved = world.saves("sendgrid", name="Mail service", rate="100/second")

    assert (saved.state, saved.name) == ("live", "Mail service")
    assert not Approval.objects.exists()


def test_a_system_that_is_not_live_asks_once_it_goes_live(world):
    crowd(world, 20)
    Destination.objects.filter(slug="sendgrid").update(state="paused")
    saved = world.saves("sendgrid", settings=elsewhere(world))

    assert saved.state == "paused"
    assert not Approval.objects.exists()
    assert do_or_ask(destination=saved, act=Act.GO_LIVE, by="ana").approval


def test_ticking_told_confidential_asks_where_many_addresses_come_into_sight(world):
    crowd(world, 20, confidential=True)
    saved = world.saves("sendgrid", told_confidential=True)

    assert saved.state == "shadow"
    assert Approval.objects.get().differ == 20


def test_ticking_told_confidential_for_few_is_done_at_once(world):
    crowd(world, 3, confidential=True)
    saved = world.saves("sendgrid", told_confidential=True)
    world.quiet()

    assert saved.state == "live"
    assert world.suppressed("p1@example.org") == {"marketing_emails"}
