"""An in-house system that takes Heed's signed webhook."""

import json
import time
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from destinations.sandbox.webhook import signature

IDENTIFIERS = [{"kind": "email", "value": "Ana@example.org"}, {"kind": "phone", "value": "+15550100123"}]


def snapshot(state="opted_out", profile="8f1c", **data):
    held = {
        "state": state,
        "allowed": state != "opted_out",
        "because": "choice",
        "since": "2026-03-01T09:00:00Z",
    }
    told = {"profile": profile, "identifiers": IDENTIFIERS, "preferences": {"patient_surveys": {"sms": held}}}
    about = {"type": "preferences.changed", "id": "evt", "timestamp": "2026-03-01T09:00:00Z"}
    return {**about, "data": {**told, "restrictions": [], **data}}


@pytest.fixture
def send(webhook, call):
    """Post a message signed as of `at`; the body may be tampered with after signing."""
    caller = call(webhook)

    def post(message, key="msg_1", at=None, secret="", tampered=b""):
        body = json.dumps(message).encode()
        stamp = str(int(at or time.time()))
        headers = {
            "webhook-id": key,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,bm90aGluZw== {signature(secret or webhook.secret, key, stamp, body)}",
        }
        return caller.post("/hooks/heed", data=tampered or body, headers=headers)

    return post


@pytest.fixture
def told(webhook, call):
    return lambda **asked: call(webhook).get("/_records", params=asked).json()


def test_the_signature_is_the_one_of_standard_webhooks(webhook):
    at = datetime.now(UTC)

    theirs = Webhook(webhook.secret).sign("msg_1", at, "{}")

    assert signature(webhook.secret, "msg_1", str(int(at.timestamp())), b"{}") == theirs


def test_a_snapshot_is_found_by_any_of_its_identifiers(webhook, send, told):
    assert send(snapshot()).status_code == 200

    for asked in ({"email": "ana@example.org"}, {"phone": "(555) 010-0123"}):
        assert told(**asked)["record"]["data"]["profile"] == "8f1c"
    assert told(email="ana@example.org")["words"] == [
        {"about": "Patient surveys by text", "says": "opted out", "may": False}
    ]
    assert webhook.calls["8f1c"] == 1


def test_what_came_last_stands_whatever_its_date(send, told):
    send(snapshot("opted_out"), key="a")
    send({**snapshot("opted_in"), "timestamp": "2001-01-01T00:00:00Z"}, key="b")

    record = told(email="ana@example.org")["record"]
    assert record["data"]["preferences"]["patient_surveys"]["sms"]["state"] == "opted_in"


def test_a_repeated_message_is_welcome_and_changes_nothing(webhook, send, told):
    send(snapshot("opted_out"), key="a")

    assert send(snapshot("opted_in"), key="a").status_code == 200

    assert told(email="ana@example.org")["words"][0]["says"] == "opted out"
    assert webhook.calls["8f1c"] == 1


def test_an_address_that_nobody_holds_has_a_snapshot_of_its_own(send, told):
    address = {"kind": "email", "value": "nobody@example.org"}
    send(snapshot(profile=None, identifier=address, identifiers=[]))

    assert told(email="nobody@example.org")["calls"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "whsec_d3JvbmcgbGVuZ3RoIGJ1dCBmaW5l"},
        {"at": time.time() - 40_000},
        {"at": time.time() + 40_000},
        {"tampered": b'{"type": "preferences.changed"}'},
        {"key": ""},
    ],
)
def test_a_message_that_is_not_ours_or_not_of_now_is_refused(webhook, send, wrong):
    assert send(snapshot(), **wrong).status_code == 401
    assert not webhook.calls


def test_a_ping_is_answered_and_kept_nowhere(webhook, send):
    assert send({"type": "heed.ping"}).status_code == 200
    assert not webhook.calls


def test_a_snapshot_of_nobody_is_refused(send):
    assert send(snapshot(profile=None)).status_code == 400
