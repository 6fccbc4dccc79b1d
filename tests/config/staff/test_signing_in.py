"""How often a password may be guessed, and how long somebody stays signed in."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-pass-phrase"
TOO_MANY = "Too many wrong passwords"
IDLE = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def nobody_guessed_yet(settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # a hundred of them, quickly
    cache.clear()


@pytest.fixture(autouse=True)
def ana(django_user_model, nobody_guessed_yet):
    return django_user_model.objects.create_superuser("ana", password=PASSWORD)


def signs_in(client, password, *, name="ana", place="198.51.100.7"):
    return client.post("/admin/login/", {"username": name, "password": password}, REMOTE_ADDR=place)


def guesses(client, times, **how):
    return [signs_in(client, f"guess {n}", **how) for n in range(times)]


def test_after_ten_wrong_passwords_even_the_right_one_must_wait(client):
    assert not any(TOO_MANY in each.text for each in guesses(client, 10))

    answer = signs_in(client, PASSWORD)

    assert TOO_MANY in answer.text
    assert "_auth_user_id" not in client.session


def test_who_wrote_the_name_in_capitals_is_guessing_at_the_same(client):
    guesses(client, 5)
    guesses(client, 5, name=" ANA ")

    assert TOO_MANY in signs_in(client, PASSWORD).text


def test_whoever_is_guessed_at_still_gets_in_from_elsewhere(client):
    guesses(client, 12)

    assert signs_in(client, PASSWORD, place="203.0.113.9").status_code == 302


def test_nobody_guesses_at_one_name_from_everywhere(client, monkeypatch):
    monkeypatch.setattr("config.staff.signing_in.FROM_ANYWHERE", 12)
    for n in range(12):
        guesses(client, 1, place=f"198.51.{n}.7")

    assert TOO_MANY in signs_in(client, PASSWORD, place="203.0.113.9").text


def test_nobody_guesses_at_all_names_from_one_network(client, monkeypatch):
    monkeypatch.setattr("config.staff.signing_in.FROM_ANYWHERE", 12)
    for n in range(12):
        guesses(client, 1, name=f"name-{n}")

    assert TOO_MANY in signs_in(client, PASSWORD).text


def test_right_passwords_are_no_guesses(client):
    for _ in range(15):
        assert signs_in(client, PASSWORD).status_code == 302
    guesses(client, 9)

    assert signs_in(client, PASSWORD).status_code == 302


def test_staff_sign_in_where_redis_does_not_answer(client, redis_down):
    assert signs_in(client, PASSWORD).status_code == 302


def left(client):
    ends = Session.objects.get(pk=client.session.session_key).expire_date
    return ends - timezone.now()


@pytest.fixture
def at_work(client, ana):
    """Ana, who signed in ten minutes ago."""
    client.force_login(ana)
    ten_minutes_ago = timezone.now() - timedelta(minutes=10)
    type(ana).objects.update(last_login=ten_minutes_ago)
    Session.objects.update(expire_date=ten_minutes_ago + IDLE)
    return client


def test_whoever_is_at_work_stays_signed_in(at_work):
    at_work.get("/admin/people/")

    assert left(at_work) > timedelta(minutes=14)


def test_what_a_page_fetches_by_itself_lengthens_nothing(at_work):
    at_work.get("/admin/people/", headers={"Sec-Fetch-Mode": "cors"})

    assert left(at_work) < timedelta(minutes=6)


def test_the_session_is_written_once_a_minute_and_not_with_every_page(at_work):
    at_work.get("/admin/people/")
    before = left(at_work)

    at_work.get("/admin/people/")

    assert left(at_work) < before
