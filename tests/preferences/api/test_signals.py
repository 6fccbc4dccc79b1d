"""A browser's privacy signal, passed on by a website or by its own header (R9)."""

import pytest

from preferences.models import Change
from tests.preferences.api.partner import problem

USE = "sale_or_sharing"


def off(who, partner):
    found = partner.get(f"/v1/profiles/{who}/preferences").json()["preferences"][USE]["*"]
    return (found["state"], found["because"]) == ("opted_out", "choice")


def whose(browser, name):
    """Browsers' keys are told of nobody."""
    return Change.objects.filter(subject_kind="profile", source=browser.source).latest("id").subject_id


@pytest.mark.parametrize("kind", ["gpc", "form", "agent"])
def test_a_signal_in_a_call_opts_out_of_what_honours_it(partner, kind):
    body = {"userId": "u1", "context": {"privacySignal": kind}}
    first = partner.identify(body)
    again = partner.identify(body)

    assert (first["status"], again["status"]) == ("recorded", "unchanged")
    assert off(first["profile"], partner)
    assert f'"signal":"{kind}"' in Change.objects.latest("id").entries


def test_a_browsers_own_header_is_heard(browser, partner):
    browser.identify({"anonymousId": "b1"}, **{"sec-gpc": "1"})

    assert off(whose(browser, "b1"), partner)


@pytest.mark.parametrize("value", ["0", "", "true"])
def test_no_signal_says_nothing(browser, partner, value):
    browser.identify({"anonymousId": "b1"}, **{"sec-gpc": value})

    assert not off(whose(browser, "b1"), partner)


def test_the_header_of_a_server_is_about_nobody(partner):
    found = partner.identify({"userId": "u1"}, **{"sec-gpc": "1"})

    assert not off(found["profile"], partner)


def test_each_call_of_a_batch_has_the_signal_that_is_sent_with_it(browser, partner):
    calls = [{"type": "identify", "anonymousId": f"b{n}"} for n in range(2)]
    browser.post("/v1/batch", {"batch": calls}, **{"sec-gpc": "1"})
    body = {"batch": [{"type": "identify", "userId": "u1"}], "context": {"privacySignal": "form"}}
    [result] = partner.post("/v1/batch", body).json()["results"]

    heard = Change.objects.filter(source=browser.source, entries__contains='"signal":"gpc"')
    assert heard.values("subject_id").distinct().count() == 2
    assert off(result["profile"], partner)


@pytest.mark.parametrize("value", ["dnt", True, 1, ["gpc"], {}])
def test_another_word_is_refused_and_nothing_is_written(partner, value):
    answer = partner.post("/v1/identify", {"userId": "u1", "context": {"privacySignal": value}})

    assert problem(answer) == (400, "malformed")
    assert not Change.objects.exists()
