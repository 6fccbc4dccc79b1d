"""R1 to R4: which choice wins, whatever the order in which they arrive."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from preferences import clock, selectors
from preferences.errors import NotFound, UnknownCategory, UnknownChannel
from preferences.models import Change
from preferences.services import Choice
from preferences.terms import Reason, State
from tests.factories import PatientFactory
from tests.preferences.saying import (
    allowed,
    by_system,
    chooses,
    decided,
    into,
    on_page,
    out,
    publish,
    t,
    tells,
    with_channel,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def pat():
    return PatientFactory.create()


# --- R1: choices and wildcards ---


def test_a_choice_counts_for_its_category_and_channel_alone(pat):
    chooses(pat, out("patient_surveys", "sms"))

    assert not allowed(pat, "patient_surveys", "sms")
    assert allowed(pat, "patient_surveys", "email")
    assert allowed(pat, "care_follow_ups", "sms")


def test_an_opt_out_of_a_category_covers_all_its_channels(pat):
    chooses(pat, out("care_follow_ups"))

    assert not any(allowed(pat, "care_follow_ups", each) for each in ("sms", "email", "phone", "mail"))


def test_an_opt_out_of_everything_covers_messages_but_no_use_of_data(pat):
    chooses(pat, out())

    assert not allowed(pat, "marketing_emails", "email")
    assert decided(pat, "patient_surveys", "sms").reason == Reason.CHOICE
    assert decided(pat, "sale_or_sharing").reason == Reason.DEFAULT


def test_an_opt_out_of_everything_leaves_required_messages_alone(pat):
    publish("care_follow_ups", required=True, texts=required_texts())

    chooses(pat, out())

    assert decided(pat, "care_follow_ups", "email").reason == Reason.REQUIRED


def required_texts():
    return {"en": {"name": "Care", "required_reason": "The law asks us to."}}


def test_an_opt_out_by_channel_covers_every_category_there(pat):
    chooses(pat, out("*", "sms"))

    assert not allowed(pat, "appointment_reminders", "sms")
    assert allowed(pat, "appointment_reminders", "email")


def test_an_opt_out_by_wildcard_covers_what_is_added_later(pat):
    chooses(pat, out("patient_surveys"))
    publish("patient_surveys", offers=with_channel("patient_surveys", channel="push"))

    assert decided(pat, "patient_surveys", "push").reason == Reason.CHOICE


def test_an_opt_in_by_wildcard_covers_only_what_was_on_offer(pat):
    chooses(pat, into("patient_surveys"))
    publish("patient_surveys", offers=with_channel("patient_surveys", channel="push", default=False))

    assert decided(pat, "patient_surveys", "sms").reason == Reason.CHOICE
    assert not allowed(pat, "patient_surveys", "push")


def test_an_opt_in_by_wildcard_never_touches_a_use_of_data(pat):
    chooses(pat, into(), said=on_page(second_step=True))

    assert decided(pat, "sensitive_data").reason == Reason.DEFAULT


@pytest.mark.parametrize("order", [1, -1])
def test_an_opt_in_by_wildcard_never_beats_a_narrower_opt_out(pat, order):
    said = [(out("patient_surveys", "sms"), t(0)), (into(), t(9))]

    for choice, at in said[::order]:
        chooses(pat, choice, at=at)

    assert not allowed(pat, "patient_surveys", "sms")
    assert decided(pat, "patient_surveys", "email").reason == Reason.CHOICE


def test_it_beats_a_narrower_opt_out_that_the_person_took_back(pat):
    chooses(pat, out("patient_surveys", "sms"), at=t(0))
    chooses(pat, into("patient_surveys", "sms"), at=t(1))
    chooses(pat, out(), at=t(2))
    chooses(pat, into(), at=t(3))

    assert allowed(pat, "patient_surveys", "sms")


def test_one_taken_back_by_wildcard_is_taken_back_too(pat):
    chooses(pat, out("patient_surveys"), at=t(0))
    chooses(pat, into("patient_surveys"), at=t(1))
    chooses(pat, out(), at=t(2))
    chooses(pat, into(), at=t(3))

    assert allowed(pat, "patient_surveys", "sms")


def test_an_opt_in_by_wildcard_beats_an_older_opt_out_as_broad_as_itself(pat):
    chooses(pat, out("patient_surveys"), at=t(0))
    chooses(pat, into("patient_surveys"), at=t(1))

    assert allowed(pat, "patient_surveys", "sms")


def test_the_latest_of_all_choices_that_cover_the_question_wins(pat):
    chooses(pat, into("patient_surveys", "sms"), at=t(0))
    chooses(pat, out(), at=t(1))

    assert not allowed(pat, "patient_surveys", "sms")

    chooses(pat, into("patient_surveys", "sms"), at=t(2))

    assert allowed(pat, "patient_surveys", "sms")


@pytest.mark.parametrize("order", [1, -1])
def test_inside_one_change_the_more_specific_wins(pat, order):
    said = [out(), into("patient_surveys"), out("patient_surveys", "sms")]

    chooses(pat, *said[::order], at=date(2024, 3, 1))

    assert not allowed(pat, "marketing_emails", "email")
    assert allowed(pat, "patient_surveys", "email")
    assert not allowed(pat, "patient_surveys", "sms")


@pytest.mark.parametrize("order", [1, -1])
def test_a_cell_named_beside_the_wildcard_is_the_more_specific(pat, order):
    said = [out(), into("patient_surveys", "sms"), into()]

    chooses(pat, *said[::order], at=t(0))

    assert allowed(pat, "patient_surveys", "sms")
    assert not allowed(pat, "patient_surveys", "email")


def test_what_one_change_left_out_a_later_one_covers(pat):
    chooses(pat, out(), into("patient_surveys", "sms"), at=t(0))
    chooses(pat, out(), at=t(1))

    assert not allowed(pat, "patient_surveys", "sms")


@pytest.mark.parametrize(
    ("choice", "refusal"),
    [
        (out("surveys"), UnknownCategory),
        (out("patient_surveys", "fax"), UnknownChannel),
        (out("*", "fax"), UnknownChannel),
        (out("sale_or_sharing", "email"), UnknownChannel),
    ],
)
def test_what_does_not_exist_is_refused_and_nothing_is_written(pat, choice, refusal):
    before = Change.objects.count()

    with pytest.raises(refusal):
        chooses(pat, out("patient_surveys"), choice)

    assert Change.objects.count() == before
    assert allowed(pat, "patient_surveys", "email")


def test_a_choice_of_nobody_is_refused():
    with pytest.raises(NotFound):
        chooses(uuid4(), out())


# --- R2: effective time ---

RECORDED = datetime(2025, 6, 1, 15, tzinfo=UTC)


def since(person, category, channel):
    [found] = selectors.people([person.id]).values()
    return found.choices[f"{category}:{channel}"][1]


@pytest.mark.parametrize(
    ("state", "occurred", "effective"),
    [
        (State.OUT, t(0), t(0)),
        (State.IN, t(0), t(0)),
        (State.OUT, datetime(2030, 1, 1, tzinfo=UTC), RECORDED),
        (State.IN, datetime(9999, 12, 31, tzinfo=UTC), RECORDED),
        # New York is five hours behind in March, four in June.
        (State.OUT, date(2024, 3, 1), datetime(2024, 3, 2, 4, 59, 59, 999_999, tzinfo=UTC)),
        (State.IN, date(2024, 3, 1), datetime(2024, 3, 1, 5, tzinfo=UTC)),
        (State.OUT, date(2025, 6, 1), RECORDED),
        (State.OUT, None, RECORDED),
        (State.OUT, datetime(1, 1, 1, tzinfo=UTC), RECORDED),
        (State.OUT, datetime(1970, 1, 1, tzinfo=UTC), RECORDED),
        (State.OUT, date(1900, 1, 1), RECORDED),
    ],
)
def test_when_a_choice_counts_from(pat, state, occurred, effective):
    with clock.at(RECORDED):
        said = by_system(occurred=occurred)
        chooses(pat, Choice("patient_surveys", "sms", state), said=said)

    assert since(pat, "patient_surveys", "sms") == clock.micros(effective)


@pytest.mark.parametrize("occurred", [None, datetime(1970, 1, 1, tzinfo=UTC), date(1900, 1, 1)])
def test_an_opt_in_without_a_date_is_not_applied(pat, occurred):
    chooses(pat, out("patient_surveys", "sms"), at=t(0))

    recorded = chooses(pat, into("patient_surveys", "sms"), said=by_system(occurred=occurred))

    assert [each.why for each in recorded.not_counted] == ["no_date"]
    assert not allowed(pat, "patient_surveys", "sms")


def test_on_one_day_without_times_the_opt_out_is_later(pat):
    chooses(pat, out("patient_surveys", "sms"), at=date(2024, 3, 1))
    chooses(pat, into("patient_surveys", "sms"), at=datetime(2024, 3, 2, 4, 59, tzinfo=UTC))

    assert not allowed(pat, "patient_surveys", "sms")


# --- R3 and R4: ties, and late arrivals ---


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("broad", [("patient_surveys", "sms"), ("patient_surveys", "*"), ("*", "*")])
def test_a_tie_goes_to_the_opt_out(pat, order, broad):
    for choice in [out(*broad), into("patient_surveys", "sms")][::order]:
        chooses(pat, choice, at=t(0))

    assert not allowed(pat, "patient_surveys", "sms")


def test_a_late_arrival_that_loses_alters_nothing(pat):
    chooses(pat, into("patient_surveys", "sms"), at=t(5))
    chooses(pat, out("patient_surveys", "sms"), at=t(1))

    assert allowed(pat, "patient_surveys", "sms")


def test_a_late_arrival_that_wins_at_its_time_alters_the_answer(pat):
    chooses(pat, into("patient_surveys", "sms"), at=t(1))
    tells(out("patient_surveys", "sms"), external_id=pat.external_id, said=by_system(occurred=t(5)))

    assert not allowed(pat, "patient_surveys", "sms")
