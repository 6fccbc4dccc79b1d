"""Beside a rule staff see what it would do: for whom they choose, by what stands and by their draft."""

import html

import pytest

from destinations.models import Destination
from preferences.models import Draft, ViewLog
from tests.config.staff.test_policy import NEW, OUT, at_work
from tests.governance.listing import BOOKED, allow
from tests.world import connect, out

pytestmark = pytest.mark.django_db
ASKS = {**OUT, "act": "simulate", "s-event": BOOKED, "s-whose": "sample", "s-answers": "opted_out"}


@pytest.fixture(autouse=True)
def systems():
    allow()
    for slug, connector, purpose in (("m", "meta_conversions", "advertising"), ("w", "webhook", "marketing")):
        Destination.objects.create(
            slug=slug, name=slug, public_label=slug, connector=connector, purpose=purpose, agreement="BAA"
        )


def shown(client, page=NEW, **asks):
    return client.post(page, {**ASKS, **asks}).context["page"].simulator


def verdicts(found):
    return {each.system: (each.stands.words, each.draft.words) for each in found.systems}


def test_what_stands_and_the_draft_are_shown_side_by_side(admin_client):
    told = {"c0-category": "care_follow_ups", "effect": "allow", "s-answers": "opted_in", "c0-is": "opted_in"}
    found = shown(admin_client, **told)

    assert verdicts(found) == {"m": ("Blocked", "Blocked"), "w": ("Blocked", "Forwarded")}
    [marketing] = [each for each in found.systems if each.differs]
    assert marketing.stands.why == "No rule matches: block unless allowed."
    assert marketing.draft.why == "“No surveys: nothing to marketing”."
    assert not Draft.objects.exists()


def test_the_trace_says_which_condition_did_not_hold(admin_client):
    found = shown(admin_client, **{"s-answers": "opted_in"})
    steps = {step.name: step.words for each in found.systems for step in each.draft.steps}

    assert steps["No surveys: nothing to marketing"] == (
        "Not so: “Marketing emails” is opted out on any channel."
    )


def test_what_the_event_says_counts(admin_client):
    told = {"c0-kind": "property", "c0-path": "clinic", "c0-op": "equals", "c0-values": "Oncology"}
    with_it = shown(admin_client, **told, **{"s-property-clinic": "oncology", "s-answers": "opted_in"})
    without = shown(admin_client, **told, **{"s-answers": "opted_in"})

    whys = [[each.draft.why for each in found.systems if each.system == "w"] for found in (with_it, without)]
    assert whys == [["“No surveys: nothing to marketing”."], ["No rule matches: block unless allowed."]]


def test_where_somebody_lives_and_that_nobody_knows_them_count(admin_client):
    told = {"c0-kind": "jurisdiction", "c0-in": "US-WA", "s-answers": "opted_in"}
    for more, blocks in (
        ({"s-jurisdiction": "us-wa"}, True),
        ({"s-jurisdiction": "US-CA"}, False),
        ({"s-whose": "nobody"}, True),
    ):
        [step] = [
            step
            for each in shown(admin_client, **told, **more).systems
            for step in each.draft.steps
            if step.name == OUT["name"]
        ]
        assert step.applies is blocks


def test_a_real_person_is_found_exactly_and_the_look_is_noted(admin_client):
    world = connect({})
    person = world.registers(mrn="RH1", email="a@example.org").profile_id
    assert person is not None
    world.chooses(person, out("marketing_emails"))
    found = shown(admin_client, **{"s-whose": "person", "s-kind": "email", "s-value": "A@example.org"})

    assert {each.draft.why for each in found.systems if each.system == "w"} == {
        "“No marketing emails: nothing to marketing and advertising”, “No surveys: nothing to marketing”."
    }
    assert ViewLog.objects.get(page="rule simulator").profile_id == person
    nobody = shown(admin_client, **{"s-whose": "person", "s-kind": "email", "s-value": "b@example.org"})
    assert "Nobody is known by this" in nobody.words


def test_a_person_is_looked_at_only_by_pressing_the_button_and_with_the_right(
    admin_client, client, django_user_model
):
    asks = {"s-whose": "person", "s-kind": "email", "s-value": "a@example.org"}
    assert "Press the button" in shown(admin_client, act="condition", kind="event", **asks).words
    at_work(django_user_model, client, "kim", "view_policy", "add_policy")
    assert "may not see people" in shown(client, **asks).words
    assert not ViewLog.objects.filter(page="rule simulator").exists()


def test_without_systems_it_shows_one_of_each_purpose_and_without_events_says_so(admin_client):
    Destination.objects.all().delete()
    assert {each.system for each in shown(admin_client).systems} >= {"Marketing, with an agreement"}

    allow(retired=True)
    assert "No event is allowed in yet" in html.unescape(admin_client.get(NEW).text)


def test_a_rule_that_cannot_be_read_is_put_right_first(admin_client):
    assert "Put the rule right first" in shown(admin_client, **{"c0-category": ""}).words
