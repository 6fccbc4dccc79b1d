"""Rules to begin with."""

import pytest

from governance import policy
from governance.allowed import AllowedEvent
from governance.facts import Facts
from governance.mission import BODY
from governance.templates import TEMPLATES, added
from governance.terms import POLICY, Op, PropertyClass
from governance.verdicts import EventSeen, Place
from preferences.errors import Malformed
from preferences.services import publish
from preferences.terms import RevisionKind

pytestmark = pytest.mark.django_db
ANALYTICS = Place("ga4", "analytics", True)
DIAGNOSED = AllowedEvent("page_viewed", False, (), {"condition": PropertyClass.HEALTH}, 1)


def in_force_with(template: str) -> None:
    body = added({**BODY, "stances": {"analytics": "allow"}}, template)
    publish(kind=RevisionKind.POLICY, key=POLICY, body=body, author="ann", reason="a try")


def somebody(said: str, place: str) -> Facts:
    said_of_all = {"sensitive_data": {"": said}, "sale_or_sharing": {"": "+i"}}
    mail = {"marketing_emails": {"email": "+n"}, "appointment_reminders": {"sms": "+n"}}
    return Facts({**said_of_all, **mail}, (place,))


@pytest.mark.parametrize("template", [each for each in TEMPLATES if each != "minors"])
def test_a_template_can_be_published_as_it_is(template):
    in_force_with(template)

    assert policy.in_force().number == 2


def test_that_for_minors_needs_a_property_that_senders_give():
    with pytest.raises(Malformed, match="is_minor"):
        in_force_with("minors")


@pytest.mark.parametrize(
    ("said", "place", "goes"),
    [
        ("+n", "US-WA", False),  # never asked, whatever the default
        ("-n", "US-NV", False),
        ("-o", "US-WA", False),
        ("+i", "US-WA", True),
        ("+n", "US-OR", True),
        ("+n", "", False),  # who may live there is treated so
    ],
)
def test_health_information_of_washington_and_nevada_goes_after_a_yes_only(said, place, goes):
    in_force_with("consumer-health-data")
    event = EventSeen(DIAGNOSED.name, {"condition": "asthma"}, DIAGNOSED)

    verdict = policy.in_force().judge(event, somebody(said, place), ANALYTICS)

    assert verdict.released == goes


def test_adding_a_template_twice_adds_it_once():
    once = added(BODY, "own-category-out")

    assert added(once, "own-category-out") == once


def test_what_a_minor_did_is_told_by_the_event():
    body = added({"rules": [], "stances": {}}, "minors")

    assert body["rules"][0]["when"][0]["op"] == Op.EQUALS
