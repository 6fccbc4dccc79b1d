"""Two records that turn out to be one person, and their undoing (R10)."""

from datetime import timedelta

import pytest

from preferences import clock, services
from preferences.errors import Malformed
from preferences.identity import find_people
from preferences.models import Change, Outbox, Profile, Review
from preferences.selectors import decide
from preferences.services import Allowed
from preferences.terms import IdentifierKind
from preferences.verify import verify
from tests.factories import PatientFactory
from tests.preferences.saying import chooses, into, named, on_page, out, tells
from tests.preferences.test_in_error import by_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return PatientFactory.create(language="en")


@pytest.fixture
def anna():
    return PatientFactory.create(jurisdiction="US-WA")


def merge(survivor, other):
    return services.merge(survivor_id=survivor.id, other_id=other.id, said=by_staff(), reason="same birthday")


def part(person):
    return services.part(profile_id=person.id, said=by_staff(), reason="twins")


def allowed(person, category="marketing_emails", channel="email", at=None):
    return decide(person.id, category, channel, at=at).allowed


def nothing_is_wrong():
    return not [finding for one in verify() for finding in one.findings]


def test_the_choices_of_both_count_for_the_past_too(ann, anna):
    chooses(ann, into("marketing_emails"), at=clock.now() - timedelta(days=5))
    chooses(anna, out("marketing_emails"), at=clock.now() - timedelta(days=2))
    before = clock.now()

    merge(ann, anna)

    assert not allowed(ann)
    assert not allowed(anna)
    assert allowed(ann, at=before)
    assert find_people(named("email", anna.email)) == [ann.id]
    assert Profile.objects.get(pk=ann.id).jurisdiction == "US-WA"
    assert nothing_is_wrong()


@pytest.mark.parametrize("stays", ["ann", "anna"])
@pytest.mark.parametrize("strict", ["US-WA", ""])
def test_a_merge_turns_on_no_use_of_data_that_was_off_for_one_of_them(stays, strict):
    lax, strict_one = (
        PatientFactory.create(jurisdiction="US-CA"),
        PatientFactory.create(jurisdiction=strict),
    )
    survivor, other = (lax, strict_one) if stays == "ann" else (strict_one, lax)
    assert [allowed(each, "sale_or_sharing", "") for each in (lax, strict_one)] == [True, False]

    merge(survivor, other)
    assert not allowed(survivor, "sale_or_sharing", "")
    assert nothing_is_wrong()
    merged = clock.now()

    tells(external_id=lax.external_id, jurisdiction="US-CA")
    assert allowed(survivor, "sale_or_sharing", "")
    assert not allowed(survivor, "sale_or_sharing", "", at=merged)
    assert nothing_is_wrong()


def test_parted_again_each_has_the_default_of_where_they_live():
    lax, strict = PatientFactory.create(jurisdiction="US-CA"), PatientFactory.create(jurisdiction="US-WA")
    merge(lax, strict)

    part(strict)

    assert [allowed(each, "sale_or_sharing", "") for each in (lax, strict)] == [True, False]
    assert nothing_is_wrong()


def test_nobody_is_merged_into_themselves_or_in_a_circle(ann, anna):
    with pytest.raises(Malformed, match="one person already"):
        merge(ann, ann)
    merge(ann, anna)

    with pytest.raises(Malformed, match="one person already"):
        merge(anna, ann)


def test_a_chain_of_merges_is_followed(ann, anna):
    third = PatientFactory.create()
    chooses(anna, out("marketing_emails"))
    merge(ann, anna)
    merge(third, ann)

    assert not allowed(third)
    chooses(anna, into("marketing_emails"))  # a late arrival for the oldest record

    assert allowed(third)
    assert nothing_is_wrong()


