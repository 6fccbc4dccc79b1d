"""May Heed write, lift, or neither? Every case of DESIGN section 3, at one target."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from destinations.contract import Field, Held, Wanted
from destinations.targets import Move, Stood, move, needs_reading

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WANTED = Wanted("p", 1, "", NOW)
OUT, IN = Field(True, True, NOW - DAY, "choice"), Field(False, False, NOW - DAY, "choice")
OURS, THEIRS = Held(wrote=True, before=False), Held(before=True, seen=(NOW - 5 * DAY).isoformat())
FREE, DENIED = Stood(False), Stood(True)


@pytest.mark.parametrize(
    ("field", "held", "stood", "expected"),
    [
        (OUT, None, FREE, Move.DENY),
        (OUT, None, DENIED, Move.KEEP),
        (OUT, OURS, None, Move.DENY),
        (IN, None, FREE, Move.KEEP),
        (IN, OURS, DENIED, Move.LIFT),
        (IN, None, Stood(True, since=NOW - 2 * DAY), Move.LIFT),
        (IN, None, Stood(True, since=NOW), Move.ASK),
        (IN, None, Stood(True, changed=NOW - 2 * DAY), Move.LIFT),
        (IN, None, Stood(True, changed=NOW), Move.ASK),
        (IN, THEIRS, DENIED, Move.LIFT),
        (IN, None, DENIED, Move.ASK),
        (None, OURS, DENIED, Move.LIFT),
        (None, OURS, FREE, Move.KEEP),
        (None, THEIRS, DENIED, Move.KEEP),
        (None, None, DENIED, Move.KEEP),
        (None, replace(OURS, before=None), DENIED, Move.ASK),
        (None, replace(OURS, reported=NOW.isoformat()), DENIED, Move.ASK),
        (Field(None, None), OURS, DENIED, Move.KEEP),
    ],
)
def test_each_case_has_its_move(field, held, stood, expected):
    assert move(field, held, stood, WANTED)[0] is expected


def test_what_stood_there_before_the_first_write_is_remembered():
    assert move(OUT, None, FREE, WANTED)[1] == Held(True, False, "choice", NOW.isoformat())
    _, known = move(OUT, None, DENIED, WANTED)
    assert known is not None
    assert (known.wrote, known.before) == (False, True)


def test_a_denial_found_after_a_lost_call_may_be_ours_and_is_put_before_staff_when_its_reason_ends():
    _, known = move(OUT, None, DENIED, replace(WANTED, unsure=True))
    assert known is not None
    assert (known.wrote, known.before) == (True, None)
    assert move(None, known, DENIED, WANTED)[0] is Move.ASK


def test_reading_comes_before_lifting_and_before_the_first_write():
    assert needs_reading(OUT, None)
    assert not needs_reading(OUT, OURS)
    assert needs_reading(IN, OURS)
    assert needs_reading(None, OURS)
    assert not needs_reading(None, None)
