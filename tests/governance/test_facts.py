"""A person as rules see them."""

import pytest

from governance.facts import Facts, facts_of, one_of
from preferences.catalogue import catalogue
from preferences.selectors import people, rules_now
from preferences.services import Choice, record
from preferences.terms import State
from tests.factories import PatientFactory, SaidFactory

pytestmark = pytest.mark.django_db


def facts(known=None) -> Facts:
    person = people([known.id])[known.id] if known else None
    return facts_of(person, catalogue(), rules_now())


def test_who_was_never_asked_has_the_default_and_no_choice_of_their_own():
    found = facts(PatientFactory.create(jurisdiction="US-OR"))

    assert found.consents["marketing_emails"] == {"email": "+n"}
    assert found.consents["phone_outreach"] == {"phone": "-n", "sms": "-n"}
    assert found.consents["sale_or_sharing"] == {"": "+n"}
    assert found.jurisdictions == ("US-OR",)


def test_a_choice_counts_as_said():
    joan = PatientFactory.create(jurisdiction="US-OR")
    said = SaidFactory.create(page=True)
    record(profile_id=joan.id, choices=[Choice("marketing_emails", "email", State.OUT)], said=said)

    assert facts(joan).consents["marketing_emails"] == {"email": "-o"}


def test_of_a_stranger_the_strictest_is_true():
    found = facts()

    assert found.consents["sale_or_sharing"] == {"": "-n"}
    assert set(found.consents["appointment_reminders"].values()) == {
        "+n"
    }  # it says that strangers may be sent to
    assert found.consents["marketing_emails"] == {"email": "-n"}
    assert found.jurisdictions == ("",)


def test_facts_say_nothing_of_who_somebody_is():
    one, other = (facts(PatientFactory.create(jurisdiction="US-OR")) for _ in range(2))

    assert one.digest == other.digest
    assert Facts.load(one.body).digest == one.digest
    assert len(one.digest) == 32


def test_of_one_of_two_people_only_what_is_true_of_both_is_known():
    one = Facts({"news": {"email": "+i"}}, ("US-OR",), frozenset({"stop", "order"}))
    other = Facts({"news": {"email": "-i"}}, ("US-WA",), frozenset({"stop"}))

    both = one_of([one, other])

    assert both.consents == {"news": {"email": "?i"}}
    assert both.jurisdictions == ("US-OR", "US-WA")
    assert both.restrictions == {"stop", "order?"}
