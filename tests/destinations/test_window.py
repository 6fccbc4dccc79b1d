"""A system that takes changes only at certain hours."""

from datetime import UTC, datetime, time

import pytest

from destinations.contract import Window

NIGHT = Window(time(23), time(6), "America/Los_Angeles")


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-26T20:00", "2026-11-27T07:00"),  # noon there: at 23:00
        ("2026-11-27T08:00", "2026-11-27T08:00"),  # midnight there: open
        ("2026-11-27T13:59", "2026-11-27T13:59"),  # a minute before it closes
        ("2026-11-27T14:00", "2026-11-28T07:00"),  # it has closed
        ("2026-07-01T14:00", "2026-07-02T06:00"),  # in summer the clock there is an hour ahead
    ],
)
def test_a_window_over_midnight_opens_by_the_clock_there(now: str, opens: str):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert NIGHT.next_opening(moment) == datetime.fromisoformat(opens).replace(tzinfo=UTC)
