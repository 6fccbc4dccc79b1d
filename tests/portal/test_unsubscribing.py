"""One-click unsubscribe, as mail programs press it (RFC 8058), and the page for people."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from portal.links import Link, link_for, sign
from portal.terms import Purpose
from preferences import identity, selectors
from preferences.models import Change, Identifier, Profile
from preferences.terms import IdentifierKind
from tests.portal import people
from tests.portal.forms import words
from tests.portal.people import EMAIL, IN, OUT, PHONE

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def stop_link(who, category="marketing_emails", address=None):
    address_id = people.address(*address) if address else None
    return link_for(who, category, address_id, purpose=Purpose.UNSUBSCRIBE)


def press(link, **how):
    """A mail program: no cookies, nothing but the body that the RFC asks for."""
    return Client(enforce_csrf_checks=True).post(link, how.pop("body", ONE_CLICK), **how)


def allowed(who, category, channel):
    return selectors.decide(who, category, channel).allowed


def changes_of(who):
    return Change.objects.filter(subject_id=who)


def test_a_press_stops_the_emails_at_once_and_nothing_else(joan):
    answer = press(stop_link(joan, "appointment_reminders"))

    assert answer.status_code == 200
    assert not allowed(joan, "appointment_reminders", "email")
    assert allowed(joan, "appointment_reminders", "sms")
    assert allowed(joan, "marketing_emails", "email")


def test_a_press_needs_no_cookie_and_leaves_none(joan):
    answer = press(stop_link(joan))

    assert answer.cookies == {}
    assert (answer.status_code, answer.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert "noindex" in answer.headers["X-Robots-Tag"]


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize(
    "how",
    [
        {},  # multipart/form-data, as Django's client sends it
        {"body": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"},
        {"body": b"", "content_type": "text/plain"},
        {"body": b"\xff" * 100, "content_type": "multipart/form-data; boundary=x"},
        {"headers": {"origin": "https://elsewhere.example"}},
        {"headers": {"origin": "null"}},
    ],
)
def test_whatever_is_posted_counts_and_is_not_redirected(joan, settings, end, how):
    settings.SECURE_SSL_REDIRECT = True

    assert press(stop_link(joan) + end, **how).status_code == 200
    assert not allowed(joan, "marketing_emails", "email")


def test_a_second_press_is_answered_alike_and_writes_nothing(joan):
    link = stop_link(joan)
    first, count = press(link).text, changes_of(joan).count()

    assert press(link).text == first
    assert changes_of(joan).count() == count


def test_a_press_after_a_yes_counts_again(joan):
    link = stop_link(joan)
    press(link)
    people.chose(joan, ("marketing_emails", "email", IN))
    assert allowed(joan, "marketing_emails", "email")

    press(link)

    assert not allowed(joan, "marketing_emails", "email")


def test_it_is_the_persons_own_word_and_says_how_it_came(joan):
    press(stop_link(joan), headers={"user-agent": "Mozilla/5.0 Firefox/128.0"})

    change = changes_of(joan).latest("id")
    assert change.source.slug == "preference_page"
    assert '"by":"person"' in change.entries
    assert '"how":"one_click"' in change.entries
    assert change.evidence


@pytest.mark.parametrize("category", ["*", "marketing_emails"])
def test_looking_changes_nothing_however_often(joan, category):
    link = stop_link(joan, category)
    count = Change.objects.count()
    for method in ("get", "head"):
        answer = getattr(Client(), method)(link)
        assert (answer.status_code, answer.cookies) == (200, {})

    assert Change.objects.count() == count
    assert allowed(joan, "marketing_emails", "email")


@pytest.mark.parametrize("method", ["put", "delete", "options", "patch"])
def test_no_other_method_does_anything(joan, method):
    assert getattr(Client(), method)(stop_link(joan)).status_code == 405


def test_the_page_names_what_stops_and_has_one_button(joan):
    html = Client().get(stop_link(joan)).text

    assert "Marketing emails" in words(html)
    assert html.count("<button") == html.count("<form") == 1
    assert 'value="One-Click"' in html
    assert "csrf" not in html


def test_a_link_for_all_stops_all_emails_now_and_later(joan):
    link = stop_link(joan, "*")
    people.chose(joan, ("patient_surveys", "email", IN))
    press(link)
    count = changes_of(joan).count()
    press(link)
    people.publish_category(people.body_of("phone_outreach") | {"slug": "newsletter", "offers": OFFERS})

    assert changes_of(joan).count() == count
    for category in ("marketing_emails", "patient_surveys", "newsletter"):
        assert not allowed(joan, category, "email")
    assert allowed(joan, "patient_surveys", "sms")
    assert set(selectors.people([joan])[joan].choices) == {"patient_surveys:email", "*:email"}


OFFERS = [{"channel": "email", "default": True, "elsewhere": {}, "needs": "any", "removed": False}]


def test_a_link_in_a_text_stops_texts(joan):
    press(stop_link(joan, "patient_surveys", (IdentifierKind.PHONE, PHONE)))

    assert not allowed(joan, "patient_surveys", "sms")
    assert allowed(joan, "patient_surveys", "email")


def test_where_a_category_has_no_email_every_way_of_it_stops(joan):
    people.chose(joan, ("phone_outreach", "phone", IN))

    press(stop_link(joan, "phone_outreach"))

    assert selectors.people([joan])[joan].choices["phone_outreach:*"][0] == 0


def test_it_never_gets_too_old_and_revoking_does_not_end_it(joan):
    old = Link(Purpose.UNSUBSCRIBE, joan, 0, timezone.now() - timedelta(days=20_000 // 4), "marketing_emails")
    Profile.objects.filter(pk=joan).update(link_epoch=7)

    assert press(f"/u/{sign(old)}").status_code == 200
    assert not allowed(joan, "marketing_emails", "email")


def test_a_link_of_somebody_merged_stops_it_for_who_they_are_now(joan):
    link = stop_link(joan)
    survivor = identity.make_profile(timezone.now())
    Profile.objects.filter(pk=joan).update(merged_into=survivor)

    assert press(link).status_code == 200
    assert not allowed(survivor, "marketing_emails", "email")


def test_where_the_person_was_forgotten_the_address_is_left_alone(joan):
    link = stop_link(joan, address=(IdentifierKind.EMAIL, EMAIL))
    Profile.objects.filter(pk=joan).update(erased_at=timezone.now())

    assert press(link).status_code == 200
    held = Identifier.objects.get(kind="email")
    assert (press(link).status_code, held.seq) == (200, Identifier.objects.get(kind="email").seq)

    [decision] = selectors.decide_many(
        "marketing_emails", "email", [selectors.Question(named=identity.named(IdentifierKind.EMAIL, EMAIL))]
    )
    assert (decision.allowed, decision.reason) == (False, "restriction")


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_no_link_of_ours_is_met_kindly(joan, method):
    view = link_for(joan).replace("/p/", "/u/")
    for path in ("/u/cut-off", view):
        answer = getattr(Client(), method)(path)
        assert answer.status_code == 404
        assert "We don’t know this link" in answer.text
    assert not changes_of(joan).filter(source__slug="preference_page").exists()


def test_a_press_for_nobody_at_no_address_says_that_the_link_no_longer_works(db):
    nobody = Link(Purpose.UNSUBSCRIBE, uuid4(), 0, timezone.now(), "*")

    assert press(f"/u/{sign(nobody)}").status_code == 410


def test_what_became_required_meanwhile_says_so(joan):
    link = stop_link(joan, "patient_surveys")
    body = people.body_of("patient_surveys")
    for texts in body["texts"].values():
        texts["required_reason"] = "The law asks us to."
    people.publish_category(body | {"required": True})

    answer = press(link)

    assert "We still have to send you these: The law asks us to." in words(answer.text)
    assert '"opted_out"' in changes_of(joan).latest("id").entries


def test_a_press_takes_so_many_queries(joan, django_assert_num_queries):
    link = stop_link(joan, address=(IdentifierKind.EMAIL, EMAIL))
    with django_assert_num_queries(17):
        press(link)


def test_the_result_says_what_people_chose_before_is_kept(joan):
    people.chose(joan, ("patient_surveys", "sms", OUT))
    press(stop_link(joan, "patient_surveys"))

    choices = selectors.people([joan])[joan].choices
    assert set(choices) == {"patient_surveys:sms", "patient_surveys:email"}


def test_the_page_tells_nobody_which_language_the_person_reads(joan):
    Profile.objects.filter(pk=joan).update(language="es")
    anybody, link = Client(), stop_link(joan)

    assert anybody.get(link).headers["Content-Language"] == "en"
    assert anybody.get(f"{link}?language=es").headers["Content-Language"] == "es"
    assert anybody.post(link, ONE_CLICK).headers["Content-Language"] == "es"  # the switch holds
