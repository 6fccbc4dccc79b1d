"""What partners put into a message: a link to choose, a link to stop, and the headers for mail programs."""

import pytest
from django.test import Client

from preferences.models import ViewLog
from preferences.terms import Scope
from tests.portal.people import publish_required_category
from tests.preferences.api.partner import Partner, problem

EMAIL, PHONE = "pat@example.org", "+12025550143"


@pytest.fixture
def pat(partner):
    traits = {"email": EMAIL, "phone": PHONE}
    return partner.identify({"userId": "u1", "traits": traits})["profile"]


def ask(partner, profile, **body):
    return partner.post(f"/v1/profiles/{profile}/links", body)


def made(partner, profile, **body):
    answer = ask(partner, profile, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def path_of(url, settings):
    assert url.startswith(settings.PUBLIC_URL + "/")
    return url.removeprefix(settings.PUBLIC_URL)


def test_both_links_work_as_they_come(partner, pat, settings):
    links = made(partner, pat, category="patient_surveys", to={"email": EMAIL})
    page = Client().get(path_of(links["preference_url"], settings), follow=True)
    Client().post(path_of(links["unsubscribe_url"], settings), {"List-Unsubscribe": "One-Click"})

    assert page.status_code == 200
    assert "p•••@e•••.org" in page.text
    assert not partner.decide("patient_surveys", "email", profile=pat)["allowed"]
    assert partner.decide("patient_surveys", "sms", profile=pat)["allowed"]


def test_the_headers_are_those_of_rfc_8058(partner, pat):
    links = made(partner, pat, category="marketing_emails")

    assert links["headers"] == {
        "List-Unsubscribe": f"<{links['unsubscribe_url']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert links["preference_url_until"]


def test_without_a_category_it_is_about_all_messages(partner, pat, settings):
    links = made(partner, pat)
    Client().post(path_of(links["unsubscribe_url"], settings))

    assert not partner.decide("marketing_emails", "email", profile=pat)["allowed"]
    assert not partner.decide("care_follow_ups", "email", profile=pat)["allowed"]


def test_a_text_gets_links_and_no_mail_headers(partner, pat):
    links = made(partner, pat, category="patient_surveys", to={"phone": "(202) 555-0143"})

    assert links["unsubscribe_url"]
    assert links["headers"] == {}


def test_no_link_promises_to_stop_what_must_be_sent(partner, pat):
    publish_required_category()
    links = made(partner, pat, category="service_notices")

    assert links["preference_url"]
    assert (links["unsubscribe_url"], links["headers"]) == (None, {})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"category": "newsletter"}, "unknown_category"),
        ({"category": "sale_or_sharing"}, "malformed"),
        ({"category": 5}, "malformed"),
        ({"categorie": "marketing_emails"}, "malformed"),
        ({"category": "a\x00b"}, "malformed"),
        ({"to": "pat@example.org"}, "malformed"),
        ({"to": {}}, "malformed"),
        ({"to": {"email": EMAIL, "phone": PHONE}}, "malformed"),
        ({"to": {"email": "somebody.else@example.org"}}, "malformed"),
    ],
)
def test_what_cannot_be_linked(partner, pat, body, code):
    assert problem(ask(partner, pat, **body)) == (400, code)


def test_a_member_that_there_is_not_is_named_and_what_there_is(partner, pat):
    answer = ask(partner, pat, categorie="marketing_emails").json()

    assert answer["type"] == "urn:heed:problem:malformed"
    assert answer["key"] == "categorie"
    assert "category, to" in answer["detail"]


def test_an_address_they_no_longer_have_gets_no_link(partner, pat):
    partner.identify({"userId": "u1", "traits": {"email": "new@example.org"}})

    assert problem(ask(partner, pat, to={"email": EMAIL})) == (400, "malformed")
    assert ask(partner, pat, to={"email": "new@example.org"}).status_code == 200


def test_it_needs_its_scope_and_is_logged(partner, pat):
    assert problem(ask(Partner(Scope.READ_PREFERENCES), pat)) == (403, "forbidden")

    made(Partner(Scope.WRITE_LINKS), pat)
    assert ViewLog.objects.get().page == "POST /v1/profiles/{id}/links"


def test_no_address_is_in_a_link(partner, pat):
    text = ask(partner, pat, to={"email": EMAIL}).text

    assert "pat@" not in text


def test_it_takes_so_many_queries(partner, pat, django_assert_num_queries):
    with django_assert_num_queries(9):
        made(partner, pat, category="marketing_emails", to={"email": EMAIL})
