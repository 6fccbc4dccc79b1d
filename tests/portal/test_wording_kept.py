"""The wording that a person read, and how they said it, are kept with each choice."""

import json

import pytest

from preferences.keys import Wrapped
from preferences.ledger import read_evidence
from preferences.models import Change, DataKey, Notice
from preferences.selectors import decide
from tests.portal import people
from tests.portal.forms import open_form, save
from tests.portal.story import choices_of, shown_last


@pytest.fixture
def visit(visit_by_code):
    """A yes is said by somebody whom a code has reached."""
    return visit_by_code


def test_the_exact_wording_shown_is_kept_with_the_choice(visit, joan):
    save(visit, phone_outreach__sms="yes")

    notice = shown_last()
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

    shown = shown_last().body["categories"]
    assert "Something else" not in json.dumps(shown)
    assert choices_of(joan) == [("patient_surveys", "email", "opted_in")]


def test_a_yes_to_wording_that_nobody_can_name_is_asked_again_and_a_no_counts(visit, joan):
    form = {**open_form(visit), "form": "7-0000000000000000"}

    answer = save(visit, form, phone_outreach__sms="yes", patient_surveys__email="no")

    assert answer.status_code == 409
    assert choices_of(joan) == [("patient_surveys", "email", "opted_out")]
