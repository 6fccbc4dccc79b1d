"""Genesys Cloud, against its sandbox."""

from dataclasses import replace
from datetime import timedelta

import pytest

from destinations.connectors.genesys import ASK_AGAIN, Genesys
from destinations.contract import Done, Field, Held, Job, Later, Reason, Stuck
from destinations.sandbox import GenesysSandbox, running
from destinations.sandbox.faults import Fault
from tests.destinations.connectors.conftest import IN, NOW, OUT, Engine, known, wanted

ANA, BO = "+12025550143", "+12025550144"
PHONE, DNC = "lists.phone", "lists.do_not_call"
FIELDS = {"phone": "calls", "do_not_call": "dnc"}


@pytest.fixture
def sandbox(stack):
    sandbox = stack.enter_context(running(GenesysSandbox()))
    sandbox.seed({"lists": [{"id": "calls", "name": "Calls"}, {"id": "dnc", "name": "Do not call"}]})
    return sandbox


@pytest.fixture
def engine(sandbox):
    return connected(sandbox)


def connected(sandbox, **settings):
    given = {"login_url": sandbox.url, "client_id": "heed", "client_secret": "s", "lists": FIELDS}
    return Engine(Genesys(), sandbox.url, **given | settings)


@pytest.fixture
def listed(sandbox):
    """The names of the lists on which a number stands."""
    return lambda number: set(sandbox.found([f"phone:{number}"]).record.get("dncLists", []))


def told(engine, *batch, **changes):
    """Deliver, and again for as long as a list is being written out."""
    outcome = engine.deliver(*batch)
    while isinstance(outcome, Job):
        assert outcome.after == ASK_AGAIN
        batch = tuple(replace(each, job=engine.outcomes[each.id].token, **changes) for each in batch)
        outcome = engine.deliver(*batch)
    return outcome


def test_an_opt_out_of_calls_puts_the_number_on_its_list_only(engine, listed):
    outcome = told(engine, wanted(ANA, fields={PHONE: OUT}))

    assert listed(ANA) == {"Calls"}
    assert known(outcome) == {PHONE: Held(True, False, "choice", NOW.isoformat())}


def test_a_list_is_written_out_before_it_is_written_to_and_everybody_waits_in_one_job(engine, listed):
    batch = [wanted(f"+1202555{n:04}", fields={PHONE: OUT}) for n in range(40)]
    first = engine.deliver(*batch)
    assert isinstance(first, Job)
    assert engine.made("PATCH") == []

    outcome = told(engine, *(replace(each, job=first.token) for each in batch))
    assert isinstance(outcome, Done)
    assert len(engine.made("PATCH")) == 1
    assert listed("+12025550039") == {"Calls"}


def test_an_opt_out_is_written_unread_when_the_list_cannot_be_read_for_long(engine, listed):
    person = wanted(ANA, fields={PHONE: OUT})
    first = engine.deliver(person)
    late = NOW + timedelta(minutes=16)
    engine.settings.memory["asked calls"] = (late, "")  # another worker is asking still
    outcome = engine.deliver(replace(person, job=first.token, now=late))

    assert listed(ANA) == {"Calls"}
    assert known(outcome)[PHONE].before is None


def test_a_list_too_long_to_be_read_is_written_at_once(sandbox, listed):
    sandbox.seed({"numbers": [{"list": "calls", "phone": BO}]})
    engine = connected(sandbox, read_up_to="0")
    outcome = engine.deliver(wanted(ANA, fields={PHONE: OUT}))

    assert listed(ANA) == {"Calls"}
    assert known(outcome)[PHONE].before is None


def test_when_the_reason_ends_heed_takes_back_what_it_wrote_without_reading(engine, listed):
    paused = wanted(ANA, fields={PHONE: OUT})
    told(engine, paused)
    outcome = engine.again(paused, fields={})

    assert listed(ANA) == set()
    assert outcome == Done({})
    assert [call.path.rpartition("/")[2] for call in engine.calls] == ["phonenumbers"]


def test_an_agents_own_entry_stays_when_heeds_ends(engine, sandbox, listed):
    sandbox.seed({"numbers": [{"list": "calls", "phone": ANA}]})
    paused = wanted(ANA, fields={PHONE: OUT})
    told(engine, paused)
    outcome = engine.again(paused, fields={})

    assert isinstance(outcome, Done)
    assert listed(ANA) == {"Calls"}


