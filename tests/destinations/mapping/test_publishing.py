"""Nothing that does not hold is ever published, whoever asks; a mapper that reaches far needs two."""

import re
from typing import Any

import pytest

from destinations import mappers
from destinations.connectors import CONNECTORS
from destinations.models import Destination
from destinations.services import save_destination
from preferences.errors import Forbidden, Malformed
from preferences.models import Category, Revision
from preferences.services import in_force, publish, publish_draft, revert
from preferences.terms import RevisionKind
from tests.preferences.preparing import prepared
from tests.world import GROUPS, World, out

LANGUAGE = {"target": "Preferred_Language__c", "source": "language", "steps": []}


def mapper(*rows: dict[str, Any], connector: str = "salesforce", **more: Any) -> dict[str, Any]:
    return {"connector": connector, "rows": [*map(dict, CONNECTORS[connector].rows), *rows], **more}


def drafted(body: dict[str, Any], system: str = "salesforce", author: str = "ida") -> Any:
    return prepared(RevisionKind.MAPPER, system, body, author, "A field more")


def published(system: str) -> dict[str, Any]:
    stands = in_force(RevisionKind.MAPPER, system)
    assert stands
    return dict(stands.body)


def test_a_draft_may_be_wrong_but_is_never_published(world):
    draft = drafted(mapper({"target": "language", "source": "tongue"}))

    with pytest.raises(Malformed, match="row 15: “language” is no field that salesforce has"):
        publish_draft(draft=draft, by="ida")
    assert published("salesforce") == mapper()


def test_it_is_published_through_a_draft_and_taken_back_as_one(world):
    first = in_force(RevisionKind.MAPPER, "salesforce")
    assert first
    publish_draft(draft=drafted(mapper(LANGUAGE)), by="ida")
    assert published("salesforce") == mapper(LANGUAGE)

    publish_draft(draft=revert(revision=first, by="ida"), by="ida")
    assert published("salesforce") == mapper()


def test_nothing_slips_past_the_drafts_either(world):
    with pytest.raises(Malformed, match="this mapper is for another kind of system than fhir"):
        publish(kind=RevisionKind.MAPPER, key="fhir", body=mapper(), author="x", reason="x")
    with pytest.raises(Malformed, match="there is no system “crm”"):
        publish(kind=RevisionKind.MAPPER, key="crm", body=mapper(), author="x", reason="x")


def test_an_example_that_no_longer_holds_stops_it(world):
    kept = {"name": "Speaks Spanish", "person": {"language": "es"}, "expect": {"Preferred_Language__c": "es"}}
    publish_draft(draft=drafted(mapper(LANGUAGE, examples=[kept])), by="ida")
    changed = {**LANGUAGE, "steps": [{"do": "upper"}]}

    with pytest.raises(Malformed, match="example “Speaks Spanish”: .* would say “ES”, but “es” is expected"):
        publish_draft(draft=drafted(mapper(changed, examples=[kept])), by="ida")


@pytest.fixture
def many(world: World, settings: Any) -> None:
    """25 people who said no to what SendGrid is told of."""
    settings.HEED_BLAST_RADIUS = 0.1
    for number in range(25):
        person = world.registers(mrn=f"RH{number}", email=f"p{number}@example.org").profile_id
        assert person
        world.chooses(person, out("marketing_emails", "email"))
    world.quiet()


OTHER = {**mapper(connector="sendgrid"), "rows": [dict(CONNECTORS["sendgrid"].rows[1])]}
FAR = r"sendgrid would be told something else about 25 of 25 \(100%\)"


def test_a_mapper_that_changes_much_needs_a_second_person(many):
    draft = drafted(OTHER, "sendgrid")

    with pytest.raises(Forbidden, match=FAR):
        publish_draft(draft=draft, by="ida")
    publish_draft(draft=draft, by="omar")
    assert published("sendgrid") == OTHER


def test_a_draft_that_was_overtaken_is_not_weighed(many, admin_client):
    draft = drafted(OTHER, "sendgrid")
    page = mappers.page_of_draft(draft)
    assert admin_client.get(page).context["page"].differ.people == 25

    publish_draft(draft=drafted(OTHER, "sendgrid", author="omar"), by="ida")

    assert admin_client.get(page).context["page"].is_stale
    assert admin_client.get(page).context["page"].differ.people == 0


def test_the_first_that_is_published_is_weighed_against_the_rows_of_the_connector(many):
    """A system that was connected before mappers were published has told people by those."""
    assert re.match(FAR, mappers.weigh_mapper(key="sendgrid", body=OTHER, before=None))


# --- the connection that it belongs to ---


def saves(slug: str, **changes: Any) -> Destination:
    system = Destination.objects.get(slug=slug)
    kept = ("name", "public_label", "purpose", "state", "agreement", "settings")
    facts = {name: getattr(system, name) for name in kept}
    return save_destination(
        destination=system,
        connector=system.connector,
        slug=slug,
        secrets={},
        author="ida",
        **{**facts, **changes},
    )


def test_saving_a_connection_leaves_its_mapper_alone(world):
    publish_draft(draft=drafted(mapper(LANGUAGE)), by="ida")
    saves("salesforce", name="Salesforce")

    assert published("salesforce") == mapper(LANGUAGE)
    assert Revision.objects.filter(kind=RevisionKind.MAPPER, key="salesforce").count() == 2


def test_a_connection_that_leads_elsewhere_tells_everyone_there(world: World):
    """What SendGrid confirmed was about another group."""
    person = world.registers(mrn="RH1", email="maria@example.org").profile_id
    assert person
    world.chooses(person, out("marketing_emails", "email"))
    world.quiet()
    stands = Destination.objects.get(slug="sendgrid").settings
    saves(
        "sendgrid", settings={**stands, "groups": {**GROUPS, "marketing_emails": GROUPS["care_follow_ups"]}}
    )
    world.quiet()

    assert world.suppressed("maria@example.org") == {"marketing_emails", "care_follow_ups"}


def test_a_connection_is_not_turned_to_advertising_while_it_is_told_who_people_are(world):
    row = {"target": "MRN_Copy__c", "source": "identifier:mrn", "steps": [{"do": "first"}]}
    publish_draft(draft=drafted(mapper(row)), by="ida")

    with pytest.raises(Malformed, match="change first what it is told: row 15: .* used for advertising"):
        saves("salesforce", purpose="advertising")
    with pytest.raises(Malformed, match="row 15: record the agreement"):
        saves("salesforce", state="paused", agreement="")
    assert Destination.objects.get(slug="salesforce").purpose == "other"


def test_a_row_that_went_wrong_meanwhile_does_not_keep_credentials_from_being_renewed(world):
    retire("phone_outreach")

    assert saves("salesforce").name == "salesforce"


def test_a_new_system_starts_with_the_rows_that_fit_it(world):
    retire("phone_outreach")
    saves("fhir")
    system = Destination.objects.get(slug="fhir")
    system.purpose = "advertising"
    body = mappers.first_body(system)

    sources = {row["source"] for row in body["rows"]}
    assert "answer:marketing_emails:email" in sources
    assert not [each for each in sources if "phone_outreach" in each or "sensitive_data" in each]


def retire(slug: str) -> None:
    body = {**Category.objects.get(key=slug).body, "retired": True}
    publish(kind=RevisionKind.CATEGORY, key=slug, body=body, author="x", reason="No longer", approved_by="y")
