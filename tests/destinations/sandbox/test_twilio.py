"""The sandbox answers Twilio's own library as Twilio would."""

from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioRestException

from destinations.sandbox import TwilioSandbox, running
from tests.destinations.twilios import SERVICE, twilio

ANA = "+12025550143"


@pytest.fixture
def sandbox(stack):
    return stack.enter_context(running(TwilioSandbox()))


def test_a_text_is_taken_and_found_again(sandbox):
    client = twilio(sandbox.url)
    sent = client.messages.create(to=ANA, messaging_service_sid=SERVICE, body="Your code is 123456.")
    assert (sent.status, sent.error_code, sent.direction) == ("accepted", None, "outbound-api")
    assert abs(sent.date_created - datetime.now(UTC)) < timedelta(seconds=5)
    [found] = client.messages.list(to=ANA, limit=20)
    assert (found.sid, found.body, found.status) == (sent.sid, "Your code is 123456.", "delivered")
    assert client.messages(sent.sid).fetch().to == ANA


def test_the_same_call_twice_is_two_texts_the_newest_first(sandbox):
    client = twilio(sandbox.url)
    sent = [client.messages.create(to=ANA, from_="+12025550100", body="Hello.").sid for _ in range(2)]
    assert [each.sid for each in client.messages.list(to=ANA)] == sent[::-1]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"to": "12", "from_": "+12025550100", "body": "x"}, 21211),
        ({"to": ANA, "body": "x"}, 21603),
        ({"to": ANA, "from_": "+12025550100", "body": ""}, 21602),
        ({"to": ANA, "from_": "+12025550100", "body": "x" * 1601}, 21617),
    ],
)
def test_what_is_wrong_is_refused_by_its_number(sandbox, given, code):
    with pytest.raises(TwilioRestException) as refused:
        twilio(sandbox.url).messages.create(**given)
    assert (refused.value.status, refused.value.code) == (400, code)


def test_who_texted_stop_there_is_blocked_whoever_sends(sandbox):
    sandbox.seed({"opted_out": [{"phone": ANA}]})
    with pytest.raises(TwilioRestException) as refused:
        twilio(sandbox.url).messages.create(to=ANA, from_="+12025550100", body="x")
    assert refused.value.code == 21610


def test_what_cannot_arrive_is_taken_and_fails_later(sandbox):
    sandbox.seed({"unreachable": [{"phone": ANA}]})
    client = twilio(sandbox.url)
    sent = client.messages.create(to=ANA, from_="+12025550100", body="x")
    assert sent.status == "queued"
    later = client.messages(sent.sid).fetch()
    assert (later.status, later.error_code) == ("undelivered", 30003)


def test_a_key_that_was_revoked_is_refused(sandbox):
    with pytest.raises(TwilioRestException) as refused:
        twilio(sandbox.url, "revoked").messages("SM" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (401, 20003)
