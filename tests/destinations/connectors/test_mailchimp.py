"""Mailchimp, against its sandbox."""

from dataclasses import replace
from datetime import timedelta

import pytest

from destinations.connectors.mailchimp import Mailchimp
from destinations.contract import Answer, Done, Held, Later, Reason, Result, Settings, Stuck
from destinations.sandbox import MailchimpSandbox, running
from destinations.sandbox.faults import Fault
from tests.destinations.connectors.conftest import EARLIER, IN, LEAVE, NOW, OUT, Engine, known, wanted

SURVEYS = "interests.patient_surveys"
GROUPS = {"patient_surveys": "i1", "care_follow_ups": "i2"}


@pytest.fixture
def sandbox(stack):
    sandbox = stack.enter_context(running(MailchimpSandbox()))
    sandbox.seed(
        {
            "lists": [{"id": "a1", "name": "Riverside"}],
            "interests": [{"id": "i1", "list": "a1", "name": "S"}, {"id": "i2", "list": "a1", "name": "C"}],
        }
    )
    return sandbox


@pytest.fixture
def engine(sandbox):
    return Engine(Mailchimp(), sandbox.url, api_key="abc-us21", list_id="a1", interests=GROUPS)


@pytest.fixture
def joined(sandbox):
    """Somebody is a member of the audience, in its first group, since long ago."""

    def join(email="ana@example.org", **more):
        member = {
            "list": "a1",
            "email": email,
            "interests": {"i1": True},
            "last_changed": EARLIER.isoformat(),
        }
        sandbox.seed({"members": [{**member, **more}]})
        return email

    return join


@pytest.fixture
def there(sandbox):
    """The status of a member, and the groups they are in."""

    def look(email="ana@example.org"):
        record = sandbox.found([f"email:{email}"]).record
        return (record["status"], {each for each, within in record["interests"].items() if within})

    return look


def ana(**fields):
    return wanted("ana@example.org", fields={name.replace("__", "."): each for name, each in fields.items()})


def test_an_opt_out_unsubscribes_and_leaves_the_groups(engine, joined, there):
    joined()
    outcome = engine.deliver(ana(status=OUT))

    assert there() == ("unsubscribed", {"i1"})
    assert known(outcome)["status"] == Held(True, False, "choice", NOW.isoformat())
    assert [call.method for call in engine.calls] == ["GET", "PATCH"]


def test_an_opt_out_of_a_group_leaves_the_audience_alone(engine, joined, there):
    joined()
    assert isinstance(engine.deliver(ana(interests__patient_surveys=OUT)), Done)
    assert there() == ("subscribed", set())


def test_no_call_carries_the_address_in_its_path(engine, joined):
    joined()
    engine.deliver(ana(status=OUT))
    assert not any("ana" in call.path for call in engine.calls)


def test_nobody_is_put_into_an_audience(engine, sandbox):
    for fields in (ana(status=OUT), ana(status=IN, interests__patient_surveys=IN)):
        assert engine.deliver(fields) == Done({}, absent=True)
    assert sandbox.found(["email:ana@example.org"]).record == {}
    assert {call.method for call in engine.calls} == {"GET"}


def test_whom_nobody_asked_keeps_what_stands_there(engine, joined, there):
    joined(status="unsubscribed", own=True)
    assert engine.deliver(ana()) == Done({})
    assert engine.calls == []
    engine.deliver(ana(status=LEAVE))
    assert there() == ("unsubscribed", {"i1"})


def test_those_who_leave_leave_together_and_each_has_an_answer(engine, joined, there):
    people = [wanted(joined(f"p{n}@example.org"), fields={"status": OUT}) for n in range(4)]
    joined("no address")
    bad = wanted("no address", fields={"status": OUT})
    engine.deliver(*people, bad)

    assert [call.method for call in engine.calls] == ["GET"] * 5 + ["POST"]
    assert all(isinstance(engine.outcomes[each.id], Done) for each in people)
    assert engine.outcomes[bad.id] == Stuck(Reason.REJECTED_DATA, "ERROR_GENERIC", held={})
    assert there("p3@example.org")[0] == "unsubscribed"


def test_whom_a_batch_does_not_mention_is_tried_again(engine, joined, sandbox):
    people = [wanted(joined(f"p{n}@example.org"), fields={"status": OUT}) for n in range(4)]
    engine.before[5] = lambda: sandbox.faults.set(Fault(partial=True))
    engine.deliver(*people)

    assert [type(engine.outcomes[each.id]) for each in people] == [Done, Done, Later, Later]


def test_no_write_that_many_share_says_subscribed(engine, joined):
    """Who left between the look and the write would be put back by it."""
    batch = [wanted(joined(f"p{n}@example.org"), fields={SURVEYS: OUT}) for n in range(3)]
    engine.deliver(*batch)
    assert {call.method for call in engine.calls} == {"GET", "PATCH"}
    assert not any("status" in call.json for call in engine.made("PATCH"))


def test_the_same_again_writes_nothing(engine, joined):
    joined()
    person = ana(status=OUT, interests__patient_surveys=OUT)
    engine.deliver(person)
    assert isinstance(engine.again(person), Done)
    assert [call.method for call in engine.calls] == ["GET"]


def test_when_heeds_own_no_ends_what_stood_there_comes_back(engine, joined, there):
    joined()
    paused = ana(status=OUT, interests__patient_surveys=OUT)
    engine.deliver(paused)
    assert engine.again(paused, fields={}) == Done({})
    assert there() == ("subscribed", {"i1"})


def test_the_end_of_a_no_subscribes_nobody_who_was_not(engine, joined, there):
    joined(status="archived")
    paused = ana(status=OUT)
    engine.deliver(paused)
    assert there()[0] == "unsubscribed"
    assert isinstance(engine.again(paused, fields={}), Done)
    assert there()[0] == "unsubscribed"


