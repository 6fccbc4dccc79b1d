"""Workers are killed while events go out: none is lost, none leaves against what people had said by then."""

import random
import time
from datetime import UTC, datetime
from itertools import cycle

import pytest

from tests.journeys.conftest import Demo, wait_until
from tests.journeys.tracking import Row, clicked, heard, rows, settled, shares, track

pytestmark = pytest.mark.soak
PATIENCE = 300  # the slowest way back: a lease, a lost task and the next sweep
VICTIMS = ("qcluster", "qcluster", "gunicorn", "qcluster", "destinations.sandbox")
PEOPLE, ROUNDS, ADVERTISING = 6, 60, "meta_conversions"


def test_no_kill_loses_an_event_or_sends_one_against_a_no(demo: Demo) -> None:
    chance = random.Random(11)
    people = [f"tracked.{number}@example.org" for number in range(PEOPLE)]
    for email in people:
        wait_until(lambda email=email: shares(demo, email, True), 60, lambda: "nobody answers")  # type: ignore[misc]
    accepted: dict[str, list[str]] = {email: [] for email in people}
    out: dict[str, datetime] = {}
    kills = 0
    for number, victim in zip(range(ROUNDS), cycle(VICTIMS), strict=False):
        for email in people:
            accepted[email] += track(demo, [clicked(email), clicked(email)])
        left = [each for each in people if each not in out]
        if number % 10 == 7 and left and shares(demo, left[0], False):
            out[left[0]] = datetime.now(UTC)
        time.sleep(chance.random() * 0.4)  # so that it comes in the midst of a turn
        if number % 2 and (pids := demo.processes(victim)):
            demo.kill(chance.choice(pids))
            kills += 1

    every = [event for ids in accepted.values() for event in ids]
    assert len(every) > PEOPLE * ROUNDS / 2
    assert kills > ROUNDS / 4
    assert len(out) > 2
    wait_until(
        lambda: settled(demo, every), PATIENCE, lambda: [r for r in rows(demo, every) if r.state != "sent"]
    )

    found = rows(demo, every)
    assert {each.state for each in found} == {"sent", "blocked"}
    assert all(each.state == "sent" for each in found if each.system == "webhook")
    for email, since in out.items():
        later = [
            each
            for each in rows(demo, accepted[email])
            if each.system == ADVERTISING and judged(each) > since
        ]
        assert later, "the no came after everything was sent"
        assert {each.state for each in later} == {"blocked"}
    said_yes = [event for email in people if email not in out for event in accepted[email]]
    assert set(said_yes) <= set(heard(demo, ADVERTISING))
    known = {each.event for each in rows(demo)}
    assert all(set(heard(demo, slug)) <= known for slug in (ADVERTISING, "ga4", "segment")), (
        "repeats keep the event's id"
    )


def judged(row: Row) -> datetime:
    """When its verdict was made."""
    return datetime.fromisoformat(row.judged_at).replace(tzinfo=UTC)
