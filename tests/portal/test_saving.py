"""Saving: only what the person changed, against what they were shown."""

import pytest
from django.test import Client

from portal.links import link_for
from preferences.models import Change, Holding
from preferences.selectors import decide
from tests.portal import people
from tests.portal.forms import open_form, save
from tests.portal.story import choices_of, result


def test_only_what_was_changed_is_recorded(visit, joan):
    people.chose(joan, ("care_follow_ups", "sms", people.IN))

    answer = save(visit, appointment_reminders__sms="no")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/p/saved"
    assert choices_of(joan)[1:] == [("appointment_reminders", "sms", "opted_out")]
    assert not decide(joan, "appointment_reminders", "sms").allowed
    assert decide(joan, "appointment_reminders", "email").allowed


def test_a_no_to_what_was_never_sent_anyway_is_recorded_too(visit, joan):
    save(visit, phone_outreach__phone="no")

    assert choices_of(joan) == [("phone_outreach", "phone", "opted_out")]


def test_the_result_says_what_was_changed_with_a_receipt(visit_by_code, joan):
    visit = visit_by_code
    save(visit, appointment_reminders__sms="no", patient_surveys__email="yes")

    page = result(visit)

    assert "Your choices are saved" in page
    assert "Appointment reminders: Text message No" in page
    assert "Patient surveys: Email Yes" in page
    assert bytes(Change.objects.latest("id").hash).hex()[:4].upper() in page


def test_saving_with_nothing_changed_says_so_and_records_nothing(visit, joan):
    people.chose(joan, ("care_follow_ups", "sms", people.IN))

    save(visit)

    assert "Nothing was changed" in result(visit)
    assert len(choices_of(joan)) == 1


def test_a_second_click_does_not_hide_the_first_result(visit, joan):
    form = open_form(visit)

    save(visit, form, appointment_reminders__sms="no")
    save(visit, form, appointment_reminders__sms="no")

    assert len(choices_of(joan)) == 1
    assert "Your choices are saved" in result(visit)


def test_saving_verifies_the_address_that_the_link_was_sent_to(visit, joan):
    save(visit, patient_surveys__sms="no")

    verified = Holding.objects.filter(profile=joan, verified_how="link")
    assert [each.identifier.kind for each in verified] == ["email"]


def test_a_form_without_its_token_is_refused(joan):
    strict = Client(enforce_csrf_checks=True)
    strict.get(link_for(joan))

    assert strict.post("/p", {"act": "stop"}).status_code == 403
    assert not choices_of(joan)


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"shown": "nonsense", "form": "nonsense"},
        {"shown": "a.b=opted_in@" + "9" * 40, "form": "99999999999-x"},
        {"choice.nothing.email": "opted_in"},
        {"choice.marketing_emails.fax": "opted_out"},
        {"choice.": "opted_out", "choice.*.*": "opted_in"},
        {"choice.marketing_emails.email": "perhaps"},
    ],
)
def test_a_broken_form_changes_nothing_and_breaks_nothing(visit, joan, broken):
    answer = visit.post("/p", {**broken, "act": "save"})

    assert answer.status_code in (303, 409)
    assert not choices_of(joan)


def test_required_messages_can_not_be_turned_off_by_a_forged_form(visit, joan):
    people.publish_required_category()

    save(visit, service_notices__email="no")

    assert not choices_of(joan)


def test_saving_takes_a_fixed_number_of_queries(visit, django_assert_num_queries):
    save(visit, patient_surveys__sms="no")
    form = open_form(visit)

    with django_assert_num_queries(16):
        save(
            visit,
            form,
            patient_surveys__email="no",
            appointment_reminders__sms="no",
            care_follow_ups__mail="no",
        )