def test_an_opt_in_that_may_be_older_than_their_own_unsubscribe_needs_the_person(engine, joined, there):
    joined(status="unsubscribed", own=True, last_changed=NOW.isoformat())
    outcome = engine.deliver(ana(status=IN))
    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.NEEDS_PERSON
    assert there()[0] == "unsubscribed"


def test_a_later_opt_in_of_one_who_left_by_themselves_asks_them_to_confirm(engine, joined, there):
    joined(status="unsubscribed", own=True)
    asked = ana(status=IN)
    outcome = engine.deliver(asked)
    assert there()[0] == "pending"
    assert isinstance(outcome, Stuck)
    assert (outcome.reason, "confirm" in outcome.detail) == (Reason.TO_CONFIRM, True)

    again = engine.again(asked)
    assert isinstance(again, Stuck)
    assert [call.method for call in engine.calls] == ["GET"]  # they are asked once


def test_the_end_of_a_no_asks_nobody_to_confirm(engine, joined, there):
    """They pressed *unsubscribe* after Heed's pause had begun: its end is no opt-in of theirs."""
    joined()
    paused = ana(status=OUT)
    engine.deliver(paused)
    joined(status="unsubscribed", own=True)
    outcome = engine.again(paused, fields={})
    assert isinstance(outcome, Stuck)
    assert outcome.reason is Reason.BY_THEMSELVES
    assert there()[0] == "unsubscribed"
    assert known(outcome)["status"].wrote


def test_an_address_that_bounces_is_left_to_the_person(engine, joined, there):
    joined(status="cleaned")
    outcome = engine.deliver(ana(status=IN))
    assert isinstance(outcome, Stuck)
    assert "bounces" in outcome.detail
    assert there()[0] == "cleaned"


def test_a_deleted_group_is_named_and_the_rest_is_written(sandbox, joined, there):
    engine = Engine(
        Mailchimp(), sandbox.url, api_key="k-us1", list_id="a1", interests={"patient_surveys": "x9"}
    )
    joined()
    outcome = engine.deliver(ana(status=OUT, interests__patient_surveys=OUT))
    assert isinstance(outcome, Stuck)
    assert (outcome.reason, "x9" in outcome.detail) == (Reason.REJECTED_CONFIG, True)
    assert there()[0] == "unsubscribed"


def test_an_audience_that_is_gone_is_no_absent_person(sandbox):
    engine = Engine(Mailchimp(), sandbox.url, api_key="k-us1", list_id="other", interests={})
    outcome = engine.deliver(ana(status=OUT), wanted("bo@example.org", fields={"status": OUT}))
    assert outcome == Stuck(Reason.REJECTED_CONFIG, "HTTP 404", held={})
    assert len(engine.calls) == 2


def test_who_is_deleted_between_the_look_and_the_write_is_absent(engine, joined, sandbox):
    joined()
    engine.before[2] = lambda: sandbox.store.remove("member", None)
    assert engine.deliver(ana(status=OUT)) == Done({}, absent=True)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(status=429, retry_after=7), Later(Reason.THROTTLED, 7.0, held={})),
        (Fault(status=403), Later(Reason.THROTTLED, held={})),  # bare: too many at once
        (Fault(status=500), Later(Reason.UNAVAILABLE, detail="HTTP 500", held={})),
        (Fault(garbage=True), Later(Reason.GARBLED, detail="the answer cannot be read", held={})),
        (Fault(status=401), Stuck(Reason.REJECTED_AUTH, "HTTP 401", held={})),
        (Fault(status=302), Stuck(Reason.REJECTED_CONFIG, "HTTP 302", held={})),
    ],
)
def test_an_answer_that_ends_the_batch_ends_it_for_everybody(engine, sandbox, joined, fault, outcome):
    joined()
    sandbox.faults.set(fault)
    batch = [ana(status=OUT), *(wanted(f"p{n}@example.org", fields={"status": OUT}) for n in range(40))]
    engine.deliver(*batch)

    assert [engine.outcomes[each.id] for each in batch] == [outcome] * 41
    assert len(engine.calls) == 1


def test_a_403_that_says_why_is_no_throttling():
    person = ana(status=OUT)
    delivery = Mailchimp().deliver([person], Settings({"api_key": "k-us1", "list_id": "a1", "interests": {}}))
    next(delivery)
    result = delivery.send(Answer(403, b'{"title": "User Disabled", "status": 403}'))
    assert isinstance(result, Result)
    assert result.outcome == Stuck(Reason.REJECTED_AUTH, "HTTP 403", held={})


@pytest.mark.parametrize("fault", [Fault(hang=True, apply=True), Fault(status=502, apply=True)])
def test_a_no_whose_answer_was_lost_is_still_known_as_heeds_own(engine, sandbox, joined, there, fault):
    joined()
    paused = ana(status=OUT)
    engine.before[2] = lambda: sandbox.faults.set(replace(fault, times=1))
    engine.deliver(paused, patience=0.3)
    assert there()[0] == "unsubscribed"

    sandbox.faults.clear()
    assert engine.again(paused, fields={}) == Done({})
    assert there()[0] == "subscribed"


def test_a_later_opt_in_after_heed_first_saw_their_own_no_counts(engine, joined, there):
    joined(status="unsubscribed", last_changed=NOW.isoformat())
    asked = ana(status=IN)
    engine.deliver(asked)
    later = replace(IN, since=NOW + timedelta(hours=1))
    assert engine.again(asked, fields={"status": later}, now=NOW + timedelta(hours=2)) == Done({})
    assert there()[0] == "subscribed"
