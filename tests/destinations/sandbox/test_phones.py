"""A phone that texts: Twilio posts it to whoever owns the number, signed as Twilio signs."""

from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from destinations.sandbox import PhonesSandbox, running
from destinations.sandbox.exchange import Answer
from destinations.sandbox.routes import Server, route

PHONE, TOKEN = "+12025550143", "12345"
STOP = {"from": PHONE, "body": "STOP"}


class Owner(Server):
    """Whoever owns the number."""

    slug = "owner"
    status = 200

    @route("POST", "/inbound/twilio")
    def hear(self, request):
        self.heard = request
        return Answer(self.status, b"<Response/>", content_type="text/xml")

    def error(self, status, message=""):
        return Answer(status)


@pytest.fixture
def owner(stack):
    return stack.enter_context(running(Owner()))


@pytest.fixture
def twilio(stack, owner):
    return stack.enter_context(running(PhonesSandbox(webhook=f"{owner.url}/inbound/twilio", token=TOKEN)))


def test_a_text_is_posted_as_twilios_own_library_would_have_it(twilio, owner, call):
    answer = call(twilio).post("/_text", json={"from": "(202) 555-0143", "body": "stop, please: ¡ya!"})

    form = dict(parse_qsl(owner.heard.body.decode()))
    given = owner.heard.headers["x-twilio-signature"]
    assert RequestValidator(TOKEN).validate(f"{owner.url}/inbound/twilio", form, given)
    assert (form["From"], form["Body"]) == (PHONE, "stop, please: ¡ya!")
    assert answer.json()["answer"] == "Heed has it"


def test_the_texts_of_a_number_are_shown_the_newest_first(twilio, call):
    for body in ("STOP", "yes"):
        call(twilio).post("/_text", json={"from": PHONE, "body": body})

    told = call(twilio).get("/_records?phone=%2B12025550143").json()

    assert [each["about"] for each in told["words"]] == ["“yes”", "“STOP”"]
    assert [each["body"] for each in told["record"]["messages"]] == ["yes", "STOP"]
    assert not call(twilio).get("/_records?phone=%2B12025550199").json()["known"]


def test_a_refusal_and_a_silence_are_shown(twilio, owner, call):
    owner.status = 401
    assert "refused it (401)" in call(twilio).post("/_text", json=STOP).json()["answer"]

    owner.stop()
    assert "nobody answered" in call(twilio).post("/_text", json=STOP).json()["answer"]


@pytest.mark.parametrize(
    "text", [{}, {"from": PHONE}, {"from": PHONE, "body": " "}, {"from": "x", "body": "y"}]
)
def test_what_is_no_text_is_refused_in_words(twilio, call, text):
    answer = call(twilio).post("/_text", json=text)

    assert answer.status_code == 400
    assert "a number" in answer.json()["message"]
