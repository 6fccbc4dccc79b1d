"""What holds of every policy."""

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from governance.facts import one_of
from governance.terms import Outcome, Truth
from governance.tracing import trace
from governance.verdicts import Verdict
from tests.governance import chances, judging
from tests.governance.reference import GONE, Event, System, truths

Body = dict[str, Any]
EACH = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
systems = st.sampled_from(chances.SYSTEMS)
cases = st.tuples(chances.events(), chances.people(), systems)


def judge(policy: Body, event: Event, person: Body, system: System) -> Verdict:
    return judging.compiled(policy).judge(judging.seen(event), judging.facts(person), judging.place(system))


def with_rule(policy: Body, rule: Body, effect: str, at: int) -> Body:
    rules = list(policy["rules"])
    rules.insert(at, {**rule, "id": "one-more", "then": {"effect": effect}})
    return {**policy, "rules": rules}


@EACH
@given(chances.policies(), chances.events(), chances.people(), systems, st.randoms())
def test_the_order_of_rules_makes_no_difference(policy, event, person, system, chance):
    shuffled = {**policy, "rules": chance.sample(policy["rules"], len(policy["rules"]))}

    one, other = (judge(each, event, person, system) for each in (policy, shuffled))

    assert judging.as_answer(one, event) == judging.as_answer(other, event)


@EACH
@given(chances.policies(), chances.rules(), st.integers(0, 8), cases)
def test_one_more_block_releases_nothing(policy, rule, at, case):
    before = judge(policy, *case)
    after = judge(with_rule(policy, rule, "block", at), *case)

    assert before.released or not after.released


@EACH
@given(chances.policies(), chances.rules(), st.integers(0, 8), cases)
def test_one_more_allow_blocks_nothing_unless_it_is_broken(policy, rule, at, case):
    assume(GONE not in truths(rule, *case))

    before = judge(policy, *case)
    after = judge(with_rule(policy, rule, "allow", at), *case)

    assert after.released or not before.released
    assert after.redactions == before.redactions or not before.released


@EACH
@given(chances.policies(), chances.rules(), cases, st.booleans())
def test_a_block_beats_an_allow_wherever_they_stand(policy, rule, case, first):
    always = {**rule, "on": True, "when": [], "for": {"purposes": ["*"], "destinations": []}}
    allowed = with_rule(policy, always, "allow", 0)
    allowed["rules"][0]["id"] = "allows"

    verdict = judge(with_rule(allowed, always, "block", 0 if first else len(allowed["rules"])), *case)

    assert verdict.outcome == Outcome.BLOCK


@EACH
@given(chances.policies(), chances.events(), chances.people(), chances.people(), systems)
def test_of_one_of_two_people_nothing_goes_that_goes_not_for_each(policy, event, one, other, system):
    compiled, seen, place = judging.compiled(policy), judging.seen(event), judging.place(system)
    each = [judging.facts(one), judging.facts(other)]

    together = compiled.judge(seen, one_of(each), place)

    if together.released:
        for verdict in (compiled.judge(seen, facts, place) for facts in each):
            assert verdict.released
            assert verdict.redactions.keys() <= together.redactions.keys()


@EACH
@given(chances.policies(), chances.events(), chances.people(), systems)
def test_where_somebody_lives_unknown_releases_nothing_that_no_place_would(policy, event, person, system):
    nowhere = judge(policy, event, {**person, "jurisdictions": [""]}, system)

    if nowhere.released:
        for place in (*chances.PLACES, "US-TX"):
            assert judge(policy, event, {**person, "jurisdictions": [place]}, system).released


@EACH
@given(chances.policies(), chances.events(), chances.people(), systems)
def test_a_verdict_is_explained_without_what_the_event_said(policy, event, person, system):
    compiled, seen, place = judging.compiled(policy), judging.seen(event), judging.place(system)
    verdict = compiled.judge(seen, judging.facts(person), place)

    kept = judging.facts(judging.facts(person).body)
    later = trace(judging.compiled(policy), seen.allowed, kept, verdict.hits, place)
    at_once = trace(compiled, seen.allowed, kept, verdict.hits, place, properties=event.properties)

    assert later.verdict == at_once.verdict == verdict
    for line, exact, rule in zip(later.lines, at_once.lines, policy["rules"], strict=True):
        assert [each.value for each in exact.truths] == (
            truths(rule, event, person, system) if rule["on"] else []
        )
        for told, true in zip(line.truths, exact.truths, strict=True):
            assert told in (true, Truth.UNKEPT)
        assert (line.applies, line.here, line.broken) == (exact.applies, exact.here, exact.broken)
