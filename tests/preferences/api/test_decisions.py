"""May this be sent? Asked for one person or ten thousand, by whatever the sender knows."""

import uuid

import pytest
from django.utils import timezone

from tests.preferences.api.partner import problem


@pytest.fixture
def pat(partner):
    return partner.identify(
        {
            "userId": "u1",
            "traits": {
                "email": "pat@example.org",
                "phone": "+12025550143",
                "mrn": "00123",
                "preferences": {"appointment_reminders": {"sms": False}},
            },
        }
    )["profile"]


@pytest.mark.parametrize(
    "recipient",
    [
        {"email": "pat@example.org"},
        {"phone": "+12025550143"},
        {"external_id": "u1"},
        {"external_id": {"value": "u1", "source": "crm"}},
        {"mrn": "00123"},
        {"profile": None},
    ],
)
def test_a_recipient_is_named_in_any_way(partner, pat, recipient):
    recipient = {"profile": pat} if "profile" in recipient else recipient
    text = partner.decide("appointment_reminders", "sms", **recipient)
    mail = partner.decide("appointment_reminders", "email", **recipient)

    assert (text["allowed"], text["reason"]) == (False, "choice")
    assert (mail["allowed"], mail["reason"]) == (True, "default")
    assert text["allowed_channels"] == ["email", "phone"]
    assert text["version"]


def test_the_address_it_would_go_to_is_judged(partner, pat):
    partner.identify(
        {"traits": {"email": "old@example.org", "preferences": {"appointment_reminders": False}}}
    )
    there = partner.decide("appointment_reminders", "email", profile=pat, to={"email": "old@example.org"})

    assert (there["allowed"], there["reason"]) == (False, "restriction")
    assert partner.decide("appointment_reminders", "email", profile=pat)["allowed"]


def test_answers_come_in_the_order_of_questions(partner, pat):
    recipients = [
        {"email": "nobody@example.org"},
        {"email": "not an address"},
        {"profile": pat},
        "pat@example.org",
        {"profile": str(uuid.uuid4())},
        {"email": "pat@example.org", "phone": "+12025550143"},
        {"external_id": "\ud800"},
        {"profile": pat, "to": {"phone": "+12025550143"}},
        {"profile": pat, "to": "pat@example.org"},
        {},
    ]
    body = {"category": "marketing_emails", "channel": "email", "recipients": recipients}
    results = partner.post("/v1/decisions", body).json()["results"]

    unreadable = ["invalid_recipient"]
    assert [each["reason"] for each in results] == [
        "unknown_person",
        *unreadable,
        "default",
        *unreadable,
        "unknown_person",
        *unreadable * 5,
    ]
    assert not any(each["allowed"] for each in results if each["reason"] != "default")


def test_a_use_of_data_is_asked_about_without_a_channel(partner, pat):
    partner.identify({"userId": "u1", "traits": {"preferences": {"sale_or_sharing": False}}})
    body = {"category": "sale_or_sharing", "recipients": [{"profile": pat}]}

    [result] = partner.post("/v1/decisions", body).json()["results"]
    assert (result["allowed"], result["reason"]) == (False, "choice")
    assert problem(partner.post("/v1/decisions", {**body, "channel": "email"})) == (400, "unknown_channel")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"category": "newsletter"}, "unknown_category"),
        ({"category": "*"}, "unknown_category"),
        ({"category": None}, "malformed"),
        ({"category": ["marketing_emails"]}, "malformed"),
        ({"channel": "pigeon"}, "unknown_channel"),
        ({"channel": "*"}, "unknown_channel"),
        ({"channel": None}, "unknown_channel"),
        ({"channel": 5}, "malformed"),
        ({"recipients": None}, "malformed"),
        ({"recipients": {"email": "pat@example.org"}}, "malformed"),
        ({"at": "2190-01-01T00:00:00Z"}, "malformed"),
        ({"at": 5}, "malformed"),
    ],
)
def test_a_question_that_cannot_be_answered_is_an_error_and_never_a_yes(partner, change, code):
    body = {"category": "marketing_emails", "channel": "email", "recipients": [{"email": "a@example.org"}]}

    assert problem(partner.post("/v1/decisions", {**body, **change})) == (400, code)


def test_more_than_ten_thousand_are_too_many(partner):
    body = {"category": "marketing_emails", "channel": "email", "recipients": [{}] * 10_001}

    assert problem(partner.post("/v1/decisions", body)) == (413, "too_large")


@pytest.mark.parametrize("generations", [1, 3])
def test_ten_thousand_are_answered_after_any_number_of_key_rotations(partner, settings, generations):
    settings.HEED_KEYS = [
        f"k{n}:{'dGVzdHMgb25seTogMzIgYnl0ZXMsIG5vIHNlY3JldCE='}" for n in range(generations)
    ]
    recipients = [{"email": f"a{n}@example.org", "to": {"email": f"b{n}@example.org"}} for n in range(10_000)]
    body = {"category": "marketing_emails", "channel": "email", "recipients": recipients}

    assert len(partner.post("/v1/decisions", body).json()["results"]) == 10_000


def test_it_is_answered_as_known_then(partner, pat):
    then = timezone.now().isoformat()
    partner.identify({"userId": "u1", "traits": {"preferences": {"patient_surveys": False}}})
    body = {"category": "patient_surveys", "channel": "email", "recipients": [{"profile": pat}]}

    [now] = partner.post("/v1/decisions", body).json()["results"]
    [before] = partner.post("/v1/decisions", {**body, "at": then}).json()["results"]

    assert (now["allowed"], now["reason"]) == (False, "choice")
    assert (before["allowed"], before["reason"]) == (True, "default")


def test_a_use_of_data_has_no_channels(partner, pat):
    asked = {"category": "sale_or_sharing", "recipients": [{"profile": pat}, {"email": "new@example.org"}]}

    results = partner.post("/v1/decisions", asked).json()["results"]

    assert [each["allowed_channels"] for each in results] == [[], []]


def test_who_names_no_channel_of_a_message_is_told_to(partner, pat):
    asked = {"category": "appointment_reminders", "recipients": [{"profile": pat}]}

    refused = partner.post("/v1/decisions", asked)

    assert problem(refused) == (400, "unknown_channel")
    assert "name the channel: appointment_reminders has" in refused.json()["detail"]
