"""The policy that stands, and how another takes its place."""

import pytest

from governance import policy
from governance.allowed import AllowedEvent
from governance.facts import Facts, facts_of
from governance.mission import BODY
from governance.terms import POLICY, Because, Outcome, PropertyClass
from governance.verdicts import EventSeen, Place
from preferences.catalogue import catalogue
from preferences.errors import Forbidden, Malformed
from preferences.selectors import rules_now
from preferences.services import publish
from preferences.terms import RevisionKind

pytestmark = pytest.mark.django_db
SCHEDULER = Place("scheduler", "appointments", True)
META = Place("meta", "advertising", False)
BOOKED = AllowedEvent(
    "appointment_booked", False, ("appointment_reminders",), {"clinic": PropertyClass.PLAIN}, 1
)


def stranger() -> Facts:
    return facts_of(None, catalogue(), rules_now())


def test_from_the_start_an_appointment_reaches_those_who_remind_and_nobody_else():
    event = EventSeen(BOOKED.name, {"clinic": "North"}, BOOKED)

    reminded = policy.in_force().judge(event, stranger(), SCHEDULER)
    advertised = policy.in_force().judge(event, stranger(), META)

    assert (reminded.outcome, reminded.rules) == (Outcome.FORWARD, ("appointment-reminders-in",))
    assert advertised.outcome == Outcome.BLOCK
    assert "privacy-signal" in advertised.rules
    assert reminded.policy == 1


def publish_without(*ids: str, approved_by: str = "") -> None:
    body = {**BODY, "rules": [rule for rule in BODY["rules"] if rule["id"] not in ids]}
    publish(
        kind=RevisionKind.POLICY, key=POLICY, body=body, author="ann", reason="a try", approved_by=approved_by
    )


def test_what_is_published_counts_at_once():
    event = EventSeen(BOOKED.name, {}, BOOKED)
    assert policy.in_force().judge(event, stranger(), SCHEDULER).released

    publish_without("appointment-reminders-in")

    verdict = policy.in_force().judge(event, stranger(), SCHEDULER)
    assert (verdict.outcome, verdict.because, verdict.policy) == (Outcome.BLOCK, Because.STANCE, 2)
    assert policy.numbered(1).judge(event, stranger(), SCHEDULER).released


@pytest.mark.parametrize("protected", ["privacy-signal", "health-to-advertising"])
def test_what_keeps_people_out_of_advertising_takes_two_to_give_up(protected):
    with pytest.raises(Forbidden, match="second person"):
        publish_without(protected)

    publish_without(protected, approved_by="bob")

    assert policy.in_force().number == 2


def test_a_hospital_may_want_two_people_for_every_policy(settings):
    settings.HEED_POLICY_TWO_PEOPLE = True

    with pytest.raises(Forbidden, match="second person"):
        publish_without("appointment-reminders-in")


def test_a_rule_that_names_what_is_not_there_cannot_be_published():
    rule = {**BODY["rules"][3], "for": {"purposes": ["weather"], "destinations": []}}

    with pytest.raises(Malformed, match=r"rule 1 .*: there is no purpose 'weather'"):
        publish(
            kind=RevisionKind.POLICY, key=POLICY, body={**BODY, "rules": [rule]}, author="ann", reason="a try"
        )