def test_an_undo_leaves_entries_where_their_identifier_points_and_refusals_with_both(ann, anna):
    chooses(ann, out("patient_surveys"))
    merge(ann, anna)
    tells(into("patient_surveys"), external_id=anna.external_id)
    tells(out("care_follow_ups"), external_id=anna.external_id)
    assert allowed(ann, "patient_surveys")

    part(anna)

    assert not allowed(ann, "patient_surveys")
    assert allowed(anna, "patient_surveys")
    assert not allowed(ann, "care_follow_ups")
    assert not allowed(anna, "care_follow_ups")
    assert find_people(named("email", anna.email)) == [anna.id]
    assert find_people(named("email", ann.email)) == [ann.id]
    assert nothing_is_wrong()


def test_of_a_no_to_all_but_one_channel_who_parts_takes_the_no_whole_where_the_yes_stays_behind(ann, anna):
    merge(ann, anna)
    chooses(ann, out("marketing_emails"), into("marketing_emails", "email"))

    part(anna)

    assert allowed(ann)
    assert not allowed(anna)
    assert nothing_is_wrong()


def test_an_address_given_while_they_were_one_goes_to_whom_it_was_given_for(ann, anna):
    merge(ann, anna)
    tells(external_id=anna.external_id, phone="+12025550999")

    part(anna)

    assert find_people(named("phone", "+12025550999")) == [anna.id]
    assert nothing_is_wrong()


def test_they_can_be_merged_once_more_and_answers_as_of_then_stay(ann, anna):
    chooses(anna, out("marketing_emails"))
    moments = [clock.now()]
    for act in (lambda: merge(ann, anna), lambda: part(anna), lambda: merge(ann, anna)):
        act()
        moments.append(clock.now())

    assert [allowed(ann, at=moment) for moment in moments] == [True, False, True, False]
    assert nothing_is_wrong()


def test_who_parts_from_the_middle_of_a_chain_parts_for_good(ann, anna):
    third = PatientFactory.create()
    chooses(anna, out("marketing_emails"))
    merge(ann, anna)
    merge(third, ann)

    part(anna)
    part(ann)

    assert [allowed(each) for each in (third, ann, anna)] == [True, True, False]
    assert nothing_is_wrong()


def test_who_parts_from_the_end_of_a_long_chain_leaves_nothing_with_those_between(ann, anna):
    third, fourth = PatientFactory.create(), PatientFactory.create()
    wording = services.notice_shown(key="wording", body={"text": "We may text you."})
    merge(third, fourth)
    merge(anna, third)
    chooses(fourth, into("phone_outreach", "sms"), said=on_page(notice_id=wording.pk))
    merge(ann, anna)

    for each in (fourth, third, anna):
        part(each)
        assert nothing_is_wrong()

    said_yes = [each for each in (ann, anna, third, fourth) if allowed(each, "phone_outreach", "sms")]
    assert said_yes == [fourth]


def test_a_merge_settles_the_possible_duplicate(ann, anna):
    tells(out("marketing_emails"), external_id=ann.external_id, mrn="77")
    tells(external_id=anna.external_id, mrn="88")
    tells(out("marketing_emails"), external_id=ann.external_id, mrn="88")
    assert Review.objects.filter(settled_at__isnull=True, kind="possible_duplicate").count() == 1

    merge(ann, anna)

    assert not Review.objects.filter(settled_at__isnull=True, kind="possible_duplicate").exists()


def test_who_is_not_merged_cannot_part(ann):
    with pytest.raises(Malformed, match="not part of another"):
        part(ann)


def test_both_had_the_same_address_from_the_same_source():
    one = PatientFactory.create()
    two = PatientFactory.create(email=one.email)

    merge(one, two)
    part(two)

    assert set(find_people(named(IdentifierKind.EMAIL, one.email))) == {one.id, two.id}
    assert nothing_is_wrong()


def pauses(person, days):
    until = clock.now() + timedelta(days=days)
    services.pause(profile_id=person.id, category="patient_surveys", until=until, said=on_page())


def orders_email_only(person):
    services.order(
        profile_id=person.id, allowed=[Allowed("email", named("email", person.email))], said=by_staff()
    )


def reports_death(person, deceased=True):
    services.set_deceased(profile_id=person.id, deceased=deceased, said=by_staff())


