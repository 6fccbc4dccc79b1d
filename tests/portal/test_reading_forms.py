"""A filled form against what it showed; and what is kept of who sent it."""

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from portal.evidence import browser_family, circumstances, network_of
from portal.forms import read, written
from portal.standing import Standing
from preferences.terms import State

SHOWN = {
    ("surveys", "email"): Standing(State.IN, 7),
    ("surveys", "sms"): Standing(),
    ("sharing", ""): Standing(State.OUT, 9),
}


def filled(**answers: str):
    post = QueryDict(mutable=True)
    post["shown"] = written(SHOWN)
    for name, answer in answers.items():
        post["choice." + name.replace("__", ".")] = answer
    return read(post)


def test_what_was_shown_comes_back_as_it_went_out():
    assert written(SHOWN) == "surveys.email=opted_in@7 surveys.sms=never_asked@0 sharing.=opted_out@9"


def test_an_answer_that_was_shown_already_is_no_change():
    assert not filled(surveys__email="opted_in", sharing__="opted_out").picks


def test_an_answer_that_differs_is_a_change_with_what_it_was_made_against():
    [pick] = filled(surveys__email="opted_out").picks

    assert pick.cell == ("surveys", "email")
    assert pick.choice.state == State.OUT
    assert pick.shown == Standing(State.IN, 7)


def test_an_answer_to_what_the_form_did_not_show_is_known_as_such():
    [pick] = filled(other__email="opted_in").picks

    assert pick.shown is None


@pytest.mark.parametrize("answer", ["", "yes", "never_asked", "OPTED_IN", "opted_in "])
def test_anything_else_is_no_answer(answer):
    assert not filled(surveys__sms=answer).picks


@pytest.mark.parametrize(
    ("user_agent", "family"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Version/18.0 Safari/604.1", "Safari"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537 Chrome/140.0 Safari/537", "Chrome"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140.0 Safari/537 Edg/140.0", "Edge"),
        ("Mozilla/5.0 (Android 15; Mobile) Gecko/140.0 Firefox/140.0", "Firefox"),
        ("curl/8.0", "other"),
        ("", "other"),
    ],
)
def test_of_the_browser_only_its_family_is_kept(user_agent, family):
    assert browser_family(user_agent) == family


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("203.0.113.77:51234", "203.0.113.0/24"),
        ("[2001:db8:1:2::7]:51234", "2001:db8:1::/48"),
        ("unknown", ""),
        ("[", ""),
        ("", ""),
    ],
)
def test_of_the_address_only_its_network_is_kept(address, network):
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("proxy", "network"),
    [(None, "192.0.2.0/24"), (("HTTP_X_FORWARDED_PROTO", "https"), "203.0.113.0/24")],
)
def test_only_our_own_proxy_is_believed_about_an_address(settings, proxy, network):
    settings.SECURE_PROXY_SSL_HEADER = proxy
    forwarded = "198.51.100.9, 203.0.113.77"
    request = RequestFactory().get("/p", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="192.0.2.1")

    assert circumstances(request, page="/p")["network"] == network
