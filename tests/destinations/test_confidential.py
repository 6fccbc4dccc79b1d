"""Addresses that an order names reach only systems marked for them (45 CFR 164.522(b))."""

import pytest
from django.db.models import Q

from destinations.models import Destination, Propagation
from destinations.services import look_again
from preferences.models import Holding
from tests.world import World, into, out

OPEN, HIDDEN = "maria@example.org", "shelter@example.org"


@pytest.fixture
def maria(world: World):
    """Her record, and an address that only her order names."""
    world.plant(
        "salesforce",
        Contact=[
            {"LastName": "Santos", "Email": OPEN, "MRN__c": "RH1"},
            {"LastName": "Shelter", "Email": HIDDEN},
        ],
    )
    person = world.registers(mrn="RH1", email=OPEN).profile_id
    world.registers(source="patient_portal", external_id="7", email=HIDDEN)
    Holding.objects.filter(source__slug="patient_portal").update(confidential=True, profile=person)
    return person


def marked(slug: str) -> None:
    Destination.objects.filter(slug=slug).update(told_confidential=True)
    look_again(Destination.objects.get(slug=slug))


def everything_sent(world: World, slug: str) -> str:
    return " ".join(str(each) for each in world.sandboxes[slug].requests)


@pytest.mark.parametrize("slug", ["sendgrid", "salesforce", "webhook"])
def test_a_confidential_address_reaches_no_system_that_is_not_marked(world, maria, slug):
    world.chooses(maria, out("marketing_emails", "email"))
    world.quiet()

    assert world.sandboxes[slug].requests
    assert HIDDEN not in everything_sent(world, slug)


def test_a_marked_system_is_told_it(world, maria):
    for slug in ("sendgrid", "salesforce", "webhook"):
        marked(slug)
    world.chooses(maria, out("marketing_emails", "email"))
    world.quiet()

    assert world.suppressed(HIDDEN) == {"marketing_emails"}
    assert HIDDEN in everything_sent(world, "salesforce")
    assert HIDDEN in {each["value"] for each in world.snapshot(email=OPEN)["identifiers"]}


def test_an_unmarked_system_that_goes_by_address_has_not_even_a_row_for_it(world, maria):
    world.chooses(maria, out("marketing_emails", "email"))
    world.quiet()

    [row] = Propagation.objects.filter(
        Q(identifier__holdings__profile=maria), destination__slug="sendgrid", identifier__kind="email"
    )
    assert not row.identifier.holdings.filter(confidential=True).exists()


def test_a_system_that_is_no_longer_marked_is_told_nothing_more(world, maria):
    marked("sendgrid")
    world.chooses(maria, out("marketing_emails", "email"))
    world.quiet()
    Destination.objects.update(told_confidential=False)
    world.sandboxes["sendgrid"].requests.clear()

    world.chooses(maria, out("patient_surveys", "email"), into("marketing_emails", "email"))
    Propagation.objects.filter(identifier__holdings__confidential=True).update(digest=None)
    world.quiet()

    assert HIDDEN not in everything_sent(world, "sendgrid")


def test_an_address_that_any_source_names_openly_is_told_everywhere(world, maria):
    """Hers by an order, and another patient's by the record system: the list there must know of a no."""
    other = world.registers(mrn="RH2", email=HIDDEN).profile_id
    world.chooses(other, out("marketing_emails", "email"))
    world.quiet()

    assert world.suppressed(HIDDEN) == {"marketing_emails"}
    assert HIDDEN not in str(world.snapshot(email=OPEN))
