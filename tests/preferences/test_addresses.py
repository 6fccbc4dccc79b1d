"""R16: how addresses compare, and what stays with one when it changes hands."""

import pytest

from preferences import identity
from preferences.errors import Malformed
from preferences.identity import named as read
from preferences.terms import Reason
from tests.factories import PatientFactory
from tests.preferences.saying import address, allowed, asked, by_portal, chooses, decided, out, tells
from tests.preferences.test_restrictions import texts_stop

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "spelling",
    [
        "+1 202 555 0143",
        "(202) 555-0143",
        "202.555.0143",
        "1-202-555-0143",
        "  2025550143 ",
        "tel:+12025550143",
    ],
)
def test_one_number_however_it_is_written(spelling):
    assert address("phone", spelling) == address("phone", "+12025550143")


def test_a_number_without_a_country_is_read_as_ours(settings):
    settings.HEED_PHONE_REGION = "GB"

    assert address("phone", "020 7946 0018") == address("phone", "+442079460018")


@pytest.mark.parametrize(
    "spelling",
    [
        "pat@example.org",
        " Pat@Example.ORG ",
        "PAT@EXAMPLE.ORG",
        "\u202apat@example.org\u202c",
        "\u200f pat@example.org",
    ],
)
def test_one_email_however_it_is_written(spelling):
    assert address("email", spelling) == address("email", "pat@example.org")


@pytest.mark.parametrize(
    "spelling", ["pat@ｅxample.org", "pat@ex\u00adample.org", "pat@exam\u200bple.org", "pat@example.ｏrg"]
)
def test_one_mailbox_has_one_spelling(spelling):
    """Mail to each of these goes to example.org, so a no and the number of codes count there."""
    assert address("email", spelling) == address("email", "pat@example.org")


def test_a_domain_in_other_letters_is_kept_in_them():
    assert read("email", "Pat@BÜCHER.example").value == "pat@bücher.example"


def test_a_record_number_is_kept_as_it_is():
    assert address("mrn", "AbC") != address("mrn", "abc")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "pat"),
        ("email", "pat@"),
        ("email", "pat@example.org\x00"),
        ("email", ""),
        ("email", "p" * 310 + "@example.org"),
        ("email", "pat@example.org，mary＠example.org"),
        ("email", "pat@mary＠example.org"),
        ("phone", "12"),
        ("phone", "call me"),
        ("phone", "202 555 0143 ext. 9"),
        ("mrn", "\ud800"),
        ("external_id", "a\nb"),
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(kind, value):
    with pytest.raises(Malformed) as refused:
        read(kind, value)

    assert not value.strip() or value not in str(refused.value)


@pytest.mark.parametrize("authority", ["main|1", "a" * 51, "ma\x00in", "\ud800"])
def test_an_authority_that_could_pass_for_another_is_refused(authority):
    with pytest.raises(Malformed):
        read("mrn", "1", authority)


def test_the_same_number_of_two_authorities_is_two_identifiers():
    names = {read("mrn", "1", "main"), read("mrn", "1", "north"), read("external_id", "1", "main")}

    assert len(set(identity.find_or_make(names).values())) == 3


def test_consent_does_not_move_with_an_address_and_a_stop_does():
    before = PatientFactory.create(phone="+12025550199")
    chooses(before, out("patient_surveys", "sms"))
    texts_stop("+12025550199")
    tells(phone="+12025550111", external_id=before.external_id)
    after = PatientFactory.create(phone="+12025550199", email="")

    assert decided(after, "patient_surveys", "sms").reason == Reason.RESTRICTION
    assert decided(after, "patient_surveys", "email").reason == Reason.DEFAULT


def test_the_new_address_of_the_same_source_makes_the_old_one_former():
    pat = PatientFactory.create(email="old@example.org")

    assert tells(email="new@example.org", external_id=pat.external_id).profile_id == pat.id
    assert asked("patient_surveys", "email", email="old@example.org").reason == Reason.UNKNOWN_PERSON
    assert asked("patient_surveys", "email", email="new@example.org").reason == Reason.DEFAULT


def test_an_address_that_another_source_still_gives_is_current():
    pat = PatientFactory.create(email="old@example.org")
    tells(email="old@example.org", said=by_portal())
    tells(email="new@example.org", external_id=pat.external_id)

    assert asked("patient_surveys", "email", email="old@example.org").reason == Reason.DEFAULT


def test_an_opt_out_follows_to_a_former_address_until_somebody_else_is_verified_there():
    pat = PatientFactory.create(email="old@example.org")
    tells(email="new@example.org", external_id=pat.external_id)
    chooses(pat, out("patient_surveys"))
    assert asked("patient_surveys", "email", email="old@example.org").reason == Reason.CHOICE

    newcomer = PatientFactory.create(email="old@example.org")
    assert not asked("patient_surveys", "email", email="old@example.org").allowed

    tells(email="old@example.org", external_id="theirs", said=by_portal())
    assert asked("patient_surveys", "email", email="old@example.org").allowed
    assert allowed(newcomer, "patient_surveys", "email")


def test_somebody_verified_there_before_they_left_changes_nothing():
    pat = PatientFactory.create(email="home@example.org")
    sam = PatientFactory.create(email="", phone="")
    tells(mrn="7", external_id=sam.external_id)
    tells(mrn="7", email="home@example.org", said=by_portal())
    assert not tells(email="home@example.org").profile_id  # both live there
    tells(email="new@example.org", external_id=pat.external_id)
    chooses(pat, out("patient_surveys"))

    assert not asked("patient_surveys", "email", email="home@example.org").allowed


def test_once_somebody_else_was_verified_there_a_former_holder_never_counts_again():
    pat = PatientFactory.create(email="old@example.org")
    tells(email="new@example.org", external_id=pat.external_id)
    chooses(pat, out("appointment_reminders"))
    tells(email="old@example.org", external_id="theirs", said=by_portal())
    tells(email="other@example.org", external_id="theirs", said=by_portal())

    assert asked("appointment_reminders", "email", email="old@example.org").reason == Reason.UNKNOWN_PERSON
