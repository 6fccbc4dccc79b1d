"""What a STOP leaves out, by the word of whoever sent it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from preferences import asof, clock, identity, selectors
from preferences.errors import Malformed, NotFound, UnknownCategory, UnknownChannel
from preferences.identity import named
from preferences.models import Change
from preferences.services import lift, restrict, spare, void
from preferences.terms import Actor, RestrictionKind
from tests.factories import PatientFactory, SaidFactory

NUMBER = "+12025550143"


@pytest.fixture
def ana(db: None) -> Any:
    return PatientFactory.create(phone=NUMBER)


@pytest.fixture
def phone(ana: Any) -> Any:
    [found] = identity.find([named("phone", NUMBER)]).values()
    return found


def said(minutes: int, by: Actor = Actor.PERSON) -> Any:
    return SaidFactory.create(by=by, occurred=timezone.now() - timedelta(minutes=minutes))


def allowed(ana: Any, category: str = "appointment_reminders", channel: str = "sms", at: Any = None) -> bool:
    return selectors.decide(ana.id, category, channel, at=at).allowed


def test_what_is_left_out_may_be_sent_and_nothing_else(ana, phone):
    restrict(identifier_id=phone, kind=RestrictionKind.STOP, said=said(9))
    assert not allowed(ana)
    spare(identifier_id=phone, categories=["appointment_reminders"], said=said(5))
    assert allowed(ana)
    assert not allowed(ana, "patient_surveys")


@pytest.mark.parametrize("minutes", [9, 12])
def test_what_was_said_before_the_stop_or_with_it_leaves_nothing_out(ana, phone, minutes):
    stop = said(9)
    restrict(identifier_id=phone, kind=RestrictionKind.STOP, said=stop)
    before = stop if minutes == 9 else said(minutes)
    spare(identifier_id=phone, categories=["appointment_reminders"], said=before)
    assert not allowed(ana)


def test_a_later_stop_is_whole_again(ana, phone):
    restrict(identifier_id=phone, kind=RestrictionKind.STOP, said=said(9))
    spare(identifier_id=phone, categories=["appointment_reminders"], said=said(5))
    restrict(identifier_id=phone, kind=RestrictionKind.STOP, said=said(1))
    assert not allowed(ana)


def test_start_ends_the_stop_with_what_it_left_out(ana, phone):
    restrict(identifier_id=phone, kind=RestrictionKind.STOP, said=said(9))
    spare(identifier_id=phone, categories=["appointment_reminders"], said=said(5))
    lift(identifier_id=phone, kind=RestrictionKind.STOP, said=said(1), from_handset=True)
    assert allowed(ana, "patient_surveys")


def test_nothing_but_a_stop_leaves_anything_out(ana, phone):
    restrict(identifier_id=phone, kind=RestrictionKind.SUPPRESSED, said=said(9))
    restrict(identifier_id=phone, kind=RestrictionKind.STOP, said=said(9))
    spare(identifier_id=phone, categories=["appointment_reminders"], said=said(5))
    assert not allowed(ana)


def test_automated_calls_that_a_stop_covers_stay_off(ana, phone, settings):
    settings.HEED_STOP_CHANNELS = ["sms", "phone"]
    restrict(identifier_id=phone, kind=RestrictionKind.STOP, said=said(9))
    spare(identifier_id=phone, categories=["appointment_reminders"], said=said(5))
    assert allowed(ana)
    assert not allowed(ana, channel="phone")


def test_answers_of_any_day_and_the_ledger_know_it(ana, phone):
    restrict(identifier_id=phone, kind=RestrictionKind.STOP, said=said(9))
    between = clock.now()
    spare(identifier_id=phone, categories=["appointment_reminders"], said=said(5))
    assert not allowed(ana, at=between)
    assert allowed(ana, at=clock.now())
    assert asof.AsOf(clock.now()).identifiers([phone])[phone].restrictions


def test_recorded_in_error_it_is_voided_and_the_stop_is_whole(ana, phone):
    restrict(identifier_id=phone, kind=RestrictionKind.STOP, said=said(9))
    spare(identifier_id=phone, categories=["appointment_reminders"], said=said(5))
    change = Change.objects.latest("id")
    void(change_id=change.pk, said=said(0, Actor.STAFF), reason="another phone")
    assert not allowed(ana)


@pytest.mark.parametrize(
    ("categories", "refused"),
    [
        ([], Malformed),
        (["none"], UnknownCategory),
        (["*"], UnknownCategory),
        (["sale_or_sharing"], UnknownChannel),
    ],
)
def test_what_names_nothing_that_is_texted_is_refused(ana, phone, categories, refused):
    with pytest.raises(refused):
        spare(identifier_id=phone, categories=categories, said=said(1))


def test_an_email_has_no_stop(ana):
    [email] = identity.find([named("email", ana.email)]).values()
    with pytest.raises(NotFound):
        spare(identifier_id=email, categories=["appointment_reminders"], said=said(1))
