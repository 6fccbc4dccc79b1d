"""How many queries each route takes. A number that grew has to be explained."""

import pytest

from tests.preferences.api.partner import Partner

CALL = {"userId": "u1", "traits": {"email": "pat@example.org", "preferences": {"marketing_emails": False}}}


@pytest.fixture
def known(partner):
    """A key that was used today, and a person whom it named."""
    return partner.identify(CALL)["profile"]


def test_identify_of_someone_known(partner, known, django_assert_num_queries):
    with django_assert_num_queries(11):
        partner.identify(CALL)


def test_identify_with_a_message_id(partner, known, django_assert_num_queries):
    with django_assert_num_queries(13):
        partner.identify({**CALL, "messageId": "m1"})


def test_identify_that_is_a_repeat(partner, known, django_assert_num_queries):
    partner.identify({**CALL, "messageId": "m1"})
    with django_assert_num_queries(4):
        partner.identify({**CALL, "messageId": "m1"})


def test_a_replay(partner, known, django_assert_num_queries):
    partner.identify(CALL, **{"idempotency-key": "a"})
    with django_assert_num_queries(6):
        partner.identify(CALL, **{"idempotency-key": "a"})


def test_a_refusal(partner, known, django_assert_num_queries):
    with django_assert_num_queries(1):
        partner.post("/v1/identify", {"userId": 5})


def test_a_stranger(db, django_assert_num_queries):
    stranger = Partner()
    stranger.secret = "nobody"
    with django_assert_num_queries(0):
        stranger.post("/v1/identify", CALL)


@pytest.mark.parametrize("count", [1, 1000])
def test_decisions(partner, known, count, django_assert_num_queries):
    for n in range(5):
        partner.identify({"userId": f"p{n}", "traits": {"email": f"p{n}@example.org"}})
    to_one_of_them = {"profile": known, "to": {"email": "p1@example.org"}}
    recipients = [{"email": f"p{n}@example.org"} if n % 2 else to_one_of_them for n in range(count)]
    body = {"category": "marketing_emails", "channel": "email", "recipients": recipients}

    with django_assert_num_queries(8):
        partner.post("/v1/decisions", body)


def test_search(partner, known, django_assert_num_queries):
    with django_assert_num_queries(5):
        partner.post("/v1/profiles/search", {"email": "pat@example.org"})


def test_preferences(partner, known, django_assert_num_queries):
    with django_assert_num_queries(6):
        partner.get(f"/v1/profiles/{known}/preferences")
