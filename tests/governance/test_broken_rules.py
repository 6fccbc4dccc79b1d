"""A category that a rule names is retired: nothing fails open, and staff are told."""

from dataclasses import replace

import pytest
from django.urls import reverse

from config import doctor
from config.doctor import Level
from governance import policy
from governance.allowed import AllowedEvent
from governance.explaining import replayed
from governance.facts import Facts, facts_of
from governance.models import FactsKept
from governance.selectors import broken_rules
from governance.services import keep_facts
from governance.terms import Because, EventClass, Outcome, PropertyClass, Truth
from governance.verdicts import EventSeen, Place
from preferences.catalogue import catalogue
from preferences.models import Category
from preferences.selectors import people, rules_now
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db
SCHEDULER = Place("scheduler", "appointments", True)
NAME = "appointment_booked"


@pytest.fixture
def booked() -> AllowedEvent:
    body = {
        "name": NAME,
        "what": "A visit was booked",
        "class": EventClass.PLAIN.value,
        "categories": ["appointment_reminders"],
        "properties": {"clinic": PropertyClass.PLAIN.value},
    }
    publish(kind=RevisionKind.EVENT, key=NAME, body=body, author="ann", reason="a try")
    return AllowedEvent(NAME, False, ("appointment_reminders",), {"clinic": PropertyClass.PLAIN}, 1)


def patient() -> Facts:
    known = PatientFactory.create(jurisdiction="US-OR")
    return facts_of(people([known.id])[known.id], catalogue(), rules_now())


def retire(slug: str) -> None:
    body = Category.objects.get(key=slug).body
    publish(kind=RevisionKind.CATEGORY, key=slug, body={**body, "retired": True}, author="ann", reason="gone")


def test_an_allow_that_names_a_retired_category_blocks(booked):
    retire("appointment_reminders")

    verdict = policy.in_force().judge(EventSeen(NAME, {}, booked), patient(), SCHEDULER)

    assert (verdict.outcome, verdict.because) == (Outcome.BLOCK, Because.RULE)
    assert verdict.rules == ("appointment-reminders-in",)


def test_a_broken_rule_is_told_at_home_and_by_doctor(booked, admin_client):
    assert not broken_rules()
    retire("appointment_reminders")

    [broken] = broken_rules()
    [finding] = [each for each in doctor.examine() if each.check == "policy"]

    assert broken.blocks
    assert finding.level == Level.WRONG
    assert finding.words == broken.words
    assert "the category appointment_reminders is retired" in broken.words
    home = admin_client.get("/admin/").text
    assert broken.rule.name in home
    assert f'href="{reverse("admin:policy")}"' in home


def test_last_month_is_explained_as_it_was(booked):
    facts = patient()
    [kept] = keep_facts(facts=[facts]).values()
    then = policy.in_force().judge(EventSeen(NAME, {"clinic": "North"}, booked), facts, SCHEDULER)
    retire("appointment_reminders")

    trace = replayed(
        policy=then.policy, event=NAME, number=then.event, facts=kept, hits=then.hits, place=SCHEDULER
    )

    assert trace.verdict == then
    assert then.outcome == Outcome.FORWARD
    assert [line.truths for line in trace.lines if line.rule.id == "appointment-reminders-in"] == [
        (Truth.YES,)
    ]


def test_people_in_the_same_state_share_their_facts():
    one, other = patient(), patient()

    assert keep_facts(facts=[one, other]) == keep_facts(facts=[other])
    assert FactsKept.objects.count() == 1


def test_facts_are_kept_in_one_order_whoever_keeps_them():
    """Else two systems' turns could wait for each other on PostgreSQL."""
    found = [replace(patient(), jurisdictions=(f"US-{each}",)) for each in ("WA", "NV", "CA", "OR")]
    keep_facts(facts=sorted(found, key=lambda each: each.digest, reverse=True))

    kept = [bytes(each.digest) for each in FactsKept.objects.order_by("pk")]
    assert kept == sorted(kept)
