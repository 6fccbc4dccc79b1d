"""When something was said: the sender's clock, days, and times that are none."""

from datetime import timedelta

import pytest
from django.utils import timezone

from preferences.models import Change
from tests.preferences.api.partner import problem

MARKETING_OFF = {"preferences": {"marketing_emails": False}}


def change_of(profile):
    return Change.objects.filter(subject_id=profile).latest("id")


def test_the_time_is_corrected_by_the_senders_clock(partner):
    now = timezone.now()
    wrong = now + timedelta(hours=5)
    answer = partner.identify(
        {
            "userId": "u1",
            "timestamp": (wrong - timedelta(minutes=10)).isoformat(),
            "sentAt": wrong.isoformat(),
            "traits": MARKETING_OFF,
        }
    )

    assert abs(change_of(answer["profile"]).occurred_at - (now - timedelta(minutes=10))) < timedelta(
        seconds=30
    )
    assert answer["warnings"] == []


def test_a_forwarded_call_is_not_corrected_twice(partner):
    now = timezone.now()
    answer = partner.identify(
        {
            "userId": "u1",
            "originalTimestamp": (now + timedelta(hours=5)).isoformat(),
            "sentAt": (now + timedelta(hours=5)).isoformat(),
            "timestamp": now.isoformat(),
        }
    )

    assert abs(change_of(answer["profile"]).occurred_at - now) < timedelta(seconds=30)


def test_a_time_that_is_yet_to_come_counts_from_now_with_a_warning(partner):
    later = timezone.now() + timedelta(days=400)
    answer = partner.identify({"userId": "u1", "timestamp": later.isoformat(), "traits": MARKETING_OFF})

    assert "future" in answer["warnings"][0]
    assert not partner.decide("marketing_emails", "email", profile=answer["profile"])["allowed"]


def test_a_day_without_a_time_is_a_day(partner):
    partner.identify({"userId": "u1", "timestamp": "2026-05-01", "traits": MARKETING_OFF})
    profile = partner.identify({"userId": "u1"})["profile"]

    read = partner.get(f"/v1/profiles/{profile}/preferences").json()["preferences"]
    assert read["marketing_emails"]["email"]["since"].startswith("2026-05-02T03:59:59")


NO_TIMES = [
    *("yesterday", "", 1, {}, "2026-13-01", "2026-02-30", "2026-05-01T25:00:00Z"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2300-01-01T00:00:00Z", "1600-01-01"),
]


@pytest.mark.parametrize("name", ["timestamp", "sentAt", "originalTimestamp"])
@pytest.mark.parametrize("value", NO_TIMES)
def test_a_time_that_is_none_is_refused(partner, name, value):
    answer = partner.post("/v1/identify", {"userId": "u1", name: value, "traits": MARKETING_OFF})

    assert problem(answer) == (400, "malformed")
    assert answer.json()["key"] == name
