"""What was recorded in error counts no more, and still does in answers as known before (R15)."""

from datetime import timedelta

import pytest

from preferences import clock, services
from preferences.errors import Malformed
from preferences.identity import find_people
from preferences.models import Change, Holding
from preferences.selectors import decide
from preferences.terms import Actor, RestrictionKind
from preferences.verify import verify
from tests.factories import PatientFactory, SaidFactory, SourceFactory
from tests.preferences.saying import address, chooses, into, named, on_page, out, tells

pytestmark = pytest.mark.django_db


@pytest.fixture
def pat():
    return PatientFactory.create()


def by_staff(**how):
    staff = SourceFactory.create(slug="staff", kind="staff")
    return SaidFactory.create(source=staff, by=Actor.STAFF, who="ruth", **how)


def void(change, reason="wrong patient"):
    return services.void(change_id=change, said=by_staff(), reason=reason)


def allowed(person, category="marketing_emails", channel="email", at=None):
    return decide(person.id, category, channel, at=at).allowed


def nothing_is_wrong():
    return not [finding for part in verify() for finding in part.findings]


def test_a_voided_no_counts_no_more_and_still_did_before(pat):
    recorded = chooses(pat, out("marketing_emails"))
    before = clock.now()

    void(recorded.change)

    assert allowed(pat)
    assert not allowed(pat, at=before)
    assert nothing_is_wrong()


def test_what_was_said_before_the_voided_entry_holds_again(pat):
    chooses(pat, out("marketing_emails"), at=clock.now() - timedelta(days=9))
    recorded = chooses(pat, into("marketing_emails", "email"))

    void(recorded.change)

    assert not allowed(pat)


def test_a_void_has_a_reason_and_is_never_voided(pat):
    recorded = chooses(pat, out("marketing_emails"))
    with pytest.raises(Malformed, match="say why"):
        void(recorded.change, reason=" ")

    voided = void(recorded.change)

    with pytest.raises(Malformed, match="never voided"):
        void(voided)
    with pytest.raises(Malformed, match="void already"):
        void(recorded.change)


def test_a_voided_stop_leaves_the_number_free(pat):
    number = address("phone", pat.phone)
    services.restrict(identifier_id=number, kind=RestrictionKind.STOP, said=by_staff())
    stop = Change.objects.get(subject_id=number)

    void(stop.pk)

    assert allowed(pat, "appointment_reminders", "sms")
    assert nothing_is_wrong()


def test_an_address_given_in_error_is_nobodys(pat):
    tells(external_id=pat.external_id, email="wrong@example.org")
    given = Change.objects.filter(subject_id=pat.id).latest("id")
    before = clock.now()
    assert find_people(named("email", "wrong@example.org")) == [pat.id]

    void(given.pk)

    assert find_people(named("email", "wrong@example.org")) == []
    assert find_people(named("email", pat.email)) == [pat.id]  # it had become a former one only by the error
    assert nothing_is_wrong()
    chooses(pat, out("marketing_emails"))
    there = named("email", "wrong@example.org")
    assert not Holding.objects.filter(identifier=address("email", "wrong@example.org")).exists()
    assert decide(pat.id, "appointment_reminders", "email", to=there, at=before).allowed


def test_a_choice_on_the_wrong_patient_goes_to_the_right_one(pat):
    other = PatientFactory.create()
    said = chooses(pat, out("marketing_emails"), said=on_page(evidence={"form": "12"}))
    assert said.change
    before = clock.now()

    services.move(change_id=said.change, to=other.id, said=by_staff(), reason="same name")

    assert allowed(pat)
    assert not allowed(other)
    assert not allowed(pat, at=before)
    assert allowed(other, at=before)
    moved = Change.objects.filter(subject_id=other.id).latest("id")
    assert moved.occurred_at == Change.objects.get(pk=said.change).occurred_at
    assert nothing_is_wrong()


def test_nothing_is_moved_to_where_it_stands(pat):
    said = chooses(pat, out("marketing_emails"))
    assert said.change

    with pytest.raises(Malformed, match="on whom it was recorded"):
        services.move(change_id=said.change, to=pat.id, said=by_staff(), reason="slip")

    assert not allowed(pat)


def test_a_no_of_two_who_were_one_is_moved_to_the_one_whose_it_was(pat):
    other = PatientFactory.create()
    services.merge(survivor_id=pat.id, other_id=other.id, said=by_staff(), reason="same name")
    said = chooses(pat, out("marketing_emails"))
    services.part(profile_id=other.id, said=by_staff(), reason="two people")
    assert said.change

    services.move(change_id=said.change, to=other.id, said=by_staff(), reason="it was theirs")

    assert allowed(pat)
    assert not allowed(other)
    assert nothing_is_wrong()


def test_a_choice_that_came_with_a_visitors_browser_is_voided_without_it(pat):
    visitor = tells(out("patient_surveys"), anonymous_id="b1").profile_id
    assert visitor
    tells(out("marketing_emails"), anonymous_id="b1", external_id=pat.external_id)

    void(Change.objects.filter(subject_id=pat.id).latest("id").pk)

    assert allowed(pat)
    assert not allowed(pat, "patient_surveys")
    assert decide(visitor, "patient_surveys", "email").reason == "choice"
    assert nothing_is_wrong()
