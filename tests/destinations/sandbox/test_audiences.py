"""The traps of advertising audiences, asked as their vendors would be."""

import json
from hashlib import sha256

import pytest

from destinations.sandbox import GoogleSandbox, MetaSandbox, running

ANA, PHONE = "ana@example.org", "+12025550143"
USERS = "/v25.0/a1/users"


def hashed(text):
    return sha256(text.encode()).hexdigest()


@pytest.fixture
def meta(stack):
    sandbox = stack.enter_context(running(MetaSandbox()))
    sandbox.seed({"audiences": [{"id": "a1"}], "members": [{"audience": "a1", "email": ANA, "phone": PHONE}]})
    return sandbox


def taken_out(caller, *rows, schema=("EMAIL_SHA256", "PHONE_SHA256"), path=USERS):
    return caller.delete(path, data={"payload": json.dumps({"schema": schema, "data": rows})})


def test_meta_takes_out_whom_a_row_matches_in_all_its_keys(meta, call):
    caller = call(meta, "EAAtoken")

    taken_out(caller, [hashed(ANA), hashed("12025550199")])
    assert meta.found([f"email:{ANA}"]).record["in"]
    assert taken_out(caller, [hashed(ANA), ""]).json()["num_received"] == 1
    assert not meta.found([f"phone:{PHONE}"]).record["in"]


def test_meta_counts_what_it_cannot_read(meta, call):
    answer = taken_out(call(meta, "EAAtoken"), [ANA, ""], ["", ""])

    assert answer.json()["num_invalid_entries"] == 2


def test_meta_refuses_a_token_an_audience_and_a_schema_that_are_none(meta, call):
    caller = call(meta, "EAAtoken")
    answers = [
        taken_out(call(meta, "none"), [hashed(ANA), ""]),
        taken_out(caller, [hashed(ANA), ""], path="/v25.0/other/users"),
        taken_out(caller, [hashed(ANA)], schema=["EMAIL_SHA256"]),
        caller.delete(USERS),
    ]

    assert [each.status_code for each in answers] == [400] * 4
    assert [each.json()["error"]["code"] for each in answers] == [190, 100, 100, 100]
    assert meta.found([f"email:{ANA}"]).record["in"]


def test_meta_changes_nothing_in_an_audience_that_it_has_flagged(meta, call):
    meta.seed({"audiences": [{"id": "a1", "flagged": True}]})
    caller = call(meta, "EAAtoken")

    assert caller.get("/v25.0/a1").json()["operation_status"]["code"] == 471
    assert taken_out(caller, [hashed(ANA), ""]).json()["error"]["error_subcode"] == 1713230
    assert meta.found([f"email:{ANA}"]).record["in"]


@pytest.fixture
def google(stack):
    sandbox = stack.enter_context(running(GoogleSandbox()))
    sandbox.seed({"members": [{"list": "9", "email": ANA, "phone": PHONE}]})
    sandbox.store.put("token", "ya29.test", {"token": "ya29.test"})
    return sandbox


def removal(*told, **more):
    account = {"accountType": "GOOGLE_ADS", "accountId": "1"}
    return {
        "destinations": [{"operatingAccount": account, "productDestinationId": "9"}],
        "audienceMembers": [{"userData": {"userIdentifiers": [{"emailAddress": each}]}} for each in told],
        "encoding": "HEX",
        **more,
    }


def test_google_is_at_work_when_it_is_first_asked(google, call):
    caller = call(google, "ya29.test")
    name = caller.post("/v1/audienceMembers:remove", json=removal(hashed(ANA))).json()["requestId"]

    states = [
        caller.get(f"/v1/requestStatus:retrieve?requestId={name}").json()["requestStatusPerDestination"]
        for _ in range(2)
    ]

    assert [each["requestStatus"] for [each] in states] == ["PROCESSING", "SUCCESS"]
    assert not google.found([f"phone:{PHONE}"]).record["in"]


def test_google_does_nothing_where_it_only_checks_or_where_one_member_is_none(google, call):
    caller = call(google, "ya29.test")

    checked = caller.post("/v1/audienceMembers:remove", json=removal(hashed(ANA), validateOnly=True))
    spoilt = caller.post("/v1/audienceMembers:remove", json=removal(hashed(ANA), ANA))

    assert (checked.status_code, spoilt.status_code) == (200, 400)
    assert google.found([f"email:{ANA}"]).record["in"]


def test_google_gives_no_token_for_an_assertion_that_its_account_has_not_signed(google, call):
    caller = call(google)

    assert caller.post("/token", data={"assertion": "a.b.c"}).json() == {"error": "invalid_grant"}
    assert caller.post("/v1/audienceMembers:remove", json=removal(hashed(ANA))).status_code == 401


def test_google_knows_its_account_again_after_a_new_start(tmp_path):
    keys = []
    for _ in range(2):
        with running(GoogleSandbox(tmp_path / "google.sqlite3")) as sandbox:
            keys.append(sandbox.service_account)

    assert keys[0] == keys[1]
