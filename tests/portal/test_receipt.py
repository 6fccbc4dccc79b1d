"""A receipt to keep: of what was just saved, and of anything in one's own history."""

from hashlib import sha256

import pytest
import rfc8785

from preferences.models import Category, Change
from preferences.terms import State
from tests.portal import codes, people
from tests.portal.forms import save, words
from tests.portal.test_telling import destination, row
from tests.preferences.saying import publish


def receipt(client, of=""):
    return words(client.get(f"/p/receipt{of}").text)


def test_a_link_alone_gets_that_of_what_was_just_saved(visit, joan):
    row(destination("mail", "Our email service"), joan)
    save(visit, marketing_emails__email="no")
    code = bytes(Change.objects.latest("id").hash).hex()[:4].upper()

    text = receipt(visit)
    assert "Marketing emails: Email No You, on this page" in text
    assert "All of them must know by " in text
    assert "Our email service" in text
    assert f"Reference {code}-" in text
    assert "News about our services, classes and health events." in text
    assert "preference_page.en, number 1" in text


def test_a_reference_reads_the_same_in_every_direction_of_writing(visit_by_code, joan):
    """Read from right to left, 3920-BAA9 would be BAA9-3920 (UAX 9)."""
    save(visit_by_code, marketing_emails__email="no")
    code = bytes(Change.objects.latest("id").hash).hex()[:4].upper()

    for page in ("/p/saved", "/p/receipt", "/p/history"):
        assert f'<bdi dir="ltr">{code}-' in visit_by_code.get(page).text


def test_what_was_read_in_english_is_marked_so_on_a_page_in_spanish(visit):
    save(visit, marketing_emails__email="no")

    assert '<li lang="en"><b><bdi>Marketing emails' in visit.get("/p/receipt?language=es").text


def test_a_kind_that_nobody_translated_is_marked_as_english(visit, joan):
    surveys = Category.objects.get(key="patient_surveys").body
    publish("patient_surveys", texts={"en": surveys["texts"]["en"]})
    visit.get("/p?language=es")
    save(visit, patient_surveys__email="no", marketing_emails__email="no")

    text = visit.get("/p/receipt").text
    assert '<li lang="en"><b><bdi>Patient surveys' in text
    assert "<li><b><bdi>Correos" in text


def test_a_link_alone_gets_no_other(visit, joan):
    people.chose(joan, ("patient_surveys", "email", State.OUT))
    earlier = Change.objects.latest("id").pk

    for page in ("/p/receipt", "/p/receipt.json"):
        assert visit.get(f"{page}?of={earlier}").headers["Location"] == "/p/code"
    codes.step_up(visit)
    assert "Patient surveys: Email No" in receipt(visit, f"?of={earlier}")


def test_nobody_gets_somebody_elses(visit_by_code, joan):
    other = people.person(email="kim@example.org", phone="")
    people.chose(other, ("patient_surveys", "email", State.OUT))

    answer = visit_by_code.get(f"/p/receipt.json?of={Change.objects.latest('id').pk}")
    assert answer.headers["Location"] == "/p"


def test_without_anything_saved_there_is_none(visit):
    assert visit.get("/p/receipt").headers["Location"] == "/p"


@pytest.mark.parametrize("page", ["/p/receipt", "/p/receipt.json"])
def test_nobody_without_a_visit_gets_one(client, db, page):
    assert client.get(page).status_code == 403


def test_as_a_file_it_can_be_checked_against_the_ledger(visit, joan):
    row(destination("mail", "Our email service"), joan)
    save(visit, marketing_emails__email="no")
    change = Change.objects.latest("id")

    answer = visit.get("/p/receipt.json")

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="receipt-')
    body = answer.json()
    [kept] = body["changes"]
    assert body["format"] == "heed.receipt/1"
    assert (kept["id"], kept["hash"]) == (change.pk, bytes(change.hash).hex())
    assert kept["choices"] == [
        {"category": "marketing_emails", "channel": "email", "state": "opted_out", "counts": True}
    ]
    assert sha256(rfc8785.dumps(kept["notice"]["text"])).hexdigest() == kept["notice"]["sha256"]
    assert body["systems"] == [{"name": "Our email service", "state": "waiting"}]
    assert body["must_know_by"]


def test_a_file_says_names_as_they_are_written(visit):
    body = people.body_of("patient_surveys")
    body["texts"]["en"]["name"] = "Tests & <surveys>"
    people.publish_category(body)

    save(visit, patient_surveys__email="no")

    [kept] = visit.get("/p/receipt.json").json()["changes"]
    assert kept["in_words"] == ["Tests & <surveys>: Email: No"]


def test_it_says_no_more_than_the_person_may_see(visit_by_code):
    save(visit_by_code, phone_outreach__sms="yes")

    for page in ("/p/receipt", "/p/receipt.json"):
        text = visit_by_code.get(page).text
        assert people.EMAIL not in text
        assert "2025550143" not in text
        assert "127.0.0.0/24" not in text


def test_what_was_undone_says_so(visit_by_code):
    save(visit_by_code, appointment_reminders__sms="no")
    visit_by_code.post("/p/undo", {"act": "undo"})

    assert "Appointment reminders: Text message No Taken back on " in receipt(visit_by_code)
    assert visit_by_code.get("/p/receipt.json").json()["changes"][0]["taken_back_at"]
    assert "must know by" not in receipt(visit_by_code)


def test_a_save_in_two_steps_is_one_receipt(visit_by_code):
    save(visit_by_code, patient_surveys__sms="no", sale_or_sharing__="yes")
    visit_by_code.post("/p/confirm", {"act": "yes"})

    text = receipt(visit_by_code)
    assert "Patient surveys: Text message No" in text
    assert "Sale or sharing of my information Yes" in text


def test_both_are_offered_after_saving(visit):
    save(visit, marketing_emails__email="no")

    page = visit.get("/p/saved").text
    assert 'href="/p/receipt"' in page
    assert 'href="/p/receipt.json"' in page


def test_it_takes_a_fixed_number_of_queries(visit, joan, django_assert_num_queries):
    for number in range(5):
        row(destination(f"system-{number}", f"System {number}"), joan)
    save(visit, act="stop")

    with django_assert_num_queries(23):
        visit.get("/p/receipt")
