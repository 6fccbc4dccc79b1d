"""A yes to a use of data is asked once more; a no never is (DESIGN, R9)."""

import pytest

from preferences.models import Change
from preferences.selectors import decide
from preferences.terms import Reason
from tests.portal import people
from tests.portal.forms import fields, open_form, save, words


@pytest.fixture
def visit(visit_by_code):
    """A yes is said by somebody whom a code has reached."""
    return visit_by_code


def confirm(client, act: str = "yes"):
    return client.post("/p/confirm", {"act": act})


def test_a_no_takes_one_step(visit, joan):
    answer = save(visit, sale_or_sharing__="no")

    assert answer.headers["Location"] == "/p/saved"
    assert not decide(joan, "sale_or_sharing").allowed
    assert "Sale or sharing of my information No" in words(visit.get("/p/saved").text)


def test_a_yes_counts_only_when_it_is_confirmed(visit, joan):
    answer = save(visit, sale_or_sharing__="yes")

    assert answer.headers["Location"] == "/p/confirm"
    assert not decide(joan, "sale_or_sharing").allowed
    page = words(visit.get("/p/confirm").text)
    assert "Are you sure?" in page
    assert "Letting advertising companies use" in page

    assert confirm(visit).headers["Location"] == "/p/saved"
    assert decide(joan, "sale_or_sharing").allowed
    assert "Sale or sharing of my information Yes" in words(visit.get("/p/saved").text)


def test_all_else_on_the_page_is_saved_at_once(visit, joan):
    save(visit, sale_or_sharing__="yes", appointment_reminders__sms="no")

    assert not decide(joan, "appointment_reminders", "sms").allowed
    assert "Your other choices are saved." in visit.get("/p/confirm").text

    confirm(visit)
    page = words(visit.get("/p/saved").text)
    assert "Appointment reminders: Text message No" in page
    assert "Sale or sharing of my information Yes" in page


def test_thinking_better_of_it_leaves_all_as_it_was(visit, joan):
    before = Change.objects.count()
    save(visit, sensitive_data__="yes")

    confirm(visit, "no")

    assert Change.objects.count() == before
    assert "Nothing was changed" in visit.get("/p/saved").text


def test_the_question_is_asked_once(visit, joan):
    save(visit, sensitive_data__="yes")
    confirm(visit)
    before = Change.objects.count()

    confirm(visit)

    assert Change.objects.count() == before
    assert visit.get("/p/confirm").headers["Location"] == "/p/saved"


def test_a_page_of_another_tab_confirms_only_what_it_shows(visit, joan):
    save(visit, sale_or_sharing__="yes")
    first = fields(visit.get("/p/confirm").text)
    save(visit, sensitive_data__="yes")

    answer = visit.post("/p/confirm", {**first, "act": "yes"})

    assert answer.headers["Location"] == "/p/confirm"
    assert decide(joan, "sensitive_data").reason == Reason.DEFAULT
    assert "Use of my sensitive information" in words(visit.get("/p/confirm").text)


def test_nobody_can_confirm_what_they_were_not_asked(visit, joan):
    before = Change.objects.count()

    confirm(visit)

    assert Change.objects.count() == before


def test_looking_at_the_question_changes_nothing(visit, joan):
    save(visit, sensitive_data__="yes")
    before = Change.objects.count()

    visit.get("/p/confirm")
    visit.head("/p/confirm")

    assert Change.objects.count() == before
    assert not decide(joan, "sensitive_data").allowed


def test_a_no_said_elsewhere_meanwhile_stands_until_the_person_has_seen_it(visit, joan):
    save(visit, open_form(visit), sensitive_data__="yes")
    people.chose(joan, ("sensitive_data", "", people.OUT))

    answer = confirm(visit)

    assert answer.status_code == 409
    assert not decide(joan, "sensitive_data").allowed
