"""R5: a message counts once per source, for ever."""

import pytest

from preferences.models import Change, Review
from preferences.terms import Reason
from tests.factories import PatientFactory
from tests.preferences.saying import allowed, by_system, decided, into, out, t, tells
from tests.preferences.test_keys import rotated

pytestmark = pytest.mark.django_db
SURVEYS = ("patient_surveys", "email")


@pytest.fixture
def pat():
    return PatientFactory.create()


def says(person, choice, message="m1", source="ehr", at=None):
    said = by_system(source, occurred=at or t(0))
    return tells(choice, email=person.email, message_id=message, said=said)


def test_a_message_counts_once(pat):
    first = says(pat, out(*SURVEYS))
    before = Change.objects.count()

    again = says(pat, out(*SURVEYS))

    assert again.duplicate
    assert (again.profile_id, again.version) == (first.profile_id, first.version)
    assert Change.objects.count() == before


def test_the_first_recording_stands(pat):
    says(pat, out(*SURVEYS), at=t(0))
    says(pat, into(*SURVEYS), at=t(9))

    assert not allowed(pat, *SURVEYS)


def test_another_source_may_use_the_same_id(pat):
    says(pat, into(*SURVEYS), at=t(0))

    assert not says(pat, out(*SURVEYS), source="crm", at=t(1)).duplicate
    assert not allowed(pat, *SURVEYS)


def test_without_an_id_every_call_counts(pat):
    says(pat, into(*SURVEYS), message="", at=t(0))

    assert not says(pat, out(*SURVEYS), message="", at=t(1)).duplicate
    assert not allowed(pat, *SURVEYS)


def test_an_opt_out_in_a_repeat_that_differs_is_put_before_staff_once(pat):
    says(pat, into(*SURVEYS))
    for _ in range(2):
        says(pat, out(*SURVEYS))

    matter = Review.objects.get(kind=Review.Kind.CONFLICTING_REPEAT)
    assert matter.profile_id == pat.id
    assert decided(pat, *SURVEYS).allowed


def test_a_repeat_that_differs_and_opts_nobody_out_is_no_matter_for_staff(pat):
    says(pat, out(*SURVEYS))
    says(pat, into(*SURVEYS))

    assert not Review.objects.filter(kind=Review.Kind.CONFLICTING_REPEAT).exists()


def test_a_message_is_known_after_the_keys_were_rotated(pat, settings):
    says(pat, out(*SURVEYS))
    settings.HEED_KEYS = rotated(settings)

    assert says(pat, out(*SURVEYS)).duplicate


def test_what_failed_was_not_counted(pat):
    with pytest.raises(Exception, match="no category"):
        says(pat, out("surveys"))

    assert not says(pat, out(*SURVEYS)).duplicate
    assert decided(pat, *SURVEYS).reason == Reason.CHOICE
