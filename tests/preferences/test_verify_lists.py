"""`manage.py verify_lists`: a list that says otherwise than a decision is found, and made again."""

import pytest
from django.core.management import CommandError, call_command

from preferences.models import Standing
from preferences.services import restrict
from preferences.terms import RestrictionKind
from tests.destinations.listed import decided, marked, whole
from tests.factories import PatientFactory
from tests.preferences.saying import address, by_system, chooses, into, out, t

pytestmark = pytest.mark.django_db


@pytest.fixture
def pat():
    pat = PatientFactory.create()
    chooses(pat, out("marketing_emails"), at=t(1))
    marked()
    return pat


def verified(capsys, **options):
    call_command("verify_lists", **options)
    return capsys.readouterr()


def test_lists_that_are_right_are_said_to_be(capsys, pat):
    assert "The lists say what decisions say: 3 people and addresses." in verified(capsys).out


@pytest.mark.parametrize(
    "wrong",
    [
        lambda rows: rows.update(denied=False, reason="", since=0),
        lambda rows: rows.delete(),
        lambda rows: rows.update(since=1),
    ],
    ids=["lifted", "gone", "dated otherwise"],
)
def test_a_row_that_says_otherwise_is_found_and_mended(capsys, pat, wrong):
    wrong(Standing.objects.filter(subject=pat.id))

    with pytest.raises(CommandError, match="1 of 3 people and addresses are listed wrongly"):
        call_command("verify_lists")
    assert f"{pat.id}: " in capsys.readouterr().out

    assert "everybody is being looked at again" in verified(capsys, mend=True).out
    marked()
    assert "The lists say what decisions say" in verified(capsys).out
    assert whole() == decided()


def test_what_waits_to_be_marked_is_not_wrong(capsys, pat):
    chooses(pat, into("marketing_emails"), at=t(2))

    told = verified(capsys)

    assert "The lists say what decisions say" in told.out
    assert "2 wait to be marked" in told.err


def test_a_setting_that_changes_answers_is_found(capsys, pat, settings):
    restrict(identifier_id=address("phone", pat.phone), kind=RestrictionKind.STOP, said=by_system())
    marked()
    settings.HEED_STOP_CHANNELS = ["sms", "phone"]

    with pytest.raises(CommandError):
        call_command("verify_lists")
    verified(capsys, mend=True)
    marked()

    assert (address("phone", pat.phone), "appointment_reminders", "phone") in whole()
