"""What browsers, caches and search engines are told by every page of patients, in the production profile."""

import os
import re
import runpy
from typing import NamedTuple
from unittest.mock import patch

import pytest
from django.conf import settings as ours
from django.test import Client

from portal.links import link_for
from portal.terms import Purpose
from portal.urls import urlpatterns
from tests.production_profile import environment


class Header(NamedTuple):
    name: str
    says: str
    against: str


EVERYWHERE = [
    Header(
        "Strict-Transport-Security",
        r"max-age=31536000; includeSubDomains; preload",
        "reading along on the way",
    ),
    Header("X-Content-Type-Options", r"nosniff", "a file that is run as what it does not say it is"),
    Header("X-Frame-Options", r"DENY", "clicks stolen by a page laid over ours, in old browsers"),
    Header("Referrer-Policy", r"no-referrer|same-origin", "telling other sites where somebody was"),
    Header("Permissions-Policy", r".*camera=\(\).*geolocation=\(\).*", "a page that asks where somebody is"),
    Header("Cross-Origin-Opener-Policy", r"same-origin", "the site that opened ours holding its window"),
    Header("Cross-Origin-Resource-Policy", r"same-origin", "other sites loading a page to measure it"),
    Header("Cache-Control", r".*no-store.*", "the next person at the same computer"),
    Header("X-Robots-Tag", r"noindex, nofollow", "links found by searching"),
]
POLICY = {
    "default-src": "'self'",  # so scripts and styles too: from our own files, never from within a page
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# For everybody, about nobody: files, and what websites load.
OF_NOBODY = {"colours", "logo", "banner_script", "banner_config", "banner_choices", "gpc"}
PAGES = sorted({f"/{each.pattern}" for each in urlpatterns if each.name not in OF_NOBODY})


@pytest.fixture
def production(settings):
    """What an operator's environment makes of the settings that are about headers and cookies."""
    with patch.dict(os.environ, environment(), clear=True):
        found = runpy.run_path(str(ours.BASE_DIR / "config" / "settings.py"))
    for name, value in found.items():
        if name.startswith(("SECURE_", "X_FRAME", "CONTENT_SECURITY")) or "_COOKIE_" in name:
            setattr(settings, name, value)


def get(client, pattern, joan):
    """The page, by a good link where it takes one."""
    purpose = Purpose.UNSUBSCRIBE if pattern.startswith("/u/") else Purpose.VIEW
    token = link_for(joan, purpose=purpose).rpartition("/")[2]
    return client.get(pattern.replace("<str:token>", token), secure=True)


def graded(answer):
    """The headers that fail."""
    return [
        f"{each.name}, against {each.against}: {answer.headers.get(each.name)}"
        for each in EVERYWHERE
        if not re.fullmatch(each.says, answer.headers.get(each.name, ""))
    ]


def policy(answer):
    return dict(each.strip().split(" ", 1) for each in answer.headers["Content-Security-Policy"].split(";"))


@pytest.mark.parametrize("pattern", PAGES)
def test_a_page_says_all_of_it_to_whoever_may_do_everything(visit_by_code, production, joan, pattern):
    client = Client()  # a new one: middleware reads its settings once
    client.cookies = visit_by_code.cookies

    answer = get(client, pattern, joan)

    assert graded(answer) == []
    assert policy(answer) == POLICY


@pytest.mark.parametrize("path", [*PAGES, "/p/cut-off", "/u/cut-off"])
def test_and_so_it_does_to_a_stranger(production, joan, path):
    answer = get(Client(), path, joan)

    assert graded(answer) == []
    assert policy(answer) == POLICY


def test_an_address_that_does_not_exist_is_no_weaker(production, db):
    answer = Client().get("/nowhere", secure=True)

    of_a_person = ("Cache-Control", "X-Robots-Tag")
    assert [each for each in graded(answer) if not each.startswith(of_a_person)] == []
    assert policy(answer) == POLICY


@pytest.mark.parametrize("pattern", ["/p/<str:token>", "/u/<str:token>"])
def test_a_link_is_not_even_told_to_ourselves(joan, pattern):
    assert get(Client(), pattern, joan).headers["Referrer-Policy"] == "no-referrer"


def test_cookies_travel_encrypted_are_hidden_from_scripts_and_stay_out_of_other_sites(production, joan):
    client = Client()
    get(client, "/p/<str:token>", joan)
    client.get("/p?language=es", secure=True)
    client.get("/p", secure=True)

    assert set(client.cookies) == {"sessionid", "csrftoken", "django_language"}
    for name, cookie in client.cookies.items():
        assert (bool(cookie["secure"]), bool(cookie["httponly"]), cookie["samesite"]) == (
            True,
            True,
            "Lax",
        ), name
        assert not cookie["domain"], name