@pytest.mark.parametrize("deny", [lambda who: pauses(who, 30), orders_email_only, reports_death])
@pytest.mark.parametrize("on", ["ann", "anna"])
def test_a_pause_an_order_and_a_death_of_the_time_as_one_deny_for_both(ann, anna, deny, on):
    merge(ann, anna)
    deny({"ann": ann, "anna": anna}[on])

    part(anna)

    assert [allowed(each, "patient_surveys", "sms") for each in (ann, anna)] == [False, False]
    assert nothing_is_wrong()


def test_whose_the_order_is_staff_are_asked(ann, anna):
    merge(ann, anna)
    orders_email_only(ann)

    part(anna)

    assert Review.objects.get(kind="two_orders", settled_at__isnull=True).profile_id == anna.id


def test_what_had_ended_before_they_parted_does_not_come_back(ann, anna):
    merge(ann, anna)
    pauses(anna, 30)
    services.end_pause(profile_id=anna.id, category="patient_surveys", said=on_page())
    orders_email_only(anna)
    services.end_order(profile_id=anna.id, said=by_staff())
    reports_death(anna)
    reports_death(anna, deceased=False)

    part(anna)

    assert [allowed(each, "patient_surveys", "sms") for each in (ann, anna)] == [True, True]
    assert not Review.objects.filter(kind="two_orders").exists()
    assert nothing_is_wrong()


def ends_pause(person):
    services.end_pause(profile_id=person.id, category="patient_surveys", said=on_page())


def ends_order(person):
    services.end_order(profile_id=person.id, said=by_staff())


@pytest.mark.parametrize(
    ("deny", "end"),
    [
        (lambda who: pauses(who, 30), ends_pause),
        (orders_email_only, ends_order),
        (reports_death, lambda who: reports_death(who, deceased=False)),
    ],
)
def test_what_ended_for_one_of_them_stands_for_the_other(ann, anna, deny, end):
    deny(ann)
    merge(ann, anna)
    end(anna)
    assert allowed(ann, "patient_surveys", "sms")

    part(anna)

    assert [allowed(each, "patient_surveys", "sms") for each in (ann, anna)] == [False, True]
    assert nothing_is_wrong()


def test_an_order_for_the_one_who_leaves_takes_its_address_along(ann, anna):
    merge(ann, anna)
    safe = named("email", "safe@example.org")
    services.order(profile_id=anna.id, allowed=[Allowed("email", safe)], said=by_staff())

    part(anna)

    assert find_people(safe) == [anna.id]
    assert [allowed(each, "patient_surveys", "sms") for each in (ann, anna)] == [False, False]
    assert nothing_is_wrong()


def test_a_death_recorded_in_error_is_void_for_both_who_parted(ann, anna):
    merge(ann, anna)
    reports_death(ann)
    report = Change.objects.filter(subject_id=ann.id).latest("id")
    part(anna)

    services.void(change_id=report.pk, said=by_staff(), reason="wrong patient")

    assert [allowed(each, "patient_surveys", "sms") for each in (ann, anna)] == [True, True]
    assert nothing_is_wrong()


def test_a_visitor_who_is_merged_with_a_patient_is_no_visitor(anna):
    visitor = tells(anonymous_id="b1").profile_id
    assert visitor
    services.merge(survivor_id=visitor, other_id=anna.id, said=by_staff(), reason="at the desk")

    told = tells(out("patient_surveys"), email=anna.email)

    assert told.profile_id == visitor
    assert nothing_is_wrong()


def handed_over(person):
    row = Outbox.objects.filter(subject=str(person.id)).latest("id")
    assert row.change
    return row.denies, Change.objects.filter(pk=row.change, subject_id=person.id).exists()


def test_a_refusal_that_a_merge_brings_is_owed_from_the_merge_on(ann, anna):
    merge(ann, PatientFactory.create())
    assert handed_over(ann) == (False, True)

    chooses(anna, out("marketing_emails"))
    merge(ann, anna)
    assert handed_over(ann) == (True, True)

    part(anna)
    assert handed_over(anna) == (True, True)
