"""Opening a link: any number of times, by people and by scanners, changing nothing."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from portal.links import link_for
from portal.terms import Purpose
from preferences.models import Change, Holding, Outbox, Profile
from tests.portal import people

pytestmark = pytest.mark.django_db


def ledger() -> tuple[int, int, int]:
    verified = Holding.objects.filter(verified_at__isnull=False).count()
    return Change.objects.count(), Outbox.objects.count(), verified


def test_the_link_leaves_the_url_at_once(client, joan):
    answer = client.get(link_for(joan))

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/p"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_slash_that_a_mail_program_adds_is_no_obstacle(client, joan):
    answer = client.get(f"{link_for(joan)}/")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/p")


@pytest.mark.parametrize(
    "along", [".", ",", ")", ">", "%20", "”", "%0A", "=", "*", "。", "،", "…", "\u200f", "\xa0"]
)
def test_what_a_sentence_leaves_on_a_copied_link_is_no_obstacle(client, joan, along):
    assert client.get(f"{link_for(joan)}{along}").headers["Location"] == "/p"
    assert client.get(f"{link_for(joan, purpose=Purpose.UNSUBSCRIBE)}{along}").status_code == 200


def test_looking_changes_nothing_however_often_and_however_it_is_done(client, joan):
    link, before = link_for(joan, address_id=people.address("email", people.EMAIL)), ledger()

    for _ in range(3):
        client.get(link)
        client.head(link)
        client.get("/p")
        client.head("/p")

    assert ledger() == before


def test_a_scanner_that_asks_with_head_gets_no_session(client, joan):
    answer = client.head(link_for(joan))

    assert answer.status_code == 303
    assert not Session.objects.exists()


@pytest.mark.parametrize("path", ["/p", "/p/saved", "/p/status", "/p/confirm", "/p/garbage"])
def test_pages_are_kept_nowhere_and_found_by_nobody(visit, path):
    answer = visit.get(path)

    assert "no-store" in answer.headers["Cache-Control"]
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Referrer-Policy"] in ("no-referrer", "same-origin")


def test_a_link_that_was_tampered_with_is_met_in_plain_words(client, joan):
    answer = client.get(link_for(joan)[:-1] + "_")

    assert answer.status_code == 404
    assert "We don’t know this link" in answer.text
    assert "Open the newest message from us" in answer.text


def test_a_link_that_is_too_old_says_so(client, joan, settings):
    link = link_for(joan)

    settings.HEED_LINK_DAYS = 0
    answer = client.get(link)

    assert answer.status_code == 410
    assert "This link is too old" in answer.text


def test_a_link_that_was_revoked_says_so(client, joan):
    link = link_for(joan)
    Profile.objects.filter(pk=joan).update(link_epoch=1)

    answer = client.get(link)

    assert answer.status_code == 410
    assert "no longer works" in answer.text


def test_revoking_closes_pages_that_are_open(visit, joan):
    Profile.objects.filter(pk=joan).update(link_epoch=1)

    assert visit.get("/p").status_code == 403
    assert visit.post("/p", {"act": "stop"}).status_code == 403
    assert not Change.objects.filter(notice__isnull=False).exists()


def test_without_a_link_the_page_says_what_to_do(client):
    answer = client.get("/p")

    assert answer.status_code == 403
    assert "open its link once more" in answer.text


def test_a_visit_ends_after_fifteen_idle_minutes_and_lasts_while_it_is_used(visit):
    [session] = Session.objects.all()
    assert session.expire_date - timezone.now() <= timedelta(minutes=15)

    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=1))
    visit.get("/p")
    assert Session.objects.get().expire_date > timezone.now() + timedelta(minutes=14)

    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert visit.get("/p").status_code == 403


def test_following_the_telling_does_not_keep_a_visit_open(visit):
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=1))

    visit.get("/p/status")
    visit.get("/p/saved")

    assert Session.objects.get().expire_date < timezone.now() + timedelta(minutes=2)


def test_a_second_link_opens_a_new_session_for_the_second_person_only(visit):
    first = visit.session.session_key
    other = people.person(email="mary@example.net", phone="")

    visit.get(link_for(other, address_id=people.address("email", "mary@example.net")))

    assert visit.session.session_key != first
    page = visit.get("/p").text
    assert "m•••@e•••.net" in page
    assert "j•••@e•••.org" not in page


def test_a_link_never_rides_on_the_login_of_staff(client, joan):
    client.force_login(User.objects.create_superuser("nurse"))

    client.get(link_for(joan))

    assert "_auth_user_id" not in client.session
    assert client.get("/admin/").status_code == 302


def test_opening_a_link_takes_a_fixed_number_of_queries(client, joan, django_assert_num_queries):
    link = link_for(joan)

    # the person, and their language; then the new session: its key, and its row in a savepoint
    with django_assert_num_queries(7):
        client.get(link)


def test_the_link_opened_again_in_a_second_tab_leaves_the_first_one_usable(joan):
    browser = Client(enforce_csrf_checks=True)
    browser.get(link_for(joan))
    first_tab = browser.get("/p")
    token = first_tab.context["csrf_token"]

    browser.get(link_for(joan))

    assert browser.post("/p", {"csrfmiddlewaretoken": str(token)}).status_code != 403
