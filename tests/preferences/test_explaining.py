"""Why an answer is as it is, step by step, the same today as then (R14)."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preferences import clock, selectors, services
from preferences.errors import NotFound, UnknownCategory, UnknownChannel
from preferences.explaining import Check, Outcome
from preferences.services import Allowed
from preferences.terms import Reason, RestrictionKind
from tests.factories import PatientFactory
from tests.portal.people import body_of, publish_required_category
from tests.preferences.saying import address, by_system, chooses, into, named, on_page, out, publish
from tests.preferences.test_in_error import by_staff
from tests.preferences.test_laws import law, rolled_back

pytestmark = pytest.mark.django_db
NEW = "+12025550777"
MONTH = timedelta(days=30)


@pytest.fixture
def pat():
    return PatientFactory.create()


def decided(explanation):
    """The step that decides, and the entries it rests on."""
    [step] = [each for each in explanation.steps if each.outcome == Outcome.DECIDED]
    return step.check, explanation.changes


def surveys(person, **how):
    return selectors.explain(person.id, "patient_surveys", "email", **how)


def test_with_nothing_said_the_default_decides_and_every_step_before_it_was_asked(pat):
    found = surveys(pat)

    assert [each.check for each in found.steps] == list(Check)
    assert [each.outcome for each in found.steps] == [Outcome.PASSED] * 7 + [Outcome.DECIDED]
    assert found.answer.reason == Reason.DEFAULT
    assert found.changes == ()


def test_the_choice_that_won_is_named_among_those_that_lost(pat):
    lost = chooses(pat, into("patient_surveys", "email"), at=clock.now() - timedelta(days=3)).change
    won = chooses(pat, out(), at=clock.now() - timedelta(days=1)).change

    found = surveys(pat)

    assert decided(found) == (Check.CHOICE, (won,))
    [choice] = [each for each in found.steps if each.check == Check.CHOICE]
    assert [(fact.change, fact.counts) for fact in choice.facts] == [(won, True), (lost, False)]
    assert choice.facts[0].about["said_of"] == "*:*"


def test_a_restriction_decides_before_any_choice_and_one_that_was_lifted_is_told(pat):
    chooses(pat, into("appointment_reminders", "sms"))
    number = address("phone", pat.phone)
    services.restrict(identifier_id=number, kind=RestrictionKind.STOP, said=by_system())

    found = selectors.explain(pat.id, "appointment_reminders", "sms")
    check, [stop] = decided(found)
    assert check == Check.RESTRICTION
    assert found.steps[-1].outcome == Outcome.NOT_REACHED

    services.lift(identifier_id=number, kind=RestrictionKind.STOP, from_handset=True, said=on_page())
    again = selectors.explain(pat.id, "appointment_reminders", "sms")
    assert decided(again)[0] == Check.CHOICE
    [fact] = again.steps[list(Check).index(Check.RESTRICTION)].facts
    assert (fact.counts, fact.about["kind"]) == (False, "stop")
    assert fact.change > stop


def test_a_pause_an_order_and_a_death_each_decide_in_their_place(pat):
    start = clock.now()
    paused = ACTS["pause"](pat)
    assert decided(surveys(pat)) == (Check.PAUSE, (paused,))

    ordered = services.order(
        profile_id=pat.id, allowed=[Allowed("sms", named("phone", NEW))], said=by_staff()
    )
    assert decided(surveys(pat)) == (Check.ORDER, (ordered,))

    died = services.set_deceased(profile_id=pat.id, deceased=True, said=by_system())
    assert decided(surveys(pat)) == (Check.DECEASED, (died,))
    assert decided(surveys(pat, at=start))[0] == Check.DEFAULT
    services.void(change_id=died, said=by_staff(), reason="another patient")
    assert decided(surveys(pat)) == (Check.ORDER, (ordered,))


def test_who_was_out_before_messages_became_required_stays_out(pat):
    said = chooses(pat, out("patient_surveys")).change
    body = body_of("patient_surveys")
    texts = {"en": {**body["texts"]["en"], "required_reason": "The law asks for it."}}
    publish("patient_surveys", required=True, texts=texts)

    found = surveys(pat)

    assert found.answer.reason == Reason.CHOICE
    assert decided(found) == (Check.REQUIRED, (said,))


def test_it_says_the_same_today_as_then(pat):
    before = surveys(pat)
    chooses(pat, out("patient_surveys"))
    publish("patient_surveys", retired=True)

    then = surveys(pat, at=clock.instant(before.at))

    assert (then.answer, then.steps) == (before.answer, before.steps)
    assert decided(surveys(pat))[0] == Check.OFFERED


def test_what_cannot_be_asked_is_refused(pat):
    with pytest.raises(NotFound, match="not known then"):
        surveys(pat, at=clock.now() - timedelta(days=9))
    with pytest.raises(UnknownCategory):
        selectors.explain(pat.id, "weather", "email")
    with pytest.raises(UnknownChannel):
        selectors.explain(pat.id, "patient_surveys", "*")


# --- the law: whatever happened, it says what `decide` says ---


def _void_last(pat):
    newest = selectors.explain(pat.id, "patient_surveys", "email").changes
    if newest:
        services.void(change_id=newest[0], said=by_staff(), reason="a slip")


ACTS = {
    "no": lambda pat: chooses(pat, out("patient_surveys", "email")),
    "no to all": lambda pat: chooses(pat, out()),
    "yes": lambda pat: chooses(pat, into("patient_surveys")),
    "yes to all": lambda pat: chooses(pat, into()),
    "no sale": lambda pat: services.signal(profile_id=pat.id, kind="gpc", said=on_page()),
    "stop": lambda pat: services.restrict(
        identifier_id=address("phone", pat.phone), kind=RestrictionKind.STOP, said=by_system()
    ),
    "suppress": lambda pat: services.restrict(
        identifier_id=address("email", pat.email),
        kind=RestrictionKind.SUPPRESSED,
        category="patient_surveys",
        said=by_system(),
    ),
    "pause": lambda pat: services.pause(
        profile_id=pat.id, category="patient_surveys", until=clock.now() + MONTH, said=on_page()
    ),
    "order": lambda pat: services.order(
        profile_id=pat.id, allowed=[Allowed("email", named("email", pat.email))], said=by_staff()
    ),
    "died": lambda pat: services.set_deceased(profile_id=pat.id, deceased=True, said=by_system()),
    "lives": lambda pat: services.set_deceased(profile_id=pat.id, deceased=False, said=by_staff()),
    "void": _void_last,
}


CELLS = [
    ("patient_surveys", "email"),
    ("appointment_reminders", "sms"),
    ("service_notices", "email"),
    ("sale_or_sharing", ""),
    ("marketing_emails", "push"),
]


@settings(law, max_examples=15)
@given(happened=st.lists(st.sampled_from(sorted(ACTS)), max_size=5))
def test_whatever_happened_it_says_what_decide_says_now_and_then(happened):
    with rolled_back():
        publish_required_category()
        pat = PatientFactory.create()
        moments = [clock.now()]
        for act in happened:
            ACTS[act](pat)
            moments.append(clock.now())
        for at in (None, *moments):
            for category, channel in CELLS:
                answer = selectors.decide(pat.id, category, channel, at=at)
                found = selectors.explain(pat.id, category, channel, at=at)
                assert (found.answer.allowed, found.answer.reason) == (answer.allowed, answer.reason)
                assert found.version == answer.version
                assert len([each for each in found.steps if each.outcome == Outcome.DECIDED]) == 1
