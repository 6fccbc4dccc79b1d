"""What was written is read again, where that costs one call for a batch: *verified*."""

import pytest

from destinations import backoff
from destinations.delivery import PARTIAL_TRIES
from destinations.models import Destination, Propagation
from destinations.sandbox.salesforce import SalesforceSandbox
from destinations.sandbox.sendgrid import SendGridSandbox
from tests.world import World, into, out

MARIA = {"mrn": "RH1", "email": "maria@example.org"}


@pytest.fixture
def maria(world: World):
    world.plant("salesforce", Contact=[{"LastName": "S", "Email": MARIA["email"], "MRN__c": MARIA["mrn"]}])
    system = "urn:oid:2.16.840.1.113883.19.5"
    world.plant("fhir", Patient=[{"id": "p1", "identifier": [{"system": system, "value": "RH1"}]}])
    return world.registers(**MARIA).profile_id


def row(slug: str) -> Propagation:
    return Propagation.objects.filter(destination__slug=slug).exclude(targets="{}").get()


def made(world: World, slug: str, text: str) -> int:
    return sum(text in each["path"] for each in world.sandboxes[slug].requests)


@pytest.mark.parametrize("slug", ["sendgrid", "salesforce", "fhir"])
def test_what_was_read_back_is_verified(world, maria, slug):
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()

    assert row(slug).state == "verified"


def test_a_removal_is_read_back_too(world, maria):
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()
    world.chooses(maria, into("marketing_emails", "email"))
    world.drain()

    assert {each.state for each in Propagation.objects.filter(destination__slug="sendgrid")} == {"verified"}
    assert world.suppressed("maria@example.org") == set()


def test_many_people_cost_one_call_more(world, maria):
    for number in range(30):
        person = world.registers(mrn=f"R{number}", email=f"p{number}@example.org").profile_id
        world.chooses(person, out("marketing_emails", "email"))
    Destination.objects.update(in_flight_max=1)
    world.drain()

    searches, writes = made(world, "sendgrid", "/search"), made(world, "sendgrid", "/suppressions")
    assert searches == 2 * (writes - searches)  # one before each write, one after


@pytest.mark.parametrize("slug", ["sendgrid", "salesforce", "fhir"])
def test_whoever_turns_it_off_is_told_without(world, maria, slug):
    Destination.objects.update(reads_back=False)
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()

    assert row(slug).state == "acknowledged"


def forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """SendGrid says yes, and keeps nothing."""
    monkeypatch.setattr(SendGridSandbox, "_listed", lambda self, email, group, created: email)


def tried_once_a_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Full jitter may put the next try right away, and a drain then makes it too."""
    monkeypatch.setattr(backoff, "row_delay", lambda failures: 60.0)


def test_what_is_not_there_when_read_back_is_tried_again_and_then_shown_to_a_person(
    world, maria, monkeypatch
):
    forgets(monkeypatch)
    tried_once_a_drain(monkeypatch)
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()

    first = row("sendgrid")
    assert (first.state, first.reason) == ("later", "partial")
    assert "does not show it when read back" in first.detail

    for _ in range(PARTIAL_TRIES):
        world.later()
        world.drain()

    last = row("sendgrid")
    assert (last.state, last.reason) == ("stuck", "partial")
    assert last.due_at is not None  # an opt-out is tried daily


def test_once_it_is_there_it_is_verified(world, maria, monkeypatch):
    with monkeypatch.context() as broken:
        forgets(broken)
        world.chooses(maria, out("marketing_emails", "email"))
        world.drain()
    world.quiet()

    assert row("sendgrid").state == "verified"
    assert world.suppressed("maria@example.org") == {"marketing_emails"}


def test_a_record_that_was_changed_right_after_the_write_is_not_verified(world, maria, monkeypatch):
    keep = SalesforceSandbox._keep

    def forgetful(self, type_, record):
        keep(self, type_, {**record, "Marketing_Emails_Email_Opt_Out__c": False})

    monkeypatch.setattr(SalesforceSandbox, "_keep", forgetful)
    tried_once_a_drain(monkeypatch)
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()

    assert (row("salesforce").state, row("salesforce").reason) == ("later", "partial")
