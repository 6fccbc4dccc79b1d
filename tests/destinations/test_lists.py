"""The lists say what decisions say, after any history; whoever reads what has changed misses nothing."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from preferences import clock, services
from preferences.errors import Refused
from preferences.models import Change, ListEnd, Standing
from preferences.services import Allowed, lift, restrict
from preferences.terms import Actor, RestrictionKind
from preferences.verify_lists import verify_lists
from tests.destinations.listed import Reader, decided, marked, whole
from tests.factories import PatientFactory
from tests.preferences.reference import MESSAGES, SERVES, History, kind_of
from tests.preferences.saying import (
    address,
    by_system,
    chooses,
    into,
    named,
    on_page,
    out,
    publish,
    t,
    tells,
    with_channel,
)
from tests.preferences.test_in_error import by_staff
from tests.preferences.test_laws import ADDRESSES, DEEDS, PEOPLE, RECORDED, deeds, law, rolled_back

pytestmark = pytest.mark.django_db
few = settings(law, max_examples=25)  # each asks for every decision there is


@few
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


def pauses(people, who, details):
    category, days = details
    until = clock.now() + timedelta(days=days)
    services.pause(profile_id=people[who].id, category=category, until=until, said=on_page())


def orders(people, who, details):
    allowed = [Allowed(channel, named(kind_of(where), where)) for channel, where in details]
    services.order(profile_id=people[who].id, allowed=allowed, said=by_staff())


def dies(people, who, details):
    services.set_deceased(profile_id=people[who].id, deceased=details, said=by_staff())


def merges(people, who, details):
    services.merge(survivor_id=people[who].id, other_id=people[details].id, said=by_staff(), reason="one")


def parts(people, who, details):
    services.part(profile_id=people[who].id, said=by_staff(), reason="two")


def voids(people, who, details):
    changes = Change.objects.order_by("id").values_list("id", flat=True)
    services.void(change_id=changes[details % len(changes)], said=by_staff(), reason="a slip")


def opts_out_elsewhere(people, who, details):
    """An opt-out that names an address which the category does not reach."""
    tells(out(details), **{kind_of(who): who})


MORE = {each.__name__: each for each in (pauses, orders, dies, merges, parts, voids, opts_out_elsewhere)}
who = st.sampled_from(PEOPLE)
ways = st.lists(
    st.sampled_from([(channel, where) for where in ADDRESSES for channel in SERVES[kind_of(where)]]),
    min_size=1,
    max_size=2,
)
more = st.one_of(
    st.tuples(st.just("pauses"), who, st.tuples(st.sampled_from(list(MESSAGES)), st.integers(1, 3))),
    st.tuples(st.just("orders"), who, ways),
    st.tuples(st.just("dies"), who, st.booleans()),
    st.tuples(st.just("merges"), who, who),
    st.tuples(st.just("parts"), who, st.none()),
    st.tuples(st.just("voids"), st.none(), st.integers(0, 40)),
    st.tuples(st.just("opts_out_elsewhere"), st.sampled_from(ADDRESSES), st.sampled_from(list(MESSAGES))),
)


def test_an_order_lists_no_calls_at_an_email_address_that_once_said_no_to_one_kind_of_them():
    with clock.at(RECORDED):
        people = [PatientFactory.create(email="", phone="") for _ in PEOPLE]
        opts_out_elsewhere(people, "a@example.org", "phone_outreach")
        tells(external_id=people[0].external_id, email="a@example.org")
        orders(people, 0, [("email", "a@example.org")])
        marked()

        assert whole() == decided()


@few
@given(
    history=st.lists(st.one_of(deeds, more, more, st.just(("marked", None, None))), min_size=1, max_size=14)
)
def test_they_do_after_merges_voids_orders_and_pauses_too(history):
    with rolled_back():
        with clock.at(RECORDED):
            people = [PatientFactory.create(email="", phone="") for _ in PEOPLE]
        copy = Reader()
        for number, (deed, person, details) in enumerate(history, start=1):
            with clock.at(RECORDED + timedelta(minutes=number)), suppress(Refused):
                if deed == "marked":
                    marked()
                    copy.reads(size=3)
                elif deed in MORE:
                    MORE[deed](people, person, details)
                else:
                    DEEDS[deed](History(), number, person, people, details)
        for days in (1, 2, 9):  # pauses end
            with clock.at(RECORDED + timedelta(days=days)):
                marked()
                copy.reads(size=3)
                assert copy.out == whole() == decided()
                assert not [each for part in verify_lists() for each in (*part.wrong, *range(part.waiting))]


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


def test_what_an_address_denies_elsewhere_is_in_it_though_whoever_held_it_has_left():
    tells(out("phone_outreach"), email="old@example.org")
    pat = PatientFactory.create(email="old@example.org")
    tells(external_id=pat.external_id, email="new@example.org")
    marked()

    assert (address("email", "old@example.org"), "phone_outreach", "sms") in whole()
    assert whole() == decided()


def test_what_an_address_denied_elsewhere_in_error_is_in_it_no_longer():
    tells(out("phone_outreach"), email="nobody@example.org")
    marked()

    services.void(change_id=Change.objects.latest("id").pk, said=by_staff(), reason="a slip")
    marked()

    assert whole() == decided() == {}


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
