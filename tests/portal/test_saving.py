"""Saving: only what the person changed, against what they were shown, with the wording they read."""

import json

import pytest
from django.test import Client

from portal.links import link_for
from preferences.catalogue import catalogue
from preferences.keys import Wrapped
from preferences.ledger import read_evidence
from preferences.models import Change, DataKey, Holding, Notice
from preferences.selectors import decide
from tests.portal import people
from tests.portal.forms import open_form, save, words


def choices_of(profile_id) -> list[tuple[str, str, str]]:
    """Everything that the page wrote about a person, in order."""
    entries = [
        entry
        for change in Change.objects.filter(subject_id=profile_id, source__slug="preference_page")
        for entry in json.loads(change.entries)
    ]
    return [
        (entry["category"], entry["channel"], entry["state"]) for entry in entries if entry["do"] == "choice"
    ]


def result(client) -> str:
    return words(client.get("/p/saved").text)


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


def test_the_result_says_what_was_changed_with_a_receipt(visit, joan):
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


# --- what was shown ---


def test_the_exact_wording_shown_is_kept_with_the_choice(visit, joan):
    save(visit, phone_outreach__sms="yes")

    change = Change.objects.latest("id")
    notice = Notice.objects.get(pk=change.notice_id)
    assert notice.key == "preference_page.en"
    assert "you agree that Riverside Health may call or text" in notice.body["page"]["consent"]
    names = [each["name"] for each in notice.body["categories"]]
    assert names[:2] == ["Marketing emails", "Appointment reminders"]
    assert decide(joan, "phone_outreach", "sms").allowed


def test_the_same_wording_is_one_notice(visit):
    save(visit, phone_outreach__sms="yes")
    save(visit, phone_outreach__sms="no")

    assert Notice.objects.count() == 1


def test_the_evidence_says_how_it_was_said_and_no_more(visit, joan):
    form = open_form(visit)
    visit.post(
        "/p",
        {**form, "choice.phone_outreach.sms": "opted_in", "act": "save"},
        headers={"User-Agent": "Mozilla/5.0 (X11) Gecko/20100101 Firefox/140.0"},
        REMOTE_ADDR="203.0.113.77",
    )

    change = Change.objects.latest("id")
    key = DataKey.objects.get(owner=joan, use="evidence")
    wrapped = Wrapped(key.key_id, bytes(key.nonce), bytes(key.wrapped))
    evidence = read_evidence(bytes(change.evidence or b""), joan, wrapped)
    assert evidence == {
        "page": "/p",
        "browser": "Firefox",
        "network": "203.0.113.0/24",
        "language": "en",
        "form": form["form"],
        "numbers": [str(people.address("phone", people.PHONE))],
    }


def test_a_choice_made_on_an_older_wording_names_that_wording(visit, joan):
    form = open_form(visit)
    body = people.body_of("patient_surveys")
    body["texts"]["en"]["description"] = "Something else than before."
    people.publish_category(body)

    save(visit, form, patient_surveys__email="yes")

    shown = Notice.objects.get(pk=Change.objects.latest("id").notice_id).body["categories"]
    assert "Something else" not in json.dumps(shown)
    assert choices_of(joan) == [("patient_surveys", "email", "opted_in")]


def test_a_yes_to_wording_that_nobody_can_name_is_asked_again_and_a_no_counts(visit, joan):
    form = {**open_form(visit), "form": "7-0000000000000000"}

    answer = save(visit, form, phone_outreach__sms="yes", patient_surveys__email="no")

    assert answer.status_code == 409
    assert choices_of(joan) == [("patient_surveys", "email", "opted_out")]


# --- stale pages ---


def test_a_stale_page_leaves_alone_what_its_reader_did_not_touch(visit, joan):
    form = open_form(visit)
    people.chose(joan, ("appointment_reminders", "sms", people.OUT))

    save(visit, form, patient_surveys__email="no")

    assert not decide(joan, "appointment_reminders", "sms").allowed


def test_a_yes_on_a_stale_page_never_goes_over_a_newer_no(visit, joan):
    form = open_form(visit)
    people.chose(joan, ("appointment_reminders", "sms", people.OUT))

    answer = save(visit, form, appointment_reminders__sms="yes", patient_surveys__email="no")

    page = words(answer.text)
    assert answer.status_code == 409
    assert "Please look again" in page
    assert "We saved your other choices." in page
    assert "Text message: You chose yes, and we did not save it" in page
    assert "Text message: You said no on" in page
    assert not decide(joan, "appointment_reminders", "sms").allowed
    assert ("patient_surveys", "email", "opted_out") in choices_of(joan)


def test_asked_again_the_person_may_still_say_yes(visit, joan):
    form = open_form(visit)
    people.chose(joan, ("appointment_reminders", "sms", people.OUT))
    save(visit, form, appointment_reminders__sms="yes")

    save(visit, appointment_reminders__sms="yes")

    assert decide(joan, "appointment_reminders", "sms").allowed


def test_a_no_counts_from_however_old_a_page(visit, joan):
    form = open_form(visit)
    people.chose(joan, ("appointment_reminders", "sms", people.IN))

    save(visit, form, appointment_reminders__sms="no")

    assert not decide(joan, "appointment_reminders", "sms").allowed


def test_the_links_of_the_summary_lead_to_the_fields(visit, joan):
    form = open_form(visit)
    people.chose(joan, ("appointment_reminders", "sms", people.OUT))

    page = save(visit, form, appointment_reminders__sms="yes").text

    assert 'href="#appointment_reminders-sms-yes"' in page
    assert 'id="appointment_reminders-sms-yes"' in page


# --- stop everything ---


def test_one_button_stops_everything_that_can_be_stopped(visit, joan):
    people.publish_required_category()
    people.chose(joan, ("phone_outreach", "sms", people.IN))

    save(visit, act="stop")

    assert choices_of(joan)[-1] == ("*", "*", "opted_out")
    for category, channel in catalogue().grid:
        allowed = decide(joan, category.slug, channel).allowed
        assert allowed == category.required or category.is_data_use
    page = result(visit)
    assert "We will stop" in page
    assert "What still comes Bills and legal letters Email, Letter The law asks us" in page


def test_stopping_covers_what_is_added_later(visit, joan):
    save(visit, act="stop")
    people.publish_category(people.body_of("patient_surveys") | {"slug": "newsletters", "order": 90})

    assert not decide(joan, "newsletters", "email").allowed


def test_stopping_forgets_a_yes_in_the_same_form_and_keeps_a_no_to_uses_of_data(visit, joan):
    save(visit, act="stop", patient_surveys__email="yes", sale_or_sharing__="no")

    assert set(choices_of(joan)) == {("*", "*", "opted_out"), ("sale_or_sharing", "", "opted_out")}


def test_with_nothing_required_the_result_says_that_nothing_comes(visit):
    save(visit, act="stop")

    assert "What still comes None of the messages on our list." in result(visit)


# --- forged and broken forms ---


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

    with django_assert_num_queries(20):
        save(
            visit,
            form,
            patient_surveys__email="no",
            appointment_reminders__sms="no",
            care_follow_ups__mail="no",
        )
