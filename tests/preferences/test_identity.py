"""R10: who is meant, and what happens to an opt-out when that is not clear."""

import json

import pytest

from preferences import selectors
from preferences.errors import NobodyNamed
from preferences.identity import find_people
from preferences.models import Change, Holding, Profile, Review
from preferences.services import Call, identify
from preferences.terms import Reason
from tests.factories import PatientFactory
from tests.preferences.saying import (
    allowed,
    asked,
    by_portal,
    by_system,
    chooses,
    decided,
    into,
    named,
    out,
    t,
    tells,
)

pytestmark = pytest.mark.django_db
SURVEYS = ("patient_surveys", "email")


def test_somebody_new_becomes_a_person():
    told = tells(email="new@example.org", external_id="u1")

    assert told.profile_id
    assert tells(external_id="u1").profile_id == told.profile_id


def test_an_external_id_belongs_to_its_source():
    assert tells(external_id="u1").profile_id != tells(external_id="u1", said=by_system("crm")).profile_id


def test_a_call_must_name_somebody():
    with pytest.raises(NobodyNamed):
        identify(call=Call(()), said=by_system())


# --- match order ---


def test_the_external_id_comes_first():
    known = PatientFactory.create()
    other = PatientFactory.create()

    told = tells(out(*SURVEYS), external_id=known.external_id, email=other.email)

    assert told.profile_id == known.id
    assert not allowed(known, *SURVEYS)


def test_then_the_record_number():
    known = tells(mrn="1", email="pat@example.org")
    other = PatientFactory.create()

    assert tells(mrn="1", email=other.email).profile_id == known.profile_id


def test_then_an_address_that_one_person_holds():
    pat = PatientFactory.create()

    assert tells(out(*SURVEYS), email=pat.email).profile_id == pat.id
    assert not allowed(pat, *SURVEYS)


def test_an_address_finds_the_person_for_a_number_that_is_new_to_them():
    pat = PatientFactory.create()

    assert tells(external_id="u1", email=pat.email, said=by_system("crm")).profile_id == pat.id
    assert tells(external_id="u1", said=by_system("crm")).profile_id == pat.id
    assert tells(mrn="7", email=pat.email).profile_id == pat.id
    assert tells(mrn="7").profile_id == pat.id


def test_an_address_does_not_find_the_person_who_has_another_number_there():
    pat = PatientFactory.create()

    told = tells(external_id="somebody-else", email=pat.email)

    assert told.profile_id != pat.id
    assert not told.possible_duplicate


def test_an_address_that_others_hold_simply_gains_a_holder():
    pat = PatientFactory.create(email="family@example.org")
    sam = PatientFactory.create(email="family@example.org")
    chooses(sam, out(*SURVEYS))

    assert allowed(pat, *SURVEYS)
    assert not asked(*SURVEYS, email="family@example.org").allowed


def test_two_numbers_of_two_people_opt_both_out_and_neither_in():
    first, second = PatientFactory.create(), tells(mrn="2")
    chooses(first, out("patient_surveys", "sms"), at=t(0))

    told = tells(out(*SURVEYS), into("patient_surveys", "sms"), external_id=first.external_id, mrn="2")

    assert told.possible_duplicate
    assert not allowed(first, *SURVEYS)
    assert not allowed(second.profile_id, *SURVEYS)
    assert not allowed(first, "patient_surveys", "sms")
    matter = Review.objects.get(kind=Review.Kind.POSSIBLE_DUPLICATE)
    assert {matter.profile_id, matter.other_id} == {first.id, second.profile_id}


def test_staff_hear_of_one_possible_duplicate_once():
    first, _ = PatientFactory.create(), tells(mrn="2")
    for _ in range(3):
        tells(external_id=first.external_id, mrn="2")

    assert Review.objects.filter(kind=Review.Kind.POSSIBLE_DUPLICATE).count() == 1


# --- an address alone ---


def test_an_opt_out_that_names_an_address_of_nobody_is_held_on_it():
    told = tells(out(*SURVEYS), email="who@example.org")

    assert told.held_on_address
    assert told.profile_id is None
    assert asked(*SURVEYS, email="who@example.org").reason == Reason.RESTRICTION
    assert not allowed(PatientFactory.create(email="who@example.org"), *SURVEYS)


