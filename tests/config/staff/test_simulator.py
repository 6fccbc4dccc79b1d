"""Beside a rule staff see what it would do: for whom they choose, by what stands and by their draft."""

import json

import pytest

from destinations.models import Destination
from governance.mission import BODY
from governance.terms import POLICY
from preferences.models import Draft, ViewLog
from preferences.services import publish
from preferences.terms import RevisionKind
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


def test_without_systems_it_shows_one_of_each_purpose(admin_client):
    Destination.objects.all().delete()

    assert {each.system for each in shown(admin_client).systems} >= {"Marketing, with an agreement"}


def test_before_any_event_is_allowed_in_an_invented_one_is_tried(admin_client):
    allow(retired=True)
    assert "An invented event" in admin_client.get(NEW).text
    told = {"c0-kind": "class", "c0-carries": "health", "s-event": "*", "s-answers": "opted_in"}

    plain = shown(admin_client, **told)
    of_a_clinic = shown(admin_client, **told, **{"s-property-clinic": "North"})
    a_result = shown(admin_client, **told, **{"s-name": "result_viewed", "s-tells": "health"})

    found = [
        next(step.applies for each in found.systems for step in each.draft.steps if step.name == OUT["name"])
        for found in (plain, of_a_clinic, a_result)
    ]
    assert found == [False, True, True]


def test_each_connector_shows_exactly_what_would_leave_by_each_policy(admin_client):
    for slug in ("ga4", "google_events", "segment"):
        Destination.objects.create(
            slug=slug, name=slug, public_label=slug, connector=slug, purpose="marketing", agreement="BAA"
        )
    Destination.objects.filter(slug="m").update(purpose="marketing")
    told = {"c0-kind": "event", "c0-in": BOOKED, "effect": "allow", "s-answers": "opted_in"}

    found = {each.system: each for each in shown(admin_client, **told, **{"s-property-value": "140"}).systems}

    assert not any(each.stands.leaves.calls for each in found.values())
    payloads = {slug: json.loads(each.draft.leaves.calls[0].body) for slug, each in found.items()}
    assert payloads["m"]["data"][0]["custom_data"] == {"value": 140}
    assert payloads["w"]["data"]["properties"] == {"value": 140}
    assert payloads["ga4"]["events"][0]["name"] == BOOKED
    assert payloads["google_events"]["events"][0]["consent"]["adUserData"] == "CONSENT_GRANTED"
    assert payloads["segment"]["batch"][0]["anonymousId"] == "sample-browser"


def test_what_a_draft_redacts_does_not_leave(admin_client):
    told = {
        "c0-kind": "event",
        "c0-in": BOOKED,
        "effect": "redact",
        "r0-what": "clinic",
        "r0-how": "hash",
    }
    allows = {"id": "ok", "name": "ok", "on": True, "when": [], "then": {"effect": "allow"}}
    allows = {**allows, "for": {"purposes": ["marketing"], "destinations": []}}
    body = {**BODY, "rules": [*BODY["rules"], allows]}
    publish(kind=RevisionKind.POLICY, key=POLICY, body=body, author="ann", reason="x", approved_by="bob")

    found = shown(admin_client, **told, **{"s-answers": "opted_in", "s-property-clinic": "North"})
    [webhook] = [each for each in found.systems if each.system == "w"]

    assert "North" in webhook.stands.leaves.calls[0].body
    assert "North" not in webhook.draft.leaves.calls[0].body


def test_why_a_connector_withholds_what_the_rules_let_through_is_said(admin_client):
    Destination.objects.filter(slug="m").update(purpose="marketing")
    told = {"c0-kind": "event", "c0-in": BOOKED, "effect": "allow", "s-answers": "each"}
    said = {"s-said-sale_or_sharing:": "opted_out", "s-said-marketing_emails:email": "opted_in"}

    found = shown(admin_client, **told, **said, **{"s-jurisdiction": "US-NY"})
    [meta] = [each for each in found.systems if each.system == "m"]

    assert "Limited Data Use does not bind Meta where they live" in meta.draft.leaves.stopped


def test_a_rule_that_cannot_be_read_is_put_right_first(admin_client):
    assert "Put the rule right first" in shown(admin_client, **{"c0-category": ""}).words
