"""Bodies that come packed, and those that only say so."""

import gzip
import json
import time

import pytest

from preferences.api.operations import LARGEST_CALL
from tests.preferences.api.partner import problem

CALL = {"userId": "u1", "traits": {"preferences": {"marketing_emails": False}}}


def test_a_body_may_come_packed(partner):
    packed = gzip.compress(json.dumps(CALL).encode())

    assert partner.post("/v1/identify", packed, **{"content-encoding": "gzip"}).status_code == 200


@pytest.mark.parametrize(
    "spoil",
    [
        lambda packed: packed[:-9],
        lambda packed: packed + b"more",
        lambda packed: b"plain" + packed,
        lambda packed: packed[:12] + b"\x00\xff" + packed[14:],
        lambda packed: b"",
    ],
)
def test_a_spoilt_gzip_body(partner, spoil):
    packed = gzip.compress(json.dumps(CALL).encode())

    assert problem(partner.post("/v1/identify", spoil(packed), **{"content-encoding": "gzip"})) == (
        400,
        "malformed",
    )


def test_another_encoding(partner):
    answer = partner.post("/v1/identify", b"{}", **{"content-encoding": "br"})

    assert problem(answer) == (415, "wrong_content_type")


def test_a_gzip_bomb_is_not_unpacked(partner):
    bomb = gzip.compress(b" " * 400_000_000, 1)[:400_000]
    small = gzip.compress(gzip.compress(b" " * 25_000_000))
    assert len(gzip.decompress(small)) < LARGEST_CALL
    started = time.monotonic()

    assert problem(partner.post("/v1/batch", bomb, **{"content-encoding": "gzip"})) == (413, "too_large")
    assert problem(
        partner.post("/v1/identify", gzip.compress(b" " * 20_000_000), **{"content-encoding": "gzip"})
    ) == (413, "too_large")
    assert time.monotonic() - started < 2
