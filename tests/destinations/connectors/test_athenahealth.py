"""athenahealth, against its sandbox."""

from dataclasses import replace
from datetime import timedelta

import pytest

from destinations.connectors.athenahealth import CALLS, TEXTS, Athenahealth
from destinations.contract import Done, Field, Held, Later, Reason, Stuck
from destinations.sandbox import AthenahealthSandbox, running
from destinations.sandbox.faults import Fault
from tests.destinations.connectors.conftest import IN, LEAVE, NOW, OUT, Engine, email, known, mrn, wanted

SMS, PHONE = "contactpreference_appointment_sms", "contactpreference_appointment_phone"


@pytest.fixture
def sandbox(stack):
    sandbox = stack.enter_context(running(AthenahealthSandbox()))
    sandbox.seed({"patients": [{"patientid": "4711", SMS: "true"}, {"patientid": "4712"}]})
    return sandbox


@pytest.fixture
def engine(sandbox):
    settings = {"practice_id": "195900", "authority": "athena", "client_id": "heed", "client_secret": "s"}
    return Engine(Athenahealth(), sandbox.url, department_id="1", **settings)


@pytest.fixture
def patient(sandbox):
    return lambda number="4711": sandbox.found([f"mrn:{number}"]).record


def ana(number="4711", **more):
    return wanted(identifiers=(mrn(number, "athena"), email("ana@example.org")), **more)


def later(hours):
    return Field(False, False, NOW + timedelta(hours=hours), "choice")


def test_an_opt_out_turns_its_preference_off_and_no_other(engine, patient):
    outcome = engine.deliver(ana(fields={SMS: OUT}))

    assert patient() == {"patientid": "4711", SMS: "false"}
    assert known(outcome) == {SMS: Held(True, False, "choice", NOW.isoformat(), otherwise=True)}


def test_it_is_sent_as_a_form_under_its_department(engine):
    engine.deliver(ana(fields={SMS: OUT, CALLS: OUT}))
    [call] = engine.made("PUT")

    assert call.json is None
    assert call.form == {"departmentid": "1", SMS: "false", CALLS: "false"}
    assert call.path == "/v1/195900/patients/4711"


def test_what_was_written_is_read_again_where_that_is_on(engine):
    engine.settings.reads_back = True

    assert engine.deliver(ana(fields={SMS: OUT})).verified


def test_nobody_was_asked_so_nothing_is_called_or_written(engine, sandbox, patient):
    assert engine.deliver(ana()) == Done({})
    assert engine.calls == []
    engine.deliver(ana(fields={SMS: LEAVE}))
    assert patient()[SMS] == "true"


def test_texts_are_never_turned_on_by_heed(engine, patient):
    person = ana(fields={SMS: OUT, TEXTS: OUT})
    engine.deliver(person)
    outcome = engine.again(person, fields={SMS: later(1), TEXTS: later(1)}, now=NOW + timedelta(hours=2))

    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.BY_THEMSELVES
    assert SMS in outcome.detail
    assert patient()[SMS] == patient()[TEXTS] == "false"
    assert engine.made("PUT") == []


def test_an_opt_in_to_texts_where_nothing_refuses_them_needs_nobody(engine):
    assert engine.deliver(ana(fields={SMS: IN})) == Done({})
    assert engine.made("PUT") == []


def test_calls_are_turned_on_by_an_opt_in_after_heeds_own_no(engine, patient):
    person = ana(fields={PHONE: OUT})
    engine.deliver(person)

    assert engine.again(person, fields={PHONE: later(1)}) == Done({})
    assert patient()[PHONE] == "true"


def test_when_heeds_reason_ends_what_stood_there_comes_back_and_only_that(engine, sandbox, patient):
    sandbox.seed({"patients": [{"patientid": "4711", PHONE: "true"}]})
    paused = ana(fields={PHONE: OUT, CALLS: OUT})
    engine.deliver(paused)
    outcome = engine.again(paused, fields={})

    assert patient()[PHONE] == "true"
    assert patient()[CALLS] == "false"  # nobody had set it, and unset it cannot be
    assert outcome.reason is Reason.NEEDS_PERSON
    assert set(known(outcome)) == {CALLS}


def test_the_practices_own_no_is_kept_and_asked_about(engine, sandbox, patient):
    sandbox.seed({"patients": [{"patientid": "4711", PHONE: "false"}]})
    paused = ana(fields={PHONE: OUT})
    engine.deliver(paused)
    assert isinstance(engine.again(paused, fields={}), Done)
    assert patient()[PHONE] == "false"

    assert engine.deliver(ana(fields={PHONE: IN})).reason is Reason.NEEDS_PERSON


def test_marketing_never_turns_an_email_preference_off():
    [emails] = [each for each in Athenahealth.targets if each.fits("contactpreference_announcement_email")]

    assert not "answer:marketing_emails:email".startswith(emails.only)
    assert not "all_out:email".startswith(emails.only)
    assert not any(row["target"].endswith("_email") for row in Athenahealth.rows)


def test_a_patient_who_is_not_there_is_absent_and_two_are_ambiguous(engine):
    assert engine.deliver(ana("0", fields={SMS: OUT})) == Done({}, absent=True)
    both = wanted(identifiers=(mrn("4711", "athena"), mrn("4712", "athena")), fields={SMS: OUT})
    assert engine.deliver(both).reason is Reason.AMBIGUOUS


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
    batch = ana(fields={SMS: OUT}), ana("4712", fields={SMS: OUT})
    engine.deliver(*batch)

    assert [engine.outcomes[each.id] for each in batch] == [outcome, outcome]
    assert len(engine.calls) == 1


def test_too_many_calls_are_waited_out_though_they_look_forbidden(engine, sandbox):
    engine.before[2] = lambda: sandbox.faults.set(Fault(status=403))

    assert engine.deliver(ana(fields={SMS: OUT})).reason is Reason.THROTTLED


def test_a_session_that_ends_in_the_middle_is_renewed_once(engine, patient):
    engine.settings.memory["token"] = "old"
    engine.deliver(ana(fields={SMS: OUT}))

    assert patient()[SMS] == "false"
    assert [call.path for call in engine.calls].count("/oauth2/v1/token") == 1


def test_one_patient_who_is_refused_does_not_keep_the_next_from_being_told(engine, sandbox, patient):
    bad, good = ana(fields={SMS: OUT}), ana("4712", fields={SMS: OUT})
    engine.before[3] = lambda: sandbox.faults.set(Fault(status=400, times=1))
    engine.deliver(bad, good)

    assert engine.outcomes[bad.id] == Stuck(Reason.REJECTED_DATA, "HTTP 400", held={})
    assert patient("4712")[SMS] == "false"


@pytest.mark.parametrize(
    "fault", [Fault(hang=True, apply=True), Fault(status=502, apply=True), Fault(garbage=True, apply=True)]
)
def test_a_denial_whose_answer_was_lost_is_still_known_as_heeds_own(engine, sandbox, patient, fault):
    sandbox.seed({"patients": [{"patientid": "4711", PHONE: "true"}]})
    paused = ana(fields={PHONE: OUT})
    engine.before[3] = lambda: sandbox.faults.set(replace(fault, times=1))
    engine.deliver(paused, patience=0.3)
    assert patient()[PHONE] == "false"

    sandbox.faults.clear()
    assert engine.again(paused, fields={}) == Done({})
    assert patient()[PHONE] == "true"


def test_testing_the_connection_only_reads(engine):
    [found] = engine.probe(SMS)

    assert found.ok
    assert [call.method for call in engine.calls] == ["POST", "GET"]
