"""An HL7 v2 interface over MLLP, against its sandbox; messages are judged by hl7apy."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hl7apy.parser import parse_message
from hl7apy.validation import Validator

from destinations.connectors.hl7 import Hl7
from destinations.contract import Done, Field, Held, Later, Reason, Stuck
from destinations.sandbox import Hl7Sandbox, running
from destinations.sandbox.faults import Fault
from tests.destinations.connectors.conftest import IN, LEAVE, NOW, OUT, Engine, email, known, mrn, wanted

PHONE, EMAIL, SMS, MAIL = (f"PD1-11.{each}" for each in ("phone", "email", "sms", "mail"))
TEMPLATE = "ZCP|{number}|{category}|{channel}|{answer}|{since}"


@pytest.fixture
def sandbox(stack):
    sandbox = stack.enter_context(running(Hl7Sandbox()))
    sandbox.seed({"patients": [{"mrn": "4711"}, {"mrn": "4712"}]})
    return sandbox


@pytest.fixture
def engine(sandbox):
    return connected(sandbox)


def connected(sandbox, **settings):
    return Engine(Hl7(), sandbox.mllp_url, authorities={"st-mary": "STMARY"}, **settings)


@pytest.fixture
def patient(sandbox):
    return lambda number="4711": sandbox.found([f"mrn:{number}"]).record["patients"][0]


def ana(*identifiers, **more):
    fields = more.pop("fields", {})
    return wanted(fields=fields, identifiers=identifiers or (mrn("4711"), email("ana@example.org")), **more)


def sent(engine):
    return [call.body.decode() for call in engine.calls]


def field(message, segment, number):
    [line] = [line for line in message.split("\r") if line.startswith(segment)]
    return line.split("|")[number]


def test_no_calls_is_told_in_the_publicity_code_with_its_date(engine, patient):
    outcome = engine.deliver(ana(fields={PHONE: OUT}))

    assert patient()["publicity"] == "03^REMINDER/RECALL - NO CALLS^HL70215"
    assert patient()["publicity_since"] == f"{OUT.since:%Y%m%d}"
    assert known(outcome) == {PHONE: Held(True, None, "choice", NOW.isoformat())}


@pytest.mark.parametrize(
    ("out", "code"),
    [
        ((PHONE, EMAIL, SMS, MAIL), "01"),
        ((PHONE,), "03"),
        ((PHONE, EMAIL), "03"),
        ((EMAIL,), "O"),
    ],
)
def test_what_one_code_can_say_of_four_channels(engine, patient, out, code):
    engine.deliver(ana(fields={each: OUT if each in out else IN for each in (PHONE, EMAIL, SMS, MAIL)}))

    assert patient()["publicity"].split("^")[0] == code


def test_the_message_is_one_that_hl7_describes(sandbox):
    engine = connected(sandbox, receiving_application="EPIC|ADT", security="s3cret")
    engine.deliver(ana(fields={PHONE: OUT, "PD1-12": OUT}))
    [message] = sent(engine)
    parsed = parse_message(message, find_groups=True)

    assert Validator.validate(parsed)
    assert parsed.msh.msh_9.to_er7() == "ADT^A31^ADT_A05"
    assert parsed.msh.msh_5.to_er7() == "EPIC\\F\\ADT"
    assert parsed.pd1.pd1_11.ce_1.to_er7() == "03"
    assert parsed.pd1.pd1_12.to_er7() == "Y"
    assert parsed.pd1.pd1_13.to_er7() == parsed.pd1.pd1_18.to_er7() == f"{OUT.since:%Y%m%d}"
    assert parsed.pid.pid_3.to_er7() == "4711^^^STMARY^MR"


def test_no_name_and_no_address_is_sent(engine):
    engine.deliver(ana(fields={PHONE: OUT}))
    [message] = sent(engine)

    assert field(message, "PID", 5) == "^^^^^^U"
    assert "ana@" not in message
    assert '""' not in message


def test_the_same_wish_has_the_same_number_and_the_next_another(engine, patient):
    person = ana(fields={PHONE: OUT})
    engine.deliver(person)
    [first] = sent(engine)
    engine.again(person)
    [second] = sent(engine)
    engine.again(person, counter=2)
    [third] = sent(engine)

    numbers = [field(each, "MSH", 9) for each in (first, second, third)]
    assert numbers[0] == numbers[1] != numbers[2]
    assert len(numbers[0]) == 20


def test_nobody_was_asked_so_no_message_is_sent(engine):
    assert engine.deliver(ana()) == Done({})
    assert engine.deliver(ana(fields={PHONE: LEAVE})) == Done({})
    assert engine.calls == []


def test_an_opt_in_is_no_message_where_heed_never_wrote(engine):
    assert engine.deliver(ana(fields={PHONE: IN})) == Done({})
    assert engine.calls == []


def test_an_opt_in_after_heeds_own_no_lifts_it(engine, patient):
    person = ana(fields={PHONE: OUT})
    engine.deliver(person)
    later = Field(False, False, NOW + timedelta(hours=1), "choice")
    outcome = engine.again(person, fields={PHONE: later}, counter=2)

    assert outcome == Done({})
    assert patient()["publicity"].startswith("02^")


def test_when_heeds_reason_ends_staff_decide_because_nobody_knows_what_stood_there(engine, patient):
    paused = ana(fields={PHONE: OUT})
    engine.deliver(paused)
    outcome = engine.again(paused, fields={}, counter=2)

    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.NEEDS_PERSON
    assert patient()["publicity"].startswith("03^")


def test_where_nobody_else_writes_heed_takes_back_what_it_wrote(sandbox, patient):
    engine = connected(sandbox, sole_writer="yes")
    paused = ana(fields={PHONE: OUT})
    engine.deliver(paused)

    assert engine.again(paused, fields={}, counter=2) == Done({})
    assert patient()["publicity"] == ""


def test_codes_may_be_those_of_the_ehr(sandbox, patient):
    connected(sandbox, publicity={"no_calls": "NC^No calls"}).deliver(ana(fields={PHONE: OUT}))

    assert patient()["publicity"] == "NC^No calls^HL70215"


def test_a_z_segment_says_each_category_and_channel(sandbox, patient):
    engine = connected(sandbox, z_segment=TEMPLATE)
    person = ana(fields={"Z.patient_surveys.sms": OUT, "Z.care_follow_ups.phone": Field("CALL^ME", False)})
    engine.deliver(person)
    assert patient()["z"] == {"patient_surveys|sms": "N", "care_follow_ups|phone": "CALL\\S\\ME"}

    engine.again(person, fields={}, counter=2)
    assert patient()["z"]["patient_surveys|sms"] == '""'


def test_without_a_template_no_z_segment_is_sent(engine):
    assert engine.deliver(ana(fields={"Z.patient_surveys.sms": OUT})) == Done({})
    assert engine.calls == []


def test_every_record_number_of_a_person_is_told_and_another_authoritys_is_not(engine, patient):
    engine.deliver(ana(mrn("4711"), mrn("4712"), mrn("99", "elsewhere"), fields={PHONE: OUT}))

    assert [field(each, "PID", 3).split("^")[0] for each in sent(engine)] == ["4711", "4712"]
    assert patient("4712")["publicity"].startswith("03^")


def test_a_record_number_that_the_ehr_does_not_know_is_absent(engine):
    assert engine.deliver(ana(mrn("0"), fields={PHONE: OUT})) == Done({}, absent=True)
    assert engine.deliver(ana(email("ana@example.org"), fields={PHONE: OUT})) == Done({}, absent=True)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(status=500), Reason.PARTIAL),
        (Fault(status=503), Reason.UNAVAILABLE),
        (Fault(status=423), Reason.UNAVAILABLE),
        (Fault(status=400), Reason.REJECTED_CONFIG),
        (Fault(garbage=True), Reason.GARBLED),
    ],
)
def test_what_an_acknowledgment_that_says_no_means(engine, sandbox, fault, reason):
    sandbox.faults.set(fault)

    assert engine.deliver(ana(fields={PHONE: OUT})).reason is reason


def test_a_rejection_ends_the_batch_for_everybody(engine, sandbox):
    sandbox.faults.set(Fault(status=400))
    batch = [ana(fields={PHONE: OUT}), ana(mrn("4712"), fields={PHONE: OUT})]
    engine.deliver(*batch)

    assert [type(engine.outcomes[each.id]) for each in batch] == [Stuck, Stuck]
    assert len(engine.calls) == 1


def test_an_application_that_has_failed_is_left_alone_for_everybody(engine, sandbox):
    sandbox.faults.set(Fault(status=503))
    batch = [ana(fields={PHONE: OUT}), ana(mrn("4712"), fields={PHONE: OUT})]
    engine.deliver(*batch)

    assert {engine.outcomes[each.id].reason for each in batch} == {Reason.UNAVAILABLE}
    assert len(engine.calls) == 1


@pytest.mark.parametrize("status", [423, 500])
def test_an_application_error_is_one_persons_and_the_next_is_told(engine, sandbox, patient, status):
    sandbox.faults.set(Fault(status=status, times=1))
    first, second = ana(fields={PHONE: OUT}), ana(mrn("4712"), fields={PHONE: OUT})
    engine.deliver(first, second)

    assert isinstance(engine.outcomes[first.id], Later)
    assert isinstance(engine.outcomes[second.id], Done)


@pytest.mark.parametrize("fault", [Fault(hang=True, apply=True), Fault(drip_ms=60)])
def test_a_message_whose_acknowledgment_is_lost_is_sent_again(engine, sandbox, patient, fault):
    person = ana(fields={PHONE: OUT})
    sandbox.faults.set(replace(fault, times=1))
    engine.deliver(person, patience=0.4)
    assert engine.lost.claims[person.id][PHONE].wrote

    sandbox.faults.clear()
    assert isinstance(engine.again(person), Done)
    assert sandbox.calls["mrn:4711"] == 1


def test_the_acknowledgment_of_another_message_confirms_nothing(engine, sandbox, monkeypatch):
    taken = sandbox.taken
    monkeypatch.setattr(sandbox, "taken", lambda message: taken(message).replace("MSA|AA|", "MSA|AA|X"))

    assert engine.deliver(ana(fields={PHONE: OUT})).reason is Reason.GARBLED


def test_testing_the_connection_says_nothing_about_anybody(engine, sandbox):
    [found] = engine.probe()

    assert found.ok
    assert not sandbox.requests
