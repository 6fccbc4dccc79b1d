"""Whether a system answers, in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from destinations import circuit, delivery, leases, marking
from destinations.circuit import Circuit
from destinations.contract import Later, Reason
from destinations.models import Destination, Propagation
from destinations.sending import CallMade, Report
from destinations.services import save_destination, try_now
from tests.world import World, out

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "not_before", "state"),
    [
        (0, None, Circuit.CLOSED),
        (0, NOW + timedelta(seconds=5), Circuit.CLOSED),
        (3, NOW + timedelta(seconds=5), Circuit.OPEN),
        (3, NOW - timedelta(seconds=5), Circuit.TRYING),
        (3, None, Circuit.TRYING),
    ],
)
def test_a_circuit_is_closed_open_or_trying(failures, not_before, state):
    assert circuit.circuit(Destination(failures=failures, not_before=not_before), NOW) == state


def test_it_says_since_when_why_and_when_it_is_tried_next():
    system = Destination(
        state="live",
        failures=3,
        failing_since=NOW - timedelta(hours=2),
        failing_reason="unavailable",
        not_before=NOW + timedelta(seconds=30),
    )

    assert circuit.in_words(system, NOW) == (
        "Since Mar 1, 5:00:00 a.m. 3 calls failed in a row. The system is not available. "
        "Next try: Mar 1, 7:00:30 a.m."
    )


def test_one_that_keeps_its_last_calls_for_opt_outs_says_so():
    words = circuit.in_words(Destination(facts_after=NOW + timedelta(seconds=5)), NOW)

    assert words == "It keeps to its rate limit. Opt-outs go on, all else from Mar 1, 7:00:05 a.m."


@pytest.mark.parametrize("state", ["paused", "shadow"])
def test_one_that_is_told_nothing_is_not_said_to_be_tried(state):
    words = circuit.in_words(Destination(state=state, failures=3, not_before=NOW - timedelta(1)), NOW)

    assert words == "3 calls failed in a row. It is tried once it goes live."


def test_one_that_answers_says_nothing_or_that_it_keeps_to_its_rate():
    assert circuit.in_words(Destination(), NOW) == ""
    assert "keeps to its rate limit" in circuit.in_words(Destination(not_before=NOW + timedelta(1)), NOW)


@pytest.fixture
def down(world: World) -> World:
    """SendGrid fails, and somebody says no."""
    world.faults("sendgrid", status=503)
    person = world.registers(mrn="RH1", email="maria@example.org").profile_id
    assert person
    world.chooses(person, out("marketing_emails", "email"))
    Destination.objects.update(failures=8)  # so that it is left alone for a while
    Destination.objects.exclude(slug="sendgrid").update(failures=0)
    world.drain()
    return world


def lane() -> Destination:
    return Destination.objects.get(slug="sendgrid")


def test_a_system_that_fails_says_since_when_and_why(down):
    assert lane().failing_reason == "unavailable"
    assert (since := lane().failing_since)
    assert timezone.now() - since < timedelta(minutes=1)


def test_it_remembers_the_first_failure(down):
    first = lane().failing_since
    down.later()
    down.drain()

    assert lane().failing_since == first


def test_one_answer_closes_it(down):
    down.quiet()

    assert circuit.circuit(lane(), timezone.now()) == Circuit.CLOSED
    assert (lane().failing_since, lane().failing_reason) == (None, "")


def test_trying_now_waits_for_nothing(down):
    Destination.objects.filter(slug="sendgrid").update(not_before=timezone.now() + timedelta(hours=1))
    down.heal()
    down.drain()
    assert down.suppressed("maria@example.org") == set()

    try_now(destination=lane())
    down.drain()
    assert down.suppressed("maria@example.org") == {"marketing_emails"}


def test_one_whom_a_system_hangs_on_keeps_nobody_else_waiting(world: World):
    """Theirs is the nearest deadline, and every call about them is lost."""
    for number in range(3):
        person = world.registers(mrn=f"RH{number}", email=f"p{number}@example.org").profile_id
        assert person
        world.chooses(person, out("marketing_emails", "email"))
    while marking.mark(timezone.now()):
        pass
    Destination.objects.filter(slug="webhook").update(failures=1)
    system = Destination.objects.get(slug="webhook")
    first = leases.due(system.pk, 1, timezone.now())[0].id
    Propagation.objects.filter(pk=first).update(deadline_at=timezone.now())
    tried = []
    for _ in range(3):
        world.later()
        turn = delivery.take(system.pk, 50)
        assert turn
        [each] = turn.batch
        tried.append(each.row.id)
        lost = Later(Reason.NO_ANSWER, None, "no answer", unknown=True)
        delivery.settle(Report(turn, {each.wanted.id: (lost, CallMade())}))

    assert tried[0] == first
    assert len(set(tried)) == 3


def test_saving_the_connection_closes_it(down):
    system = lane()
    save_destination(
        destination=system,
        connector="sendgrid",
        slug="sendgrid",
        name="S",
        public_label="S",
        purpose="other",
        state="live",
        settings=system.settings,
        secrets={},
        agreement="a test",
        author="tests",
    )
    assert circuit.circuit(lane(), timezone.now()) == Circuit.CLOSED
