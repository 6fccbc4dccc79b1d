"""Whatever JSON a partner sends, the answer is a yes or a problem, never a fault of ours."""

import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.preferences.api import bodies
from tests.preferences.api.partner import problem

fuzz = settings(
    max_examples=2500,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize(
    ("route", "strategy"),
    [
        ("identify", bodies.calls),
        ("batch", bodies.batches),
        ("decisions", bodies.decisions),
        ("profiles/search", bodies.searches),
    ],
)
def test_any_json_is_answered(partner, route, strategy):
    from collections import Counter

    seen = Counter()

    @fuzz
    @given(body=strategy)
    def ask(body):
        answer = partner.post(f"/v1/{route}", body)
        if answer.status_code != 200:
            assert problem(answer)[0] in (400, 403, 413)
        seen[
            answer.status_code,
            answer.json().get("code"),
            tuple(
                sorted({str(r.get("status") or r.get("reason")) for r in answer.json().get("results", [])})
            ),
        ] += 1
        for result in answer.json().get("results", []):
            assert result.get("status") != "refused" or result["problem"]["status"] in (400, 403, 413)

    ask()
    print(route, seen.most_common(12))


@pytest.mark.parametrize("route", ["identify", "batch", "decisions"])
def test_any_bytes_are_answered(partner, route):
    @fuzz
    @given(body=st.binary(), packed=st.booleans(), encoding=st.sampled_from(["gzip", "identity", "br", ""]))
    def ask(body, packed, encoding):
        content = gzip.compress(body) if packed else body
        answer = partner.post(f"/v1/{route}", content, **{"content-encoding": encoding})
        assert answer.status_code in (200, 400, 415)

    ask()


def test_any_key_is_answered(partner):
    @fuzz
    @given(key=st.text(st.characters(max_codepoint=255)) | st.just("heed_aaaaaaaa_" + "\x00" * 30))
    def ask(key):
        for scheme in ("Bearer ", "Basic ", ""):
            headers = {"authorization": scheme + key}
            if not (scheme + key).strip():
                continue
            assert partner.post("/v1/identify", {"userId": "u1"}, **headers).status_code == 401

    ask()