def test_an_agents_own_entry_is_never_lifted_by_an_opt_in(engine, sandbox, listed):
    sandbox.seed({"numbers": [{"list": "calls", "phone": ANA}]})
    asked = wanted(ANA, fields={PHONE: IN})
    outcome = told(engine, asked)
    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.NEEDS_PERSON

    later = Field(False, False, NOW + timedelta(hours=1), "choice")
    outcome = engine.again(asked, fields={PHONE: later}, now=NOW + timedelta(seconds=5))
    assert outcome.reason is Reason.NEEDS_PERSON
    assert listed(ANA) == {"Calls"}


def test_nobody_was_asked_so_nothing_is_called(engine):
    assert engine.deliver(wanted(ANA)) == Done({})
    assert engine.calls == []


def test_one_list_for_both_gets_the_strictest_answer(sandbox, listed):
    engine = connected(sandbox, lists={"phone": "calls", "do_not_call": "calls"})
    person = wanted(ANA, fields={PHONE: IN, DNC: OUT})
    told(engine, person)
    assert listed(ANA) == {"Calls"}

    engine.again(person, fields={PHONE: IN})
    assert listed(ANA) == set()


def test_one_bad_number_does_not_keep_the_others_from_the_list(engine, listed):
    bad, good = wanted("+1", fields={PHONE: OUT}), wanted(ANA, fields={PHONE: OUT})
    told(engine, bad, good)

    assert engine.outcomes[bad.id] == Stuck(Reason.REJECTED_DATA, "HTTP 400", held={})
    assert isinstance(engine.outcomes[good.id], Done)
    assert listed(ANA) == {"Calls"}


def test_a_deleted_list_is_told_by_name_and_the_others_are_written(engine, sandbox, listed):
    engine = connected(sandbox, lists={"phone": "gone", "do_not_call": "dnc"})
    outcome = told(engine, wanted(ANA, fields={PHONE: OUT, DNC: OUT}))

    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.REJECTED_CONFIG
    assert "gone" in outcome.detail
    assert set(known(outcome)) == {DNC}
    assert listed(ANA) == {"Do not call"}


def test_a_session_that_ends_in_the_middle_is_renewed_once(engine, sandbox, listed):
    person = wanted(ANA, fields={PHONE: OUT})
    first = engine.deliver(person)
    engine.settings.memory["token"] = "old"
    told(engine, replace(person, job=first.token))

    assert listed(ANA) == {"Calls"}
    assert [call.path for call in engine.calls].count("/oauth/token") <= 1


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(status=429, retry_after=7), Later(Reason.THROTTLED, 7.0, held={})),
        (Fault(status=503), Later(Reason.UNAVAILABLE, detail="HTTP 503", held={})),
        (Fault(garbage=True), Later(Reason.GARBLED, detail="the answer cannot be read", held={})),
        (Fault(status=401), Stuck(Reason.REJECTED_AUTH, "HTTP 401 at sign-in", held={})),
    ],
)
def test_an_answer_that_ends_the_batch_ends_it_for_everybody(engine, sandbox, fault, outcome):
    sandbox.faults.set(fault)
    batch = [wanted(number, fields={PHONE: OUT}) for number in (ANA, BO)]
    engine.deliver(*batch)

    assert [engine.outcomes[each.id] for each in batch] == [outcome, outcome]
    assert len(engine.calls) == 1


@pytest.mark.parametrize(
    "fault", [Fault(hang=True, apply=True), Fault(status=502, apply=True), Fault(garbage=True, apply=True)]
)
def test_a_denial_whose_answer_was_lost_is_still_known_as_heeds_own(engine, sandbox, listed, fault):
    told(engine, wanted(BO, fields={PHONE: OUT}))  # the list has just been read
    paused = wanted(ANA, fields={PHONE: OUT})
    sandbox.faults.set(replace(fault, times=1))
    engine.deliver(paused, patience=0.3)
    assert listed(ANA) == {"Calls"}

    sandbox.faults.clear()
    assert engine.again(paused, fields={}) == Done({})
    assert listed(ANA) == set()


def test_a_list_file_that_is_a_page_is_no_empty_list(engine, sandbox, listed):
    person = wanted(ANA, fields={PHONE: OUT})
    first = engine.deliver(person)
    second = engine.deliver(replace(person, job=first.token))
    engine.before[3] = lambda: sandbox.faults.set(Fault(garbage=True, times=1))
    outcome = engine.deliver(replace(person, job=second.token))

    assert outcome.reason is Reason.GARBLED
    assert listed(ANA) == set()


def test_testing_the_connection_names_the_list_that_is_not_there(sandbox):
    engine = connected(sandbox, lists={"phone": "gone", "do_not_call": "dnc"})
    found = engine.probe(PHONE, DNC)

    assert [each.ok for each in found] == [True, False]
    assert found[1].words == "phone: there is no such list."
