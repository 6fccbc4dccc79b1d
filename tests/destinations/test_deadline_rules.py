"""The table of rules: each with its source, added and ended, never altered."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from destinations.deadline_rules import add_deadline_rule, end_deadline_rule
from destinations.models import DeadlineRule
from destinations.wording import dated_words, force_words
from preferences.catalogue import catalogue
from preferences.errors import Malformed
from tests.config.staff import desk

pytestmark = pytest.mark.django_db
RULES = "/admin/destinations/deadlinerule/"


@pytest.fixture
def officer(client, django_user_model):
    """Staff who keep the table."""
    user = django_user_model.objects.create_user("olga", is_staff=True)
    client.force_login(desk.allow(user, "view_deadlinerule", "add_deadlinerule", "change_deadlinerule"))
    return client


def rule(**more) -> DeadlineRule:
    return DeadlineRule(
        **{
            "slug": "nj",
            "name": "New Jersey",
            "amount": 15,
            "unit": "days",
            "starts": date(2026, 1, 1),
            "source": "N.J.S.A. 56:8-166.12",
            **more,
        }
    )


def form(**more):
    filled = {
        "slug": "nj",
        "name": "New Jersey",
        "amount": "15",
        "unit": "days",
        "starts": "2026-01-01",
        "source": "N.J.S.A. 56:8-166.12",
        "categories": ["sale_or_sharing"],
        "places": "us-nj, US-PA",
    }
    return {**filled, **more}


def test_every_rule_that_heed_comes_with_names_its_source_and_opens():
    for each in DeadlineRule.objects.all():
        assert each.source
        each.full_clean()


def test_a_rule_without_a_source_is_refused_in_words(officer):
    with pytest.raises(Malformed, match="law and section"):
        add_deadline_rule(rule=rule(source="  "), by="olga")

    answer = officer.post(f"{RULES}add/", form(source=""))
    assert "Say where the rule stands, law and section: a rule without a source is not taken." in answer.text
    assert not DeadlineRule.objects.filter(slug="nj").exists()


def test_the_database_refuses_it_too():
    with pytest.raises(IntegrityError), transaction.atomic():
        DeadlineRule.objects.create(slug="x", amount=1, unit="days", starts=date(2026, 1, 1), source="")


def test_staff_add_a_rule(officer):
    officer.post(f"{RULES}add/", form())

    made = DeadlineRule.objects.get(slug="nj")
    assert (made.version, made.added_by, made.jurisdictions) == (1, "olga", ["US-NJ", "US-PA"])
    assert dated_words(made, catalogue()).endswith(", in US-NJ or US-PA")


def test_two_versions_never_hold_at_once(officer):
    standing = add_deadline_rule(rule=rule(), by="olga")
    answer = officer.post(f"{RULES}add/", form(starts="2027-01-01"))
    assert "Version 1 of “nj” is in force without end: end it first." in answer.text

    ends = timezone.localdate() + timedelta(days=30)
    end_deadline_rule(rule=standing, ends=ends, by="olga")
    successor = add_deadline_rule(rule=rule(starts=ends, amount=10), by="olga")

    assert successor.version == 2
    assert DeadlineRule.objects.get(pk=standing.pk).amount == 15


@pytest.mark.parametrize("wrong", [{"amount": 0}, {"unit": "moons"}, {"ends": date(2025, 1, 1)}])
def test_what_measures_nothing_is_refused(wrong):
    with pytest.raises(Malformed):
        add_deadline_rule(rule=rule(**wrong), by="olga")


def test_staff_end_a_rule_once_and_not_for_the_past(officer):
    standing = DeadlineRule.objects.get(slug="tcpa-care")
    page = f"{RULES}{standing.pk}/change/"

    assert "Choose today or a later day." in officer.post(page, {"ends": "2024-01-01"}).text
    officer.post(page, {"ends": str(timezone.localdate()), "amount": "1"})

    ended = DeadlineRule.objects.get(pk=standing.pk)
    assert (ended.ends, ended.ended_by, ended.amount) == (timezone.localdate(), "olga", 5)
    with pytest.raises(Malformed, match="has an end already"):
        end_deadline_rule(rule=ended, ends=timezone.localdate(), by="olga")


def test_without_the_permission_nobody_adds_or_ends(client, django_user_model):
    user = django_user_model.objects.create_user("new", is_staff=True)
    client.force_login(desk.allow(user, "view_deadlinerule"))
    pk = DeadlineRule.objects.earliest("pk").pk

    assert client.get(RULES).status_code == 200
    assert client.post(f"{RULES}add/", form()).status_code == 403
    assert client.post(f"{RULES}{pk}/change/", {"ends": "2030-01-01"}).status_code == 403


@pytest.mark.parametrize(
    ("slug", "version", "words"),
    [
        ("can-spam", 1, ("Marketing by email", "10 business days", "since Jan 1, 2004")),
        ("one-click", 1, ("through the unsubscribe button of a mail program", "48 hours", "since")),
        ("tcpa-do-not-call", 1, ("asked for as Do not call", "30 days", "Aug 25, 2003 until Apr 11, 2025")),
    ],
)
def test_a_rule_in_words(slug, version, words):
    found = DeadlineRule.objects.get(slug=slug, version=version)

    dated, time, force = words
    assert dated in dated_words(found, catalogue())
    assert found.time == time
    assert force in force_words(found)


def test_the_list_of_alarms_opens_and_says_when_there_are_none(client, django_user_model):
    user = django_user_model.objects.create_user("new", is_staff=True)
    client.force_login(desk.allow(user, "view_alarm"))

    assert "No deadline was ever near or missed." in client.get("/admin/destinations/alarm/").text
