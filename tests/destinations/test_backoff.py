"""Waiting before the next try: doubled, jittered in full, capped, and never for ever given up."""

import pytest

from destinations import backoff


@pytest.mark.parametrize(
    ("failures", "longest"), [(0, 1), (1, 2), (5, 32), (11, 2048), (12, 3600), (30, 3600)]
)
def test_a_row_waits_any_share_of_a_doubling_time(failures, longest):
    assert backoff.row_delay(failures, chance=1.0) == longest
    assert backoff.row_delay(failures, chance=0.0) == 0
    assert 0 <= backoff.row_delay(failures) <= longest


def test_after_a_day_of_tries_a_row_is_tried_daily_for_ever():
    assert backoff.row_delay(31) == backoff.row_delay(10_000) == 86_400


def test_a_system_that_is_down_is_tried_at_least_every_minute():
    assert backoff.lane_delay(50, chance=1.0) == 60
