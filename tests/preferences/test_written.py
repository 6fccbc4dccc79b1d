"""JSON as Heed writes it: what came in is what goes out, whoever writes it."""

import json

import pytest

from preferences.written import written


@pytest.mark.parametrize(
    "value",
    [
        {"b": [1, 2.5, None, True], "a": {"name": "Zoë"}},
        {"more than 64 bits": 2**70},
        {"half of a surrogate pair": "\ud800"},
        {"a NUL": "\x00"},
    ],
)
def test_every_value_that_can_be_read_is_written(value):
    assert json.loads(written(value)) == value


def test_equal_values_are_equal_bytes_where_order_is_asked_for():
    assert written({"b": 1, "a": {"d": 2, "c": 3}}, in_order=True) == b'{"a":{"c":3,"d":2},"b":1}'
