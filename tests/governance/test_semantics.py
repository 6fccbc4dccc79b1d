"""The compiled policy says what the slow and obvious evaluator says."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.governance import chances, judging
from tests.governance.reference import Event, answer

Body = dict[str, Any]
MANY_CASES = given(
    chances.policies(),
    st.lists(chances.people(), min_size=4, max_size=4),
    st.lists(chances.events(), min_size=5, max_size=5),
)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def agrees(policy: Body, people: list[Body], events: list[Event]) -> None:
    """Of each person, event and system: 120 verdicts a policy."""
    compiled = judging.compiled(policy)
    for event in events:
        seen = judging.seen(event)
        for person in people:
            facts = judging.facts(person)
            for system in chances.SYSTEMS:
                verdict = compiled.judge(seen, facts, judging.place(system))
                assert judging.as_answer(verdict, event) == answer(policy, event, person, system)


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@MANY_CASES
def test_every_verdict_is_what_the_semantics_say(policy, people, events):
    agrees(policy, people, events)


@pytest.mark.soak
@settings(max_examples=10_000, deadline=None, suppress_health_check=SLOW)
@MANY_CASES
def test_so_it_is_for_ten_thousand_policies(policy, people, events):
    agrees(policy, people, events)
