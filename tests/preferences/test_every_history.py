"""Whatever happens, in whatever order: what Heed once answered it answers ever after, as of then."""

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from preferences.verify import verify
from tests.preferences.histories import History, acts, plain
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
@given(st.lists(acts, min_size=1, max_size=6))
def test_what_was_answered_once_is_answered_ever_after(script):
    lived_through(script)


@pytest.mark.soak
@settings(law, max_examples=400)
@given(st.lists(acts, min_size=1, max_size=12))
def test_long_histories_too(script):
    lived_through(script)


def lived_through(script):
    """Ask everything after each act, and once more as of then when all is over; the ledger proves whole."""
    with rolled_back():
        history = History()
        history.begin()
        answered = [(history.now, plain(history.answers()))]
        for act in script:
            history.does(*act)
            answered.append((history.now, plain(history.answers())))
        for fact in history.facts:
            note(str(fact))

        for moment, then in answered:
            assert plain(history.answers(at=moment)) == then
        assert not [finding for part in verify() for finding in part.findings]
