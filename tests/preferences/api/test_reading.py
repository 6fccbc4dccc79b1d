"""Bodies as nobody should send them: each is refused with a word on what to do, none is a fault of ours."""

import pytest

from tests.preferences.api.partner import problem

CALL = {"userId": "u1", "traits": {"preferences": {"marketing_emails": False}}}
ROUTES = ["/v1/identify", "/v1/batch", "/v1/decisions", "/v1/profiles/search"]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe{}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 1, "a": 2}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": ' + b"[" * 15_000 + b"]" * 15_000 + b"}",
        b"\x1f\x8b\x08",
    ],
)
def test_a_body_that_is_no_json_object(partner, route, body):
    assert problem(partner.post(route, body)) == (400, "malformed")


@pytest.mark.parametrize(
    "extra",
    [
        b'"traits": {"a": ' + b"[" * 40 + b"]" * 40 + b"}",
        b'"messageId": "a\\u0000b"',
        b'"messageId": "\\ud800"',
        b'"traits": {"\\udfff": 1}',
        b'"context": {"consent": {"evidence": {"a": ["\\u0000"]}}}',
    ],
)
def test_what_no_table_could_keep(partner, extra):
    answer = partner.post("/v1/identify", b'{"userId": "u1", ' + extra + b"}")

    assert problem(answer) == (400, "malformed")


@pytest.mark.parametrize(
    "body",
    [
        {"userId": 12},
        {"userId": ["u1"]},
        {"userId": "x" * 400},
        {"userId": "a\nb"},
        {"userId": "u1", "anonymousId": {}},
        {"userId": "u1", "messageId": 5},
        {"userId": "u1", "traits": []},
        {"userId": "u1", "traits": "none"},
        {"userId": "u1", "context": [1]},
        {"userId": "u1", "context": {"consent": True}},
        {"userId": "u1", "context": {"traits": 1}},
        {"userId": "u1", "context": {"consent": {"evidence": "a form"}}},
        {"userId": "u1", "context": {"consent": {"categoryPreferences": [["marketing_emails", False]]}}},
        {"userId": "u1", "traits": {"preferences": {"x" * 200: False}}},
        {"traits": {"mrn": 123}},
        {"traits": {"mrn": {"value": 1}}},
        {"traits": {"mrn": {"value": "1", "authority": "a|b"}}},
        {"traits": {"mrn": {"value": "1", "authority": "x" * 51}}},
        {"traits": {"mrn": {"authority": "main"}}},
    ],
)
def test_another_type_than_expected(partner, body):
    assert problem(partner.post("/v1/identify", body)) == (400, "malformed")


def test_nobody_named(partner):
    assert problem(partner.post("/v1/identify", {"userId": None, "anonymousId": " "})) == (
        400,
        "nobody_named",
    )


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""]
)
def test_another_content_type(partner, kind):
    assert problem(partner.post("/v1/identify", CALL, **{"content-type": kind})) == (
        415,
        "wrong_content_type",
    )


def test_json_with_a_charset_is_json(partner):
    kind = "application/json; charset=UTF-8"

    assert partner.post("/v1/identify", CALL, **{"content-type": kind}).status_code == 200


@pytest.mark.parametrize(
    ("route", "most"),
    [("/v1/identify", 32), ("/v1/profiles/search", 32), ("/v1/batch", 500), ("/v1/decisions", 4096)],
)
def test_a_body_that_is_too_large(partner, route, most):
    body = b'{"a": "' + b"x" * (most * 1024) + b'"}'

    assert problem(partner.post(route, body)) == (413, "too_large")


def test_a_body_of_unknown_length(partner):
    answer = partner.client.generic(
        "POST",
        "/v1/identify",
        b"",
        content_type="application/json",
        headers={"authorization": f"Bearer {partner.secret}", "transfer-encoding": "chunked"},
    )

    assert problem(answer) == (411, "length_required")
