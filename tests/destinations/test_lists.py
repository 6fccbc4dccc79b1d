"""The lists say what decisions say, after any history; whoever reads what has changed misses nothing."""

from datetime import timedelta

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from preferences import clock
from preferences.models import ListEnd, Standing
from preferences.services import lift, restrict
from preferences.terms import Actor, RestrictionKind
from tests.destinations.listed import Reader, decided, marked, whole
from tests.factories import PatientFactory
from tests.preferences.reference import History
from tests.preferences.saying import (
    address,
    by_system,
    chooses,
    into,
    on_page,
    out,
    publish,
    t,
    tells,
    with_channel,
)
from tests.preferences.test_laws import DEEDS, PEOPLE, RECORDED, deeds, law, rolled_back

pytestmark = pytest.mark.django_db


@law
@given(
    history=st.lists(st.one_of(deeds, st.just(("marked", None, None))), min_size=1, max_size=12),
    reads=st.sets(st.integers(1, 12)),
)
def test_lists_say_what_decisions_say_and_a_copy_that_follows_them_too(history, reads):
    with rolled_back():
        with clock.at(RECORDED):
            people = [PatientFactory.create(email="", phone="") for _ in PEOPLE]
        book, copy = History(), Reader()
        for number, (deed, person, details) in enumerate(history, start=1):
            with clock.at(RECORDED + timedelta(minutes=number)):
                if deed == "marked":
                    marked()
                else:
                    DEEDS[deed](book, number, person, people, details)
            if number in reads:
                copy.reads(size=3)
        marked()
        note(f"{Standing.objects.count()} rows")

        assert whole() == decided()
        copy.reads(size=3)
        assert copy.out == whole()


def test_a_row_stays_when_the_denial_has_ended_so_that_whoever_had_it_is_told():
    pat, copy = PatientFactory.create(), Reader("marketing_emails")
    chooses(pat, out("marketing_emails"), at=t(1))
    marked()
    copy.reads()
    assert set(copy.out) == {
        (pat.id, "marketing_emails", "email"),
        (address("email", pat.email), "marketing_emails", "email"),
    }

    chooses(pat, into("marketing_emails"), at=t(2))
    marked()
    copy.reads()

    assert copy.out == {} == whole()
    assert copy.told == 4


def test_only_what_differs_is_written():
    pat = PatientFactory.create()
    chooses(pat, out("patient_surveys"), at=t(1))
    marked()
    end = ListEnd.objects.get().version

    chooses(pat, into("marketing_emails"), at=t(2))
    marked()

    assert ListEnd.objects.get().version == end == Standing.objects.count()


def test_who_was_never_asked_is_not_in_it_whatever_the_default():
    PatientFactory.create(jurisdiction="CA-ON")
    marked()

    assert not Standing.objects.exists()


def test_an_opt_out_of_an_address_that_nobody_holds_is_in_it():
    tells(out("phone_outreach"), email="nobody@example.org")
    marked()

    email = address("email", "nobody@example.org")
    assert set(whole()) == {(email, "phone_outreach", "phone"), (email, "phone_outreach", "sms")}


def test_whoever_shared_an_address_stays_out_there_until_somebody_else_is_verified():
    pat = PatientFactory.create()
    old = address("email", pat.email)
    chooses(pat, out("marketing_emails"), at=t(1))
    tells(external_id=pat.external_id, email="new@example.org")
    marked()
    assert (old, "marketing_emails", "email") in whole()

    tells(external_id="other", email=pat.email, said=by_system("portal", by=Actor.PERSON, attached=True))
    marked()

    assert (old, "marketing_emails", "email") not in whole()
    assert (pat.id, "marketing_emails", "email") in whole()


def test_a_stop_and_a_start_are_told():
    pat, copy = PatientFactory.create(), Reader(channel="sms")
    phone = address("phone", pat.phone)
    restrict(identifier_id=phone, kind=RestrictionKind.STOP, said=by_system(occurred=t(1)))
    marked()
    copy.reads()
    assert (phone, "appointment_reminders", "sms") in copy.out
    assert (pat.id, "appointment_reminders", "sms") in copy.out

    lift(identifier_id=phone, kind=RestrictionKind.STOP, said=by_system(occurred=t(2)), from_handset=True)
    marked()
    copy.reads()

    assert copy.out == {}


def test_while_a_category_is_retired_its_list_stands_still():
    pat = PatientFactory.create()
    chooses(pat, out("patient_surveys"), at=t(1))
    marked()
    before = whole()

    publish("patient_surveys", retired=True)
    marked()

    assert whole() == before


def test_a_new_channel_is_listed_for_everyone_at_its_publication():
    pat = PatientFactory.create()
    chooses(pat, out("*", "*"), said=on_page(t(1)))
    marked()
    assert (pat.id, "patient_surveys", "mail") not in whole()

    publish("patient_surveys", offers=with_channel("patient_surveys", channel="mail"))
    marked()

    assert (pat.id, "patient_surveys", "mail") in whole()
    assert (address("email", pat.email), "patient_surveys", "mail") in whole()
