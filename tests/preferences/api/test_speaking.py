"""Whose word it is: evidence, notices, sources that speak for the person, and browsers."""

import pytest

from preferences import ledger, services
from preferences.models import Change
from preferences.terms import RevisionKind, Scope
from tests.preferences.api.partner import Partner, problem


def change_of(profile):
    return Change.objects.filter(subject_id=profile).latest("id")


def test_an_opt_in_counts_with_the_notice_that_was_shown(portal_system):
    notice = services.publish(
        kind=RevisionKind.NOTICE, key="calls", body={"text": "May we call?"}, author="Ann", reason="New"
    )
    yes = {"traits": {"preferences": {"phone_outreach": {"phone": True}}}}
    without = portal_system.identify({"userId": "u1", **yes})
    shown = {"context": {"consent": {"notice": f"calls@{notice.number}"}}}
    named = portal_system.identify({"userId": "u1", **yes, **shown})
    unknown = portal_system.identify({"userId": "u1", "context": {"consent": {"notice": "calls@9"}}})

    assert without["not_counted"] == [{"category": "phone_outreach", "channel": "phone", "why": "no_notice"}]
    assert named["not_counted"] == []
    assert change_of(named["profile"]).notice_id == notice.pk
    assert "notice" in unknown["warnings"][0]


def test_evidence_makes_a_partners_opt_in_the_persons_own(partner):
    yes = {"userId": "u1", "traits": {"preferences": {"marketing_emails": True}}}
    bare = partner.identify(yes)
    shown = partner.identify({**yes, "context": {"consent": {"evidence": {"form": "A-17"}}}})

    assert [each["why"] for each in bare["not_counted"]] == ["not_the_person"]
    assert shown["not_counted"] == []
    change = change_of(shown["profile"])
    assert b"A-17" not in bytes(change.evidence)
    assert change.commitment != ledger.NO_EVIDENCE


def test_a_source_that_speaks_for_the_person_is_the_person(portal_system):
    answer = portal_system.identify({"userId": "u1", "traits": {"preferences": {"marketing_emails": True}}})

    assert answer["not_counted"] == []
    assert '"by":"person"' in change_of(answer["profile"]).entries


@pytest.mark.parametrize(
    "body",
    [
        {"userId": "u1"},
        {"traits": {"email": "pat@example.org"}},
        {"traits": {"phone": "no number"}},
        {"context": {"traits": {"mrn": "1"}}},
    ],
)
def test_a_browsers_key_can_name_nobody(browser, body):
    assert problem(browser.post("/v1/identify", {"anonymousId": "b1", **body})) == (403, "forbidden")


def test_a_browsers_key_records_and_learns_nothing(browser):
    answer = browser.identify(
        {
            "anonymousId": "b1",
            "context": {"consent": {"evidence": {"x": 1}}},
            "traits": {"preferences": {"marketing_emails": True, "patient_surveys": False}},
        }
    )

    assert (answer["status"], answer["profile"]) == ("recorded", None)
    assert [each["why"] for each in answer["not_counted"]] == ["not_the_person"]


def test_a_key_with_both_scopes_names_people(db):
    both = Partner(Scope.WRITE_ANONYMOUS, Scope.WRITE_CHOICES)

    assert both.identify({"userId": "u1", "anonymousId": "b1"})["profile"]
