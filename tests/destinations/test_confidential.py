"""Addresses that an order names reach only systems marked for them (45 CFR 164.522(b))."""

from typing import Any

import pytest
from django.db.models import Q
from django.utils import timezone

from destinations.models import Destination, Propagation
from preferences.models import Holding
from preferences.services import Said, restrict
from preferences.terms import Actor, RestrictionKind
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


def marked(world: World, slug: str) -> None:
    world.saves(slug, told_confidential=True)


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
        marked(world, slug)
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


# --- no longer marked ---


def unmarked(world: World, slug: str) -> None:
    world.saves(slug, told_confidential=False)
    world.quiet()
    world.sandboxes[slug].requests.clear()


def shelters(world: World) -> dict[str, Any]:
    """The record at Salesforce that is found by the address alone."""
    return world.record_of("salesforce", email=HIDDEN)


def test_a_system_that_knows_the_address_goes_on_hearing_every_no(world, maria):
    marked(world, "sendgrid")
    world.chooses(maria, out("marketing_emails", "email"))
    world.quiet()
    unmarked(world, "sendgrid")
    world.chooses(maria, out("patient_surveys", "email"))
    world.quiet()

    assert world.suppressed(HIDDEN) == {"marketing_emails", "patient_surveys"}


def test_but_no_yes(world, maria):
    marked(world, "sendgrid")
    world.chooses(maria, out("marketing_emails", "email"), out("patient_surveys", "email"))
    world.quiet()
    unmarked(world, "sendgrid")
    world.chooses(maria, into("marketing_emails", "email"))
    world.quiet()
    assert world.suppressed(HIDDEN) == {"marketing_emails", "patient_surveys"}

    world.chooses(maria, into("patient_surveys", "email"))
    world.quiet()
    assert world.suppressed(HIDDEN) == {"marketing_emails", "patient_surveys"}


def test_one_that_never_knew_it_is_told_nothing(world, maria):
    world.chooses(maria, out("marketing_emails", "email"))
    world.quiet()
    Destination.objects.filter(slug="sendgrid").update(state="shadow")
    marked(world, "sendgrid")
    world.quiet()
    world.saves("sendgrid", told_confidential=False)
    Destination.objects.filter(slug="sendgrid").update(state="live")
    world.chooses(maria, out("patient_surveys", "email"))
    world.quiet()

    assert HIDDEN not in everything_sent(world, "sendgrid")


def test_what_is_found_by_the_address_alone_hears_every_no_and_no_yes(world, maria):
    marked(world, "salesforce")
    world.chooses(maria, out("marketing_emails", "email"))
    world.quiet()
    unmarked(world, "salesforce")
    world.chooses(maria, out("patient_surveys", "email"), into("marketing_emails", "email"))
    world.quiet()

    assert shelters(world)["Patient_Surveys_Email_Opt_Out__c"] is True
    assert shelters(world)["Marketing_Emails_Email_Opt_Out__c"] is True


def test_where_nothing_is_refused_the_address_is_not_even_asked_for(world, maria):
    marked(world, "salesforce")
    world.chooses(maria, into("marketing_emails", "email"))
    world.quiet()
    unmarked(world, "salesforce")
    world.chooses(maria, into("patient_surveys", "email"))
    world.quiet()

    assert world.sandboxes["salesforce"].requests
    assert HIDDEN not in everything_sent(world, "salesforce")


def test_a_person_who_became_known_before_the_system_was_marked_is_no_proof(world, maria):
    """Salesforce was told about her, and never of this address."""
    world.chooses(maria, out("marketing_emails", "email"))
    world.quiet()
    Destination.objects.filter(slug="salesforce").update(state="paused")
    marked(world, "salesforce")
    world.saves("salesforce", told_confidential=False)
    Destination.objects.filter(slug="salesforce").update(state="live")
    world.chooses(maria, out("patient_surveys", "email"))
    world.quiet()

    assert HIDDEN not in everything_sent(world, "salesforce")


def test_a_system_that_is_told_everything_hears_of_a_restriction_at_the_address_but_not_that_it_is_hers(
    world, maria
):
    marked(world, "webhook")
    world.chooses(maria, out("marketing_emails", "email"))
    world.quiet()
    unmarked(world, "webhook")
    address = Holding.objects.get(confidential=True, identifier__kind="email").identifier_id
    said = Said(world.sources["ehr"], Actor.PARTNER, timezone.now(), {"by": "ehr"})
    restrict(identifier_id=address, kind=RestrictionKind.SUPPRESSED, said=said)
    world.quiet()

    told = world.snapshot(email=OPEN)
    assert [each["identifier"] for each in told["restrictions"]] == [HIDDEN]
    assert HIDDEN not in {each["value"] for each in told["identifiers"]}


def test_at_another_place_nobody_knows_it(world, maria):
    marked(world, "sendgrid")
    world.chooses(maria, out("marketing_emails", "email"))
    world.quiet()
    unmarked(world, "sendgrid")
    world.plant("sendgrid", groups=[{"id": 201, "name": "news"}])
    settings = Destination.objects.get(slug="sendgrid").settings
    groups = {**settings["groups"], "marketing_emails": 201}
    world.saves("sendgrid", settings={**settings, "groups": groups})
    world.chooses(maria, out("patient_surveys", "email"))
    world.quiet()

    assert world.sandboxes["sendgrid"].requests
    assert HIDDEN not in everything_sent(world, "sendgrid")


def test_once_it_is_marked_again_it_hears_all(world, maria):
    marked(world, "sendgrid")
    world.chooses(maria, out("marketing_emails", "email"))
    world.quiet()
    unmarked(world, "sendgrid")
    world.chooses(maria, into("marketing_emails", "email"))
    world.quiet()
    marked(world, "sendgrid")
    world.quiet()

    assert world.suppressed(HIDDEN) == set()


# --- named openly too ---


def test_an_address_that_any_source_names_openly_is_told_everywhere(world, maria):
    """Hers by an order, and another patient's by the record system: the list there must know of a no."""
    other = world.registers(mrn="RH2", email=HIDDEN).profile_id
    world.chooses(other, out("marketing_emails", "email"))
    world.quiet()

    assert world.suppressed(HIDDEN) == {"marketing_emails"}
    assert HIDDEN not in str(world.snapshot(email=OPEN))
