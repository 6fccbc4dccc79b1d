"""What staff published is what systems are told, over real HTTP."""

from typing import Any

import pytest
from django.conf import settings

from destinations.connectors import CONNECTORS
from destinations.models import Attempt, Destination, Propagation
from preferences.models import Revision
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.world import World, into, out

WORDS = {"do": "words", "yes": "No", "no": "Yes"}
ANSWER = "answer:marketing_emails:email"


def publishes(world: World, system: str, *rows: dict[str, Any]) -> Revision:
    """Staff publish these rows beside those that the connector comes with."""
    body = {"connector": system, "rows": [*CONNECTORS[system].rows, *rows]}
    return publish(kind=RevisionKind.MAPPER, key=system, body=body, author="ida", reason="A field more")


@pytest.fixture
def reyes(world):
    world.plant("salesforce", Contact=[{"LastName": "Reyes", "MRN__c": "RH7"}])
    person = world.registers(mrn="RH7", email="reyes@example.org", language="es").profile_id
    world.drain()
    return person


def test_a_plain_fact_reaches_a_field_of_the_systems_own(world, reyes):
    publishes(world, "salesforce", {"target": "Preferred_Language__c", "source": "language"})
    world.drain()
    assert world.contact("RH7")["Preferred_Language__c"] == "es"

    world.registers(mrn="RH7", language="en")
    world.drain()
    assert world.contact("RH7")["Preferred_Language__c"] == "en"


def test_an_answer_in_words_says_no_yes_and_what_stood_before(world, reyes):
    publishes(world, "salesforce", {"target": "Email_Marketing__c", "source": ANSWER, "steps": [WORDS]})
    world.drain()
    assert world.contact("RH7")["Email_Marketing__c"] is None

    world.chooses(reyes, out("marketing_emails", "email"))
    world.drain()
    assert world.contact("RH7")["Email_Marketing__c"] == "No"

    world.chooses(reyes, into("marketing_emails", "email"))
    world.drain()
    assert world.contact("RH7")["Email_Marketing__c"] == "Yes"


def test_a_yes_is_written_in_words_where_nothing_stood(world, reyes):
    publishes(world, "salesforce", {"target": "Email_Marketing__c", "source": ANSWER, "steps": [WORDS]})
    world.chooses(reyes, into("marketing_emails", "email"))
    world.drain()

    assert world.contact("RH7")["Email_Marketing__c"] == "Yes"


def test_a_vendors_own_no_in_words_is_not_lifted_by_an_older_yes(world, reyes):
    world.chooses(reyes, into("marketing_emails", "email"))
    world.drain()
    world.plant("salesforce", Contact=[{"LastName": "Reyes", "MRN__c": "RH7", "Email_Marketing__c": "No"}])
    publishes(world, "salesforce", {"target": "Email_Marketing__c", "source": ANSWER, "steps": [WORDS]})
    world.drain()

    row = Propagation.objects.get(destination__slug="salesforce", identifier=reyes)
    assert (row.state, row.reason) == ("stuck", "needs_person")


def test_a_row_that_is_taken_away_takes_its_denial_with_it_in_its_own_words(world, reyes):
    publishes(world, "salesforce", {"target": "Email_Marketing__c", "source": ANSWER, "steps": [WORDS]})
    world.chooses(reyes, out("marketing_emails", "email"))
    world.drain()
    publishes(world, "salesforce")
    world.drain()

    assert world.contact("RH7")["Email_Marketing__c"] == "Yes"


def test_a_webhook_carries_rows_beside_its_snapshot(world, reyes):
    publishes(
        world,
        "webhook",
        {"target": "contact.language", "source": "language", "steps": [{"do": "upper"}]},
        {"target": "contact.mrn", "source": "identifier:mrn", "steps": [{"do": "first"}]},
        {"target": "marketing", "source": ANSWER, "steps": [{"do": "not"}]},
    )
    world.chooses(reyes, out("marketing_emails", "email"))
    world.drain()

    told = world.snapshot(email="reyes@example.org")
    assert told["fields"] == {"contact": {"language": "ES", "mrn": "RH7"}, "marketing": False}
    assert told["preferences"]["marketing_emails"]["email"]["state"] == "opted_out"


def test_publishing_tells_only_those_for_whom_it_makes_a_difference(world, reyes):
    world.registers(mrn="RH8", email="nobody@example.org")
    world.drain()
    before = Attempt.objects.filter(propagation__destination__slug="webhook").count()
    publishes(world, "webhook", {"target": "language", "source": "language"})
    world.drain()

    assert Attempt.objects.filter(propagation__destination__slug="webhook").count() == before + 1


def test_a_system_that_nobody_published_for_is_told_what_its_connector_comes_with(world, reyes):
    Destination.objects.filter(slug="sendgrid").update(slug="mail")
    world.sandboxes["mail"] = world.sandboxes["sendgrid"]
    settings.HEED_PRIVATE_HOSTS["mail"] = settings.HEED_PRIVATE_HOSTS["sendgrid"]
    world.chooses(reyes, out("marketing_emails", "email"))
    world.drain()

    assert world.suppressed("reyes@example.org") == {"marketing_emails"}
