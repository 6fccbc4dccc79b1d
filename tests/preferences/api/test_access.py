"""Who may call, how often, and what they are told if not."""

import base64
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from preferences import services
from preferences.models import Change, IdempotentRequest, Message
from preferences.terms import Scope
from tests.preferences.api.partner import Partner, problem

CALL = {"userId": "u1", "messageId": "m1", "traits": {"preferences": {"marketing_emails": False}}}
SOMEBODY = "00000000-0000-4000-8000-000000000000"
POSTS = ["identify", "decisions", "profiles/search", "batch", "track", "page", "screen", "alias", "group"]
GETS = [f"profiles/{SOMEBODY}/{what}" for what in ("preferences", "propagation", "changes")]


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def post(body, **headers):
    return Client().post("/v1/identify", body, content_type="application/json", headers=headers)


def test_a_key_is_shown_in_any_of_three_ways(partner):
    for headers, body in [
        ({"authorization": f"Bearer {partner.secret}"}, CALL),
        ({"authorization": f"bearer  {partner.secret}"}, CALL),
        ({"authorization": basic(f"{partner.secret}:")}, CALL),
        ({"authorization": basic(partner.secret)}, CALL),
        ({}, {**CALL, "writeKey": partner.secret}),
    ]:
        assert post(body, **headers).status_code == 200


def test_a_key_in_the_body_is_stripped_before_anything_is_kept_or_compared(partner):
    other = services.issue_key(source=partner.source, name="other", scopes=[Scope.WRITE_CHOICES])
    first = post({**CALL, "writeKey": partner.secret})
    again = post({**CALL, "writeKey": other.secret})

    assert (first.json()["status"], again.json()["status"]) == ("recorded", "duplicate")
    assert partner.secret not in f"{list(Message.objects.values())}{list(Change.objects.values())}"
    assert not IdempotentRequest.objects.exists()


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Bearer",
        "Bearer nonsense",
        "Bearer heed_aaaaaaaa_" + "x" * 43,
        "Bearer heed_aaaa\x00aaa_" + "x" * 43,
        "Bearer \xff",
        "Basic ????",
        "Basic " + base64.b64encode(b"\xff\xfe").decode(),
        basic("nobody:"),
        "Digest x",
    ],
)
@pytest.mark.parametrize(
    "body", ['{"userId": "u1"}', "{broken", '{"writeKey": 5}', '{"writeKey": "a\\u0000"}']
)
def test_without_a_valid_key_nothing_is_said(db, authorization, body):
    headers = {} if authorization is None else {"authorization": authorization}
    answer = post(body, **headers)

    assert problem(answer) == (401, "no_key")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_that_was_revoked_or_has_expired_is_none(partner):
    old = services.issue_key(
        source=partner.source, name="old", scopes=list(Scope), expires_at=timezone.now() - timedelta(days=1)
    )
    services.revoke_key(key=partner.issued.key)

    assert problem(post(CALL, authorization=f"Bearer {old.secret}")) == (401, "no_key")
    assert problem(post(CALL, authorization=f"Bearer {partner.secret}")) == (401, "no_key")


@pytest.mark.parametrize(
    ("route", "enough"),
    [
        ("identify", Scope.WRITE_CHOICES),
        ("batch", Scope.WRITE_EVENTS),
        ("track", Scope.WRITE_EVENTS),
        ("decisions", Scope.READ_DECISIONS),
        ("profiles/search", Scope.READ_PREFERENCES),
        (GETS[0], Scope.READ_PREFERENCES),
        (GETS[1], Scope.READ_LEDGER),
        (GETS[2], Scope.READ_LEDGER),
    ],
)
def test_each_route_needs_its_scope(db, route, enough):
    without = Partner(Scope.WRITE_LINKS)
    having = Partner(enough)
    call = (
        (lambda who: who.get(f"/v1/{route}")) if route in GETS else (lambda who: who.post(f"/v1/{route}", {}))
    )

    assert problem(call(without)) == (403, "forbidden")
    assert enough.value in call(without).json()["detail"]
    assert call(having).status_code not in (401, 403)


@pytest.mark.parametrize("route", POSTS)
def test_a_post_works_with_and_without_a_slash(partner, route):
    answers = [partner.post(f"/v1/{route}{end}", {}) for end in ("", "/")]

    assert answers[0].status_code == answers[1].status_code != 404
    assert answers[0].status_code not in (301, 302, 307, 308)


@pytest.mark.parametrize("route", POSTS)
@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options"])
def test_another_method_is_a_problem(db, route, method):
    answer = getattr(Client(), method)(f"/v1/{route}")

    assert problem(answer) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("route", ["categories", *GETS])
def test_head_is_answered_like_get_without_a_body(partner, route):
    path = f"/v1/{route}".replace(SOMEBODY, partner.identify({"userId": "u1"})["profile"])
    headers = {"authorization": f"Bearer {partner.secret}"}
    head, got = (getattr(Client(), method)(path, headers=headers) for method in ("head", "get"))

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == got.headers["Content-Type"]
    assert head.headers.get("ETag") == got.headers.get("ETag")


@pytest.mark.parametrize("method", ["patch", "delete"])
@pytest.mark.parametrize("end", ["", "/"])
def test_other_ways_of_writing_work_with_a_slash_too(partner, method, end):
    path = {"patch": f"/v1/profiles/{SOMEBODY}/preferences", "delete": "/v1/restrictions/x"}[method]

    assert problem(getattr(partner, method)(path + end, {})) == (404, "not_found")


def test_an_unknown_route_is_a_problem(db):
    assert Client().get("/v1/nowhere").headers["Content-Type"] == "application/problem+json"


def test_answers_are_not_kept_by_caches(partner):
    assert partner.post("/v1/identify", CALL).headers["Cache-Control"] == "no-store"


def test_a_key_may_call_so_often_and_is_told_when_again(partner, settings):
    cache.clear()
    settings.API_THROTTLE = "2/hour"
    answers = [partner.post("/v1/identify", {"userId": "u1"}) for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert problem(answers[2]) == (429, "throttled")
    assert answers[0].headers["RateLimit-Policy"] == '"default";q=2;w=3600'
    assert answers[0].headers["RateLimit"].startswith('"default";r=1;t=')
    assert answers[2].headers["RateLimit"].startswith('"default";r=0;t=')
    assert 0 < int(answers[2].headers["Retry-After"]) <= 3600
    assert Partner(slug="other").post("/v1/identify", {"userId": "u1"}).status_code == 200


def test_where_redis_does_not_answer_nothing_is_counted_and_an_opt_out_is_taken(
    partner, settings, caplog, redis_down
):
    settings.API_THROTTLE = "1/hour"

    answers = [partner.post("/v1/identify", CALL) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 200]
    assert "limits.not_counted" in caplog.messages
