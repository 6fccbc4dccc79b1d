"""Whether what is sent to an address arrives: known of the address, and no choice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from preferences import services
from preferences.deliverability import came_back
from preferences.models import Change, Source
from preferences.selectors import decide
from tests.portal import people

pytestmark = pytest.mark.django_db
EMAIL = people.EMAIL


@pytest.fixture
def joan():
    return people.person()


@pytest.fixture
def mailbox(joan):
    return people.address("email", EMAIL)


def report(mailbox, at, slug="clinic"):
    services.came_back(identifier_id=mailbox, source=Source.objects.get(slug=slug), at=at)


def test_the_newest_report_stands_in_whatever_order_they_come(mailbox):
    now = timezone.now()
    for hours in (5, 2, 9):
        report(mailbox, now - timedelta(hours=hours))

    assert came_back([mailbox])[mailbox].at == now - timedelta(hours=2)


def test_a_report_from_a_clock_that_runs_ahead_counts_as_of_now(mailbox):
    report(mailbox, timezone.now() + timedelta(days=400))

    assert came_back([mailbox])[mailbox].at <= timezone.now()


def test_it_changes_no_answer_and_writes_no_entry(joan, mailbox):
    before = decide(joan, "marketing_emails", "email"), Change.objects.count()

    report(mailbox, timezone.now())

    assert (decide(joan, "marketing_emails", "email"), Change.objects.count()) == before


def test_what_arrives_again_is_no_longer_broken(mailbox):
    report(mailbox, timezone.now())
    services.arrived(identifier_id=mailbox)

    assert came_back([mailbox]) == {}