def test_an_opt_out_that_names_a_shared_address_is_held_on_it_for_all():
    family = [PatientFactory.create(email="family@example.org") for _ in range(2)]

    told = tells(out(*SURVEYS), email="family@example.org")

    assert told.held_on_address
    assert [decided(each, *SURVEYS).reason for each in family] == [Reason.RESTRICTION] * 2


def test_an_opt_in_that_names_a_shared_address_is_applied_to_nobody():
    family = [PatientFactory.create(email="family@example.org") for _ in range(2)]
    for each in family:
        chooses(each, out(*SURVEYS), at=t(0))

    told = tells(into(*SURVEYS), email="family@example.org")

    assert told.problems
    assert not any(allowed(each, *SURVEYS) for each in family)


def test_two_addresses_of_two_people_name_neither():
    pat, sam = PatientFactory.create(), PatientFactory.create()

    told = tells(out("appointment_reminders"), email=pat.email, phone=sam.phone)

    assert told.held_on_address
    assert told.profile_id is None
    assert decided(pat, "appointment_reminders", "email").reason == Reason.RESTRICTION
    assert decided(sam, "appointment_reminders", "sms").reason == Reason.RESTRICTION
    assert allowed(pat, "appointment_reminders", "sms")


@pytest.mark.parametrize(
    ("choice", "about", "denied"),
    [
        (out(), {"email": "who@example.org"}, [("patient_surveys", "email"), ("marketing_emails", "email")]),
        (out(), {"phone": "+12025550188"}, [("patient_surveys", "sms"), ("care_follow_ups", "phone")]),
        (out("*", "sms"), {"phone": "+12025550188"}, [("patient_surveys", "sms")]),
        (out("sale_or_sharing"), {"email": "who@example.org"}, [("sale_or_sharing", "")]),
        # It names a channel that the address does not serve: it is for whoever holds the address.
        (out("patient_surveys", "sms"), {"email": "who@example.org"}, [("patient_surveys", "sms")]),
        (out("marketing_emails"), {"phone": "+12025550188"}, [("marketing_emails", "email")]),
    ],
)
def test_whatever_it_named_is_denied_to_who_turns_out_to_hold_the_address(choice, about, denied):
    tells(choice, **about)
    person = PatientFactory.create(**about)

    assert [decided(person, *cell).reason for cell in denied] == [Reason.RESTRICTION] * len(denied)
    assert allowed(person, "care_follow_ups", "mail")


# --- browsers ---


def test_a_browser_is_an_anonymous_person_of_its_own():
    told = tells(out("sale_or_sharing"), anonymous_id="b1")

    assert Profile.objects.filter(pk__in=[told.profile_id], is_anonymous=True).exists()
    assert tells(anonymous_id="b1").profile_id == told.profile_id
    assert decided(told.profile_id, "sale_or_sharing").reason == Reason.CHOICE


def test_a_browser_folds_into_the_person_who_identifies_there():
    browser = tells(out("sale_or_sharing"), anonymous_id="b1").profile_id
    pat = PatientFactory.create()

    tells(anonymous_id="b1", external_id=pat.external_id)

    assert decided(pat, "sale_or_sharing").reason == Reason.CHOICE
    assert decided(browser, "sale_or_sharing").reason == Reason.CHOICE
    assert tells(anonymous_id="b1").profile_id == pat.id


def test_a_browser_is_the_persons_whichever_source_knew_it_first():
    tells(anonymous_id="b1", said=by_system("website"))
    pat = PatientFactory.create()

    tells(anonymous_id="b1", external_id=pat.external_id)

    assert find_people(named("anonymous_id", "b1")) == [pat.id]


def test_what_arrives_late_for_the_browser_counts_for_the_person():
    browser = tells(anonymous_id="b1").profile_id
    pat = PatientFactory.create()
    tells(anonymous_id="b1", external_id=pat.external_id)

    assert chooses(browser, out(*SURVEYS)).profile_id == pat.id
    assert not allowed(pat, *SURVEYS)


