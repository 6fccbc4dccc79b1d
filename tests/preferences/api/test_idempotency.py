"""A request that is sent again is carried out once (R5)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from preferences import services
from preferences.api.once import LONGEST_NAME
from preferences.models import Change, IdempotentRequest
from tests.preferences.api.partner import problem

CALL = {"userId": "u1", "traits": {"preferences": {"marketing_emails": False}}}
NAME = {"idempotency-key": "a-1"}


def age(**by):
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(**by))


def test_the_same_request_gets_the_same_answer(partner):
    first = partner.post("/v1/identify", CALL, **NAME)
    again = partner.post("/v1/identify/", {**CALL, "writeKey": "x", "sentAt": "2026-01-01T00:00:00Z"}, **NAME)

    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Change.objects.filter(subject_kind="profile").count() == 1


def test_another_body_under_the_same_name_is_refused(partner):
    partner.post("/v1/identify", CALL, **NAME)

    assert problem(partner.post("/v1/identify", {**CALL, "userId": "u2"}, **NAME)) == (422, "other_body")
    assert problem(partner.post("/v1/batch", {"batch": [CALL]}, **NAME)) == (422, "other_body")


def test_while_the_first_is_in_flight_the_second_waits(partner):
    partner.post("/v1/identify", CALL, **NAME)
    IdempotentRequest.objects.update(status=None, answer=None)

    assert problem(partner.post("/v1/identify", CALL, **NAME)) == (409, "in_flight")


def test_a_request_that_was_left_behind_is_taken_over(partner):
    partner.post("/v1/identify", CALL, **NAME)
    IdempotentRequest.objects.update(status=None, answer=None)
    age(seconds=61)

    assert partner.post("/v1/identify", CALL, **NAME).status_code == 200
    assert IdempotentRequest.objects.get().status == 200


def test_whoever_was_overtaken_settles_nothing(partner):
    key = partner.issued.key
    slow = services.claim_request(key=key, name="a", body=b"x")
    age(seconds=61)
    services.claim_request(key=key, name="a", body=b"x")
    services.settle_request(claimed=slow, status=200, answer={})
    services.release_request(claimed=slow)

    assert IdempotentRequest.objects.get().status is None


def test_after_a_day_the_name_is_free_again(partner):
    partner.post("/v1/identify", CALL, **NAME)
    age(hours=24, seconds=1)

    assert partner.post("/v1/identify", {**CALL, "userId": "u2"}, **NAME).status_code == 200


def test_what_was_refused_may_be_corrected_and_sent_again(partner):
    wrong = {"userId": "u1", "traits": {"preferences": {"nothing": False}}}

    assert problem(partner.post("/v1/identify", wrong, **NAME)) == (400, "unknown_category")
    assert partner.post("/v1/identify", CALL, **NAME).status_code == 200


def test_each_key_has_names_of_its_own(partner, portal_system):
    partner.post("/v1/identify", CALL, **NAME)

    assert "Idempotency-Replayed" not in portal_system.post("/v1/identify", CALL, **NAME).headers


@pytest.mark.parametrize("name", ["", " ", "x" * (LONGEST_NAME + 1)])
def test_a_name_must_be_one(partner, name):
    assert problem(partner.post("/v1/identify", CALL, **{"idempotency-key": name})) == (400, "malformed")


def test_nothing_that_was_said_is_kept_in_the_clear(partner):
    partner.post(
        "/v1/identify", {**CALL, "traits": {"email": "pat@example.org"}}, **{"idempotency-key": "pat"}
    )

    assert "pat" not in str(list(IdempotentRequest.objects.values("name_hash", "body_hash", "answer")))
