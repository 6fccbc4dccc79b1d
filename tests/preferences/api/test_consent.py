"""Choices as partners write them."""

import pytest

from preferences.models import Profile
from tests.preferences.api.partner import problem


@pytest.mark.parametrize("yes_first", [True, False])
def test_where_two_places_disagree_the_opt_out_wins(portal_system, yes_first):
    answer = portal_system.identify(
        {
            "userId": "u1",
            "context": {"consent": {"categoryPreferences": {"marketing_emails": yes_first}}},
            "traits": {"preferences": {"marketing_emails": {"email": not yes_first}}},
        }
    )

    assert not portal_system.decide("marketing_emails", "email", profile=answer["profile"])["allowed"]


def test_stars_null_and_data_use_are_understood(portal_system):
    answer = portal_system.identify(
        {
            "userId": "u1",
            "traits": {
                "email": "pat@example.org",
                "preferences": {
                    "*": {"sms": False},
                    "appointment_reminders": {"*": True, "phone": None},
                    "marketing_emails": None,
                    "sale_or_sharing": False,
                },
            },
        }
    )

    read = portal_system.get(f"/v1/profiles/{answer['profile']}/preferences").json()["preferences"]
    assert read["patient_surveys"]["sms"]["state"] == "opted_out"
    assert read["appointment_reminders"]["phone"]["state"] == "opted_in"
    assert read["marketing_emails"]["email"]["state"] == "never_asked"
    assert read["sale_or_sharing"]["*"]["state"] == "opted_out"


@pytest.mark.parametrize(
    ("preferences", "key"),
    [
        ({"marketing_emails": "no"}, "traits.preferences.marketing_emails"),
        ({"marketing_emails": {"email": 0}}, "traits.preferences.marketing_emails.email"),
        ({"marketing_emails": [False]}, "traits.preferences.marketing_emails"),
    ],
)
def test_a_preference_of_another_type_is_refused_by_its_name(partner, preferences, key):
    answer = partner.post("/v1/identify", {"userId": "u1", "traits": {"preferences": preferences}})

    assert problem(answer) == (400, "malformed")
    assert answer.json()["key"] == key
    assert not Profile.objects.exists()


@pytest.mark.parametrize(
    ("preferences", "code"),
    [
        ({"newsletter": False}, "unknown_category"),
        ({"marketing_emails": {"pigeon": False}}, "unknown_channel"),
        ({"*": {"pigeon": False}}, "unknown_channel"),
        ({"sale_or_sharing": {"email": False}}, "unknown_channel"),
    ],
)
@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("named", [{"userId": "u1"}, {"traits": {"email": "shared@example.org"}}])
def test_an_unknown_category_or_channel_is_an_error_whoever_is_named(
    partner, preferences, code, value, named
):
    for user in ("a", "b"):
        partner.identify({"userId": user, "traits": {"email": "shared@example.org"}})
    given = {
        category: value if isinstance(channels, bool) else dict.fromkeys(channels, value)
        for category, channels in preferences.items()
    }
    body = {**named, "context": {"consent": {"categoryPreferences": given}}}

    assert problem(partner.post("/v1/identify", body)) == (400, code)
