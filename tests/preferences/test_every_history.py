"""Whatever happens, in whatever order: Heed answers as DESIGN says, and ever after as it did then."""

import pytest
from hypothesis import HealthCheck, given, settings

from preferences import clock, identity
from preferences.models import Profile
from preferences.selectors import Question as Asked
from preferences.selectors import decide_many
from preferences.verify import verify
from tests.preferences.acts import ADDRESSES, CELLS, PEOPLE, scripts
from tests.preferences.histories import History, plain
from tests.preferences.notebook import Question, SwitchedOff
from tests.preferences.resolver import resolve
from tests.preferences.resolver_people import one_with, until
from tests.preferences.test_laws import rolled_back

pytestmark = pytest.mark.django_db
law = settings(
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@settings(law, max_examples=8)
@given(scripts(most=3))
def test_every_answer_is_what_the_rules_say_and_stays_the_answer_as_of_then(script):
    lived_through(script)


@pytest.mark.soak
@settings(law, max_examples=400)
@given(scripts(most=8))
def test_long_histories_too(script):
    lived_through(script)


def lived_through(script):
    """Ask everything after each act, and once more as of then when all is over; the ledger proves whole."""
    with rolled_back():
        history = History()
        history.begin()
        answered = [(history.now, as_the_rules_say(history, plain(history.answers())))]
        for act in script:
            history.does(*act)
            answered.append((history.now, as_the_rules_say(history, plain(history.answers()))))
        as_the_rules_say(history, at_an_address(history))
        assert [Profile.objects.get(pk=pk).link_epoch for pk in history.people] == links_off(history.facts)

        for moment, then in answered:
            assert plain(history.answers(at=moment)) == then
        assert not [finding for part in verify() for finding in part.findings]


def as_the_rules_say(history, answered):
    """What Heed answered now, found to be what the resolver reads out of the notebook."""
    expected = {asked: resolve(history.facts, question(history, *asked)) for asked in answered}
    assert answered == expected, "\n".join(map(str, history.facts))
    return answered


def question(history, person, category, channel, to=None):
    return Question(person=person, category=category, channel=channel, at=history.now, to=to)


def links_off(facts):
    """How often each person's links were: with those of everybody whom they were one with then."""
    off = [
        one_with(until(facts, each.number), each.person) for each in facts if isinstance(each, SwitchedOff)
    ]
    return [sum(number in together for together in off) for number in range(PEOPLE)]


def at_an_address(history):
    """Every message, to every person, at every address to which that channel leads."""
    found = {}
    with clock.at(history.now):
        for category, channel in CELLS:
            for to in [
                each for each in ADDRESSES if channel and (each[0] == "email") == (channel == "email")
            ]:
                asked = [Asked(pk, to=identity.named(*to)) for pk in history.people]
                for person, decision in enumerate(decide_many(category, channel, asked)):
                    found[person, category, channel, to] = (decision.allowed, decision.reason.value)
    return found
