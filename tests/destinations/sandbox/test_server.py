"""What every sandbox does: it can be watched, broken, seeded, emptied, and killed without losing a thing."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from threading import Thread

import pytest
import requests

from destinations.sandbox import SendGridSandbox, running

ANA = {"recipient_emails": ["ana@example.org"]}
SHOWN = [
    *("sendgrid", "mailchimp", "fhir", "hl7", "salesforce", "hubspot", "genesys", "twilio", "meta", "csv"),
    *("webhook", "meta_conversions", "google_events", "ga4", "segment"),
]
SUPPRESS = "/v3/asm/groups/101/suppressions"


@pytest.fixture
def caller(sendgrid, call):
    return call(sendgrid, "SG.key")


def break_it(caller, **fault):
    assert caller.post("/_faults", json=fault).status_code == 200


def test_a_fault_fails_as_many_calls_as_it_is_told_to_and_says_when_to_come_back(sendgrid, caller):
    break_it(caller, status=503, times=2, retry_after=7)

    answers = [caller.post(SUPPRESS, json=ANA) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [503, 503, 201]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[0].json()["errors"]
    assert sendgrid.calls["email:ana@example.org"] == 1


def test_a_fault_with_a_rate_hits_about_that_share_of_the_calls(caller):
    break_it(caller, status=500, rate=0.3)

    failed = sum(caller.get("/v3/scopes").status_code == 500 for _ in range(300))

    assert 50 < failed < 130


def test_a_fault_without_a_symptom_is_a_503(caller):
    break_it(caller, times=1)

    assert caller.get("/v3/scopes").status_code == 503


@pytest.mark.parametrize(
    "fault", [{"statsu": 503}, {"status": "503"}, {"hang": 1}, {"times": -1}, {"delay_ms": 0.5}]
)
def test_a_fault_that_cannot_be_understood_is_refused_in_words(caller, fault):
    answer = caller.post("/_faults", json=fault)

    assert answer.status_code == 400
    assert next(iter(fault)) in answer.json()["error"]
    assert caller.get("/_faults").json() == {}


def test_a_cleared_fault_is_over(caller):
    break_it(caller, status=503)
    assert caller.get("/_faults").json()["status"] == 503

    assert caller.delete("/_faults").status_code == 204

    assert caller.get("/v3/scopes").status_code == 200
    assert caller.get("/_faults").json() == {}


def test_a_lost_answer_was_work_done(sendgrid, caller):
    break_it(caller, status=502, apply=True)

    assert caller.post(SUPPRESS, json=ANA).status_code == 502

    assert sendgrid.calls["email:ana@example.org"] == 1
    assert caller.get("/_records?email=ana@example.org").json()["known"]


@pytest.mark.parametrize(("apply", "done"), [(True, 1), (False, 0)])
def test_a_hanging_call_is_never_answered_but_may_have_been_obeyed(sendgrid, caller, apply, done):
    break_it(caller, hang=True, apply=apply)

    with pytest.raises(requests.exceptions.ReadTimeout):
        caller.post(SUPPRESS, json=ANA, timeout=0.3)

    assert sendgrid.calls["email:ana@example.org"] == done
    assert sendgrid.requests[-1]["status"] is None


def test_clearing_lets_a_hanging_call_go(sendgrid, caller):
    break_it(caller, hang=True)
    outcome = []

    def hang():
        try:
            requests.get(f"{sendgrid.url}/v3/scopes", timeout=5)
        except requests.exceptions.ConnectionError as error:
            outcome.append(error)

    waiting = Thread(target=hang)
    waiting.start()
    while not sendgrid.requests:
        time.sleep(0.01)
    sendgrid.faults.clear()
    waiting.join(timeout=2)

    assert len(outcome) == 1


def test_a_slow_system_works_after_the_wait(caller):
    break_it(caller, delay_ms=200)
    began = time.monotonic()

    assert caller.post(SUPPRESS, json=ANA).status_code == 201
    assert time.monotonic() - began >= 0.2


def test_a_dripping_answer_comes_byte_by_byte(caller):
    break_it(caller, drip_ms=1)
    began = time.monotonic()

    assert caller.get("/v3/scopes").json()["scopes"]
    assert time.monotonic() - began > 0.2


def test_garbage_is_a_page_where_json_was_promised(sendgrid, caller):
    break_it(caller, garbage=True)

    answer = caller.post(SUPPRESS, json=ANA)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert not sendgrid.calls


def test_credentials_are_masked_in_the_log_of_calls(sendgrid, caller):
    caller.post("/v3/unknown", data="grant_type=client_credentials&client_secret=hush")

    [noted] = caller.get("/_requests").json()["requests"]

    assert noted["headers"]["authorization"] == "Bearer ****"
    assert "hush" not in json.dumps(noted)
    assert (noted["method"], noted["path"], noted["status"]) == ("POST", "/v3/unknown", 404)


def test_a_reset_empties_the_system(sendgrid, caller):
    caller.post(SUPPRESS, json=ANA)

    assert caller.post("/_reset").status_code == 204

    nothing = {"known": False, "record": {}, "calls": 0, "words": [], "events": {}}
    assert caller.get("/_records?email=ana@example.org").json() == nothing
    assert not sendgrid.requests


def test_a_seed_that_is_not_understood_plants_nothing(sendgrid, caller):
    answer = caller.put("/_seed", json={"groups": [{"id": 7, "name": "New"}], "nonsense": [{}]})

    assert answer.status_code == 400
    assert caller.get("/v3/asm/groups/7").status_code == 404


def test_a_wrong_method_and_a_wrong_path_are_told_apart(caller):
    assert caller.delete("/v3/scopes").status_code == 405
    assert caller.get("/v3/nothing").status_code == 404


def test_what_was_acknowledged_is_there_after_a_new_start(tmp_path, call):
    path = tmp_path / "sendgrid.sqlite3"
    with running(SendGridSandbox(path)) as before:
        before.seed({"global": [{"email": "ana@example.org", "created": "2024-05-01T10:00:00Z"}]})
    with running(SendGridSandbox(path)) as after:
        assert call(after).get("/_records?email=ana@example.org").json()["known"]


def start(data, *arguments):
    command = [sys.executable, "-m", "destinations.sandbox", "--data", str(data), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_kill_takes_back_nothing_that_was_acknowledged(tmp_path):
    with start(tmp_path) as first:
        urls = json.loads(first.stdout.readline())
        answer = requests.post(
            urls["sendgrid"] + "/v3/asm/suppressions/global",
            json=ANA,
            headers={"Authorization": "Bearer SG.key"},
            timeout=5,
        )
        assert answer.status_code == 201
        first.kill()
    with start(tmp_path) as second:
        urls = json.loads(second.stdout.readline())
        told = requests.get(urls["systems"] + "/systems?format=json&email=ana@example.org", timeout=5).json()
        second.send_signal(signal.SIGTERM)

    assert [system["slug"] for system in told["systems"]] == SHOWN
    assert [system["slug"] for system in told["systems"] if system["known"]] == ["sendgrid"]
    assert told["systems"][0]["calls"] == 1
    assert second.returncode == 0


def test_those_that_the_demo_does_not_show_can_be_tried_out_too(tmp_path):
    with start(tmp_path, "--all") as process:
        urls = json.loads(process.stdout.readline())
        known = [
            requests.get(f"{url}/_records?phone=%2B12025550143", timeout=5).json()["known"]
            for slug, url in urls.items()
            if slug != "systems" and url.startswith("http")
        ]
        key = requests.get(f"{urls['google']}/_service_account", timeout=5).json()
        process.send_signal(signal.SIGTERM)

    assert {
        "five9",
        "athenahealth",
        "google",
        "http",
        "hl7_mllp",
        "csv_files",
        *SHOWN,
    } < set(urls)
    assert key["private_key"].startswith("-----BEGIN")
    assert not any(known)


def test_a_busy_port_is_said_plainly(sendgrid, tmp_path):
    port = sendgrid.url.rpartition(":")[2]

    with start(tmp_path, "--port-base", port) as process:
        _, words = process.communicate(timeout=10)

    assert process.returncode == 2
    assert port in words
    assert "must be free" in words
    assert "Traceback" not in words


def test_the_webhook_secret_is_made_once_and_kept_to_its_owner(tmp_path):
    for _ in range(2):
        with start(tmp_path) as process:
            process.stdout.readline()
            process.send_signal(signal.SIGTERM)
    secret = tmp_path / "webhook.secret"

    assert secret.read_text().startswith("whsec_")
    assert os.stat(secret).st_mode & 0o077 == 0


def test_a_connection_is_kept_for_the_next_call(sendgrid):
    connection = http.client.HTTPConnection(sendgrid.url.removeprefix("http://"), timeout=5)
    with closing(connection):
        connection.connect()
        first = connection.sock
        for _ in range(3):
            connection.request("GET", "/v3/scopes", headers={"Authorization": "Bearer SG.key"})
            assert connection.getresponse().read()
            assert connection.sock is first
