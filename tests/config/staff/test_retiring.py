"""Before a category is retired its page says what names it, and what becomes of that."""

import pytest

from destinations.models import Destination
from governance.terms import EventClass, PropertyClass
from preferences.models import Draft
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.portal.banner.sites import put_up
from tests.preferences.test_admin_categories import drafted

pytestmark = pytest.mark.django_db
MARKETING, SURVEYS = "marketing_emails", "patient_surveys"


def named(client):
    """What the draft's page says: of what, and where that is."""
    page = f"/admin/preferences/draft/{Draft.objects.latest('updated_at').pk}/change/"
    answer = client.get(page)
    for each in answer.context["page"].names:
        assert f'href="{each.page}"' in answer.text
        assert client.get(each.page).status_code == 200
    return [f"{each.what}: {each.then}" for each in answer.context["page"].names]


def test_rules_events_mappers_and_banners_that_name_it_are_listed_with_the_way_to_each(admin_client):
    body = {
        "name": "letter_opened",
        "what": "A letter was opened",
        "class": EventClass.PLAIN.value,
        "categories": [MARKETING],
        "properties": {"clinic": PropertyClass.PLAIN.value},
    }
    publish(kind=RevisionKind.EVENT, key="letter_opened", body=body, author="ann", reason="tests")
    Destination.objects.create(slug="crm", name="Our CRM", connector="salesforce", purpose="marketing")
    put_up()

    drafted(admin_client, MARKETING, retired="on")

    said = named(admin_client)
    assert len(said) == 4
    rule, event, mapper, banner = said
    assert rule.startswith("Rule ")
    assert "It blocks whatever it says, until it names something else." in rule
    assert "The event letter_opened: It goes on belonging to this category" in event
    assert "What Our CRM is told: Marketing_Emails_Email_Opt_Out__c" in mapper
    assert banner == "The banner Main website: Visitors are no longer asked about it."


def test_what_nothing_names_says_nothing_and_neither_does_what_stays_in_use(admin_client):
    drafted(admin_client, SURVEYS, retired="on")
    assert named(admin_client) == []

    drafted(admin_client, MARKETING, how_often="Once a year")
    assert named(admin_client) == []