@pytest.mark.parametrize(
    ("in_browser", "by_person", "may"),
    [
        ((into, 5), (out, 1), True),
        ((into, 1), (out, 5), False),
        ((out, 5), (into, 1), False),
        ((out, 1), (into, 5), True),
        ((into, 1), (out, 1), False),
        ((out, 1), (into, 1), False),
    ],
)
def test_choices_of_browser_and_person_count_by_their_time(in_browser, by_person, may):
    browser = tells(anonymous_id="b1").profile_id
    pat = PatientFactory.create()
    for person, (choice, minute) in ((browser, in_browser), (pat, by_person)):
        chooses(person, choice(*SURVEYS), at=t(minute))

    tells(anonymous_id="b1", external_id=pat.external_id)

    assert allowed(pat, *SURVEYS) is may


def test_somebody_else_who_identifies_in_a_browser_inherits_nothing():
    pat, sam = PatientFactory.create(), PatientFactory.create()
    tells(out("sale_or_sharing"), anonymous_id="b1", external_id=pat.external_id)

    tells(anonymous_id="b1", external_id=sam.external_id)

    assert decided(sam, "sale_or_sharing").reason == Reason.DEFAULT
    assert decided(pat, "sale_or_sharing").reason == Reason.CHOICE
    assert tells(anonymous_id="b1").profile_id == sam.id
    assert tells(anonymous_id="b1", external_id=pat.external_id).profile_id == pat.id


def test_a_browser_that_names_an_address_of_nobody_becomes_that_person():
    browser = tells(anonymous_id="b1").profile_id

    told = tells(out("sale_or_sharing"), out(*SURVEYS), anonymous_id="b1", email="new@example.org")

    assert told.profile_id == browser
    assert Profile.objects.filter(pk__in=[browser], is_anonymous=False).exists()
    assert decided(browser, "sale_or_sharing").reason == Reason.CHOICE
    assert not asked(*SURVEYS, email="new@example.org").allowed


@pytest.mark.parametrize("seen_before", [True, False])
def test_an_opt_out_with_a_shared_address_counts_in_the_browser_too(seen_before):
    family = [PatientFactory.create(email="family@example.org") for _ in range(2)]
    if seen_before:
        tells(anonymous_id="b1")

    told = tells(out("sale_or_sharing"), anonymous_id="b1", email="family@example.org")

    assert told.held_on_address
    browser = tells(anonymous_id="b1").profile_id
    assert browser not in {each.id for each in family}
    assert decided(browser, "sale_or_sharing").reason == Reason.CHOICE
    assert [decided(each, "sale_or_sharing").reason for each in family] == [Reason.RESTRICTION] * 2


# --- what the ledger keeps of it ---


def entries_of(profile_id, do):
    rows = Change.objects.filter(subject_id=profile_id).order_by("seq").values_list("entries", flat=True)
    return [entry for row in rows for entry in json.loads(row) if entry["do"] == do]


def test_the_ledger_says_by_which_identifiers_a_choice_named_the_person():
    pat = PatientFactory.create()
    tells(out(*SURVEYS), email=pat.email)

    [email] = [each.id for each in selectors.people([pat.id])[pat.id].held if each.kind == "email"]
    assert entries_of(pat.id, "named")[-1]["identifiers"] == [str(email)]


def test_the_ledger_says_for_whom_a_choice_was_meant_that_came_after_they_were_one():
    browser = tells(anonymous_id="b1").profile_id
    pat = PatientFactory.create()
    tells(anonymous_id="b1", external_id=pat.external_id)
    chooses(browser, out(*SURVEYS))

    assert entries_of(pat.id, "named")[-1]["profile"] == str(browser)


def test_the_ledger_says_who_lost_a_browser():
    pat, sam = PatientFactory.create(), PatientFactory.create()
    tells(anonymous_id="b1", external_id=pat.external_id)
    tells(anonymous_id="b1", external_id=sam.external_id)

    assert [entry["held"] for entry in entries_of(pat.id, "holding")][-2:] == [True, False]
    assert Holding.objects.filter(identifier__kind="anonymous_id", until__isnull=True).count() == 1


def test_a_new_phone_says_nothing_in_the_ledger_of_the_email_that_stayed():
    pat = PatientFactory.create()

    tells(external_id=pat.external_id, email=pat.email, phone="+12025557777")

    said = json.loads(Change.objects.latest("id").entries)
    assert [each["held"] for each in said if each["do"] == "holding"] == [False, True]


def test_a_source_that_speaks_for_the_person_verifies_their_address():
    tells(external_id="p1", email="pat@example.org", said=by_portal())

    assert Holding.objects.get(identifier__kind="email").verified_how == "source"
