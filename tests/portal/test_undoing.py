"""The last save is taken back: what held before is said again, as a new choice."""

from preferences.models import Change
from preferences.selectors import decide
from preferences.terms import State
from tests.portal import codes, people
from tests.portal.forms import save
from tests.portal.story import choices_of, result
from tests.portal.test_telling import destination, row


def undo(client):
    return client.post("/p/undo", {"act": "undo"})


def test_a_no_is_put_back_at_once(visit_by_code, joan):
    people.chose(joan, ("patient_surveys", "email", State.OUT))
    save(visit_by_code, patient_surveys__email="yes")

    undo(visit_by_code)

    assert choices_of(joan)[-1] == ("patient_surveys", "email", "opted_out")
    assert "Patient surveys: Email No" in result(visit_by_code)


def test_a_yes_is_put_back_after_a_code(visit, joan):
    people.chose(joan, ("patient_surveys", "email", State.IN))
    save(visit, patient_surveys__email="no")

    assert undo(visit).headers["Location"] == "/p/code"
    assert not decide(joan, "patient_surveys", "email").allowed

    codes.step_up(visit)
    assert decide(joan, "patient_surveys", "email").allowed
    assert "Patient surveys: Email Yes" in result(visit)


def test_what_nobody_had_asked_goes_back_to_what_held(visit_by_code, joan):
    save(visit_by_code, phone_outreach__sms="yes", marketing_emails__email="no")

    undo(visit_by_code)

    assert not decide(joan, "phone_outreach", "sms").allowed
    assert decide(joan, "marketing_emails", "email").allowed


def test_only_what_was_saved_is_touched(visit_by_code, joan):
    people.chose(joan, ("patient_surveys", "sms", State.OUT))
    save(visit_by_code, appointment_reminders__sms="no")
    before = len(choices_of(joan))

    undo(visit_by_code)

    assert choices_of(joan)[before:] == [("appointment_reminders", "sms", "opted_in")]


def test_stopping_everything_is_taken_back(visit_by_code, joan):
    people.chose(joan, ("patient_surveys", "sms", State.OUT))
    save(visit_by_code, act="stop")

    undo(visit_by_code)

    assert decide(joan, "appointment_reminders", "email").allowed
    assert not decide(joan, "patient_surveys", "sms").allowed
    assert not decide(joan, "phone_outreach", "sms").allowed


def test_a_second_press_does_nothing(visit_by_code, joan):
    save(visit_by_code, appointment_reminders__sms="no")
    undo(visit_by_code)
    before = Change.objects.count()

    assert undo(visit_by_code).headers["Location"] == "/p/saved"
    assert Change.objects.count() == before


def test_what_was_said_elsewhere_since_then_stands(visit_by_code, joan):
    save(visit_by_code, appointment_reminders__sms="no")
    people.chose(joan, ("appointment_reminders", "sms", State.OUT))
    before = Change.objects.count()

    undo(visit_by_code)

    assert Change.objects.count() == before
    assert not decide(joan, "appointment_reminders", "sms").allowed


def test_a_yes_to_a_use_of_data_is_asked_twice_here_too(visit_by_code, joan):
    people.chose(joan, ("patient_surveys", "sms", State.IN))
    save(visit_by_code, sale_or_sharing__="yes")
    visit_by_code.post("/p/confirm", {"act": "yes"})
    save(visit_by_code, sale_or_sharing__="no")

    assert undo(visit_by_code).headers["Location"] == "/p/confirm"
    assert not decide(joan, "sale_or_sharing").allowed


def test_looking_undoes_nothing(visit_by_code, joan):
    save(visit_by_code, appointment_reminders__sms="no")

    assert visit_by_code.get("/p/undo").headers["Location"] == "/p/saved"
    assert not decide(joan, "appointment_reminders", "sms").allowed


def test_by_when_every_system_must_know_is_said_of_a_no_and_not_of_a_yes(visit_by_code, joan):
    people.chose(joan, ("patient_surveys", "sms", State.OUT))

    row(destination("mail", "Our email service"), joan)
    save(visit_by_code, marketing_emails__email="no")
    assert "All of them must know by " in result(visit_by_code)

    save(visit_by_code, patient_surveys__sms="yes")
    assert "must know by" not in result(visit_by_code)
