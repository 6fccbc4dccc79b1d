"""Five9, against its sandbox."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from destinations.connectors.five9 import Five9, parsed
from destinations.contract import Done, Field, Held, Later, Reason, Stuck
from destinations.sandbox import Five9Sandbox, running
from destinations.sandbox.faults import Fault
from tests.destinations.connectors.conftest import Engine, known, wanted

NIGHT = datetime(2026, 7, 2, 7, 30, tzinfo=UTC)  # half past midnight, Pacific
NOON = datetime(2026, 7, 2, 19, 0, tzinfo=UTC)
OUT = Field(True, True, NIGHT - timedelta(hours=2), "choice")
IN = Field(False, False, NIGHT - timedelta(hours=1), "choice")
ANA, BO = "+12025550143", "+12025550144"


@pytest.fixture
def sandbox(stack):
    return stack.enter_context(running(Five9Sandbox(clock=lambda: NIGHT)))


@pytest.fixture
def engine(sandbox):
    return Engine(Five9(), sandbox.url, username="heed", password="p")


@pytest.fixture
def listed(sandbox):
    return lambda number: bool(sandbox.found([f"phone:{number}"]).record)


def ana(now=NIGHT, **fields):
    return wanted(ANA, fields=fields, now=now)


def operations(engine):
    """What was called, as a parser of XML reads it."""
    messages = [parsed(call.body) for call in engine.calls]
    return [message[0].tag.rpartition("}")[2] for message in messages if message is not None]


def test_an_opt_out_puts_the_number_on_the_list(engine, listed):
    outcome = engine.deliver(ana(phone=OUT))

    assert listed(ANA)
    assert known(outcome) == {"phone": Held(True, False, "choice", NIGHT.isoformat())}
    assert operations(engine) == ["checkDncForNumbers", "addNumbersToDnc"]


def test_what_was_written_is_read_again_where_that_is_on(engine):
    engine.settings.reads_back = True
    outcome = engine.deliver(ana(phone=OUT))

    assert outcome.verified
    assert operations(engine) == ["checkDncForNumbers", "addNumbersToDnc", "checkDncForNumbers"]


def test_a_batch_takes_one_check_and_one_call(engine, listed):
    engine.deliver(*(wanted(f"+1202555{n:04}", fields={"phone": OUT}, now=NIGHT) for n in range(40)))

    assert len(engine.calls) == 2
    assert listed("+12025550039")


def test_either_reason_keeps_a_number_on_the_list_and_the_end_of_both_takes_it_off(engine, listed):
    person = ana(phone=OUT, do_not_call=OUT)
    engine.deliver(person)
    outcome = engine.again(person, fields={"do_not_call": OUT})
    assert listed(ANA)

    engine.again(replace(person, held=outcome.held), fields={})
    assert not listed(ANA)


def test_an_agents_own_entry_is_lifted_by_nobody_else(engine, sandbox, listed):
    sandbox.seed({"numbers": [{"phone": ANA}]})
    asked = ana(phone=IN)
    outcome = engine.deliver(asked)
    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.NEEDS_PERSON

    later = Field(False, False, NIGHT + timedelta(hours=1), "choice")
    assert engine.again(asked, fields={"phone": later}).reason is Reason.NEEDS_PERSON
    assert listed(ANA)


def test_an_entry_that_stood_there_before_stays_when_heeds_ends(engine, sandbox, listed):
    sandbox.seed({"numbers": [{"phone": ANA}]})
    paused = ana(phone=OUT)
    engine.deliver(paused)

    assert isinstance(engine.again(paused, fields={}), Done)
    assert listed(ANA)


def test_an_opt_in_where_nothing_stands_writes_nothing(engine):
    assert engine.deliver(ana(phone=IN)) == Done({})
    assert operations(engine) == ["checkDncForNumbers"]


def test_a_number_from_elsewhere_is_told_and_the_others_are_written(engine, listed):
    abroad = wanted("+442079460123", fields={"phone": OUT}, now=NIGHT)
    engine.deliver(abroad, ana(phone=OUT))

    assert engine.outcomes[abroad.id].reason is Reason.REJECTED_DATA
    assert listed(ANA)


def test_one_bad_number_does_not_keep_the_others_from_the_list(engine, sandbox, listed):
    bo = wanted(BO, fields={"phone": OUT}, now=NIGHT)
    sandbox.refuses = {"2025550144"}
    engine.deliver(bo, ana(phone=OUT))

    assert engine.outcomes[bo.id] == Stuck(Reason.REJECTED_DATA, "PhoneNumberFormatFault", held={})
    assert listed(ANA)


def test_outside_its_hours_the_fault_is_waited_out_until_they_begin(engine, sandbox, listed):
    sandbox.clock = lambda: NOON
    outcome = engine.deliver(ana(NOON, phone=OUT))

    assert outcome == Later(
        Reason.UNAVAILABLE, 11 * 3600.0, "outside the hours of the list", held=known(outcome)
    )
    assert not listed(ANA)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(status=429, retry_after=7), Later(Reason.THROTTLED, 7.0, held={})),
        (Fault(status=503), Later(Reason.UNAVAILABLE, detail="HTTP 503", held={})),
        (Fault(garbage=True), Later(Reason.GARBLED, detail="the answer cannot be read", held={})),
        (Fault(status=401), Stuck(Reason.REJECTED_AUTH, "HTTP 401", held={})),
        (Fault(status=302), Stuck(Reason.REJECTED_CONFIG, "HTTP 302", held={})),
    ],
)
def test_an_answer_that_ends_the_batch_ends_it_for_everybody(engine, sandbox, fault, outcome):
    sandbox.faults.set(fault)
    batch = ana(phone=OUT), wanted(BO, fields={"phone": OUT}, now=NIGHT)
    engine.deliver(*batch)

    assert [engine.outcomes[each.id] for each in batch] == [outcome, outcome]
    assert len(engine.calls) == 1


@pytest.mark.parametrize(
    "fault", [Fault(hang=True, apply=True), Fault(status=502, apply=True), Fault(garbage=True, apply=True)]
)
def test_a_denial_whose_answer_was_lost_is_still_known_as_heeds_own(engine, sandbox, listed, fault):
    paused = ana(phone=OUT)
    engine.before[2] = lambda: sandbox.faults.set(replace(fault, times=1))
    engine.deliver(paused, patience=0.3)
    assert listed(ANA)

    sandbox.faults.clear()
    assert engine.again(paused, fields={}) == Done({})
    assert not listed(ANA)


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><x/>'.encode("utf-16"),
        b"<S:Envelope",
        b"",
    ],
)
def test_what_is_no_soap_message_is_not_read(content):
    assert parsed(content) is None


def test_testing_the_connection_asks_about_a_number_that_nobody_has(engine):
    [found] = engine.probe("phone")

    assert found.ok
    assert operations(engine) == ["checkDncForNumbers"]
