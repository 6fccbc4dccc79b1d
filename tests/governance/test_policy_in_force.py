"""The policy that stands, and how another takes its place."""

from dataclasses import replace

import pytest

from governance import policy
from governance.allowed import AllowedEvent
from governance.compiling import Compiled
from governance.content import Asked, Saying
from governance.facts import Facts, facts_of
from governance.mission import BODY, HEALTH_TO_ADVERTISING
from governance.rules import Policy
from governance.terms import POLICY, Because, Outcome, PropertyClass
from governance.verdicts import EventSeen, Place
from preferences.catalogue import catalogue
from preferences.errors import Forbidden, Malformed
from preferences.models import Revision
from preferences.selectors import rules_now
from preferences.services import publish, publish_draft, revert
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


def test_an_earlier_policy_is_brought_back_as_it_was():
    publish_without("marketing-emails-out")
    first = Revision.objects.get(kind=RevisionKind.POLICY, number=1)

    publish_draft(draft=revert(revision=first, by="ann"), by="ann")

    assert policy.in_force().number == 3
    assert policy.in_force().policy.rules == policy.numbered(1).policy.rules


def test_looking_up_what_is_in_force_is_one_query(django_assert_num_queries):
    policy.in_force()

    with django_assert_num_queries(1):
        policy.in_force()


def test_without_any_policy_nothing_goes():
    verdict = Compiled(Policy()).judge(EventSeen(BOOKED.name, {}, BOOKED), stranger(), SCHEDULER)

    assert verdict.outcome == Outcome.BLOCK


def test_an_event_that_was_taken_off_the_list_goes_nowhere():
    verdict = policy.in_force().judge(EventSeen("gone", {}, None), stranger(), SCHEDULER)

    assert (verdict.outcome, verdict.because) == (Outcome.BLOCK, Because.NOT_ALLOWED)


def test_health_information_goes_to_no_system_without_an_agreement():
    about_health = replace(BOOKED, is_health=True)

    verdict = policy.in_force().judge(
        EventSeen(BOOKED.name, {}, about_health), stranger(), SCHEDULER._replace(has_agreement=False)
    )

    assert (verdict.outcome, verdict.because) == (Outcome.BLOCK, Because.NO_AGREEMENT)


def test_the_rule_that_blocks_is_named_before_the_agreement_that_is_missing():
    about_health = replace(BOOKED, is_health=True)

    verdict = policy.in_force().judge(EventSeen(BOOKED.name, {}, about_health), stranger(), META)

    assert verdict.because == Because.RULE
    assert HEALTH_TO_ADVERTISING in verdict.rules


def test_a_long_text_is_judged_and_not_remembered():
    saying = Saying(Asked(0b1, {"oncology": 0b10}))

    assert (saying["Oncology"], saying["a long note " * 100]) == (0b11, 0b1)
    assert list(saying) == ["Oncology"]
