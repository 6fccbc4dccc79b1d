"""Many calls in one body, each with its own result; and calls that Heed takes but does not use."""

import pytest

from destinations.models import Event
from preferences.terms import Scope
from tests.governance.listing import BOOKED, allow
from tests.preferences.api.partner import Partner, problem

OFF = {"preferences": {"marketing_emails": False}}


def identify(user: str, **more):
    return {"type": "identify", "userId": user, **more}


def results(partner, *items, **more):
    answer = partner.post("/v1/batch", {"batch": list(items), **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def test_each_call_has_its_own_result_in_order(partner):
    found = results(
        partner,
        identify("u1", traits=OFF),
        {"type": "track", "event": "appointment_booked", "userId": "u1"},
        identify("u2", traits={"preferences": {"nothing": False}}),
        "no call",
        {"type": "identify"},
        {"type": "dance"},
        {"type": ["identify"]},
        {"userId": "u1"},
        identify("u3", messageId="a\x00b"),
        identify("u4"),
    )

    assert [each["status"] for each in found] == ["recorded", "not_allowed", *["refused"] * 7, "recorded"]
    codes = [each["problem"]["code"] for each in found[2:9]]
    assert codes == ["unknown_category", "malformed", "nobody_named", *["malformed"] * 4]
    assert not partner.decide("marketing_emails", "email", profile=found[0]["profile"])["allowed"]


@pytest.mark.parametrize("kind", ["alias", "group"])
def test_other_calls_are_taken_and_not_used(partner, kind):
    assert results(partner, {"type": kind, "anything": [1]}) == [{"status": "ignored"}]
    assert partner.post(f"/v1/{kind}", {"anything": [1]}).json() == {"status": "ignored"}


@pytest.mark.parametrize("batch", [None, {}, "x", 5])
def test_a_batch_must_be_a_list(partner, batch):
    assert problem(partner.post("/v1/batch", {"batch": batch})) == (400, "malformed")


def test_an_empty_batch_has_no_results(partner):
    assert results(partner) == []


def test_more_calls_than_a_batch_may_have(partner):
    assert problem(partner.post("/v1/batch", {"batch": [{}] * 2501})) == (413, "too_large")


def test_a_call_that_is_too_large_is_refused_alone(partner):
    large, fine = results(partner, identify("u1", traits={"a": "x" * 33_000}), identify("u2"))

    assert (large["status"], large["problem"]["status"]) == ("refused", 413)
    assert fine["status"] == "recorded"


def test_what_is_sent_with_the_batch_holds_for_its_calls(partner):
    no = {"categoryPreferences": {"marketing_emails": False}}
    sent = "2026-01-01T12:00:00Z"
    common = {"context": {"consent": no}, "sentAt": sent}
    [plain, own] = results(
        partner,
        identify("u1", timestamp=sent),
        identify("u2", context={"consent": {"categoryPreferences": {"patient_surveys": False}}}),
        **common,
    )

    assert plain["warnings"] == []
    assert not partner.decide("marketing_emails", "email", profile=plain["profile"])["allowed"]
    assert partner.decide("marketing_emails", "email", profile=own["profile"])["allowed"]
    read = partner.get(f"/v1/profiles/{plain['profile']}/preferences").json()["preferences"]
    assert not read["marketing_emails"]["email"]["since"].startswith("2026-01-01")


def test_a_senders_clock_that_is_none_spoils_the_calls_and_not_the_batch(partner):
    [refused, ignored] = results(partner, identify("u1"), {"type": "group"}, sentAt="noon")

    assert refused["problem"]["key"] == "sentAt"
    assert ignored["status"] == "ignored"


def test_a_context_that_is_none_refuses_its_calls_it_may_have_said_no(partner):
    [refused, ignored] = results(partner, identify("u1"), {"type": "group"}, context="no")

    assert refused["problem"]["key"] == "context"
    assert ignored["status"] == "ignored"


def test_a_browsers_key_is_refused_where_a_call_names_somebody(browser):
    [anonymous, named] = results(
        browser, {"type": "identify", "anonymousId": "b1", "traits": OFF}, identify("u1")
    )

    assert (anonymous["status"], anonymous["profile"]) == ("recorded", None)
    assert named["problem"]["status"] == 403


def test_a_key_for_events_records_nobodys_choices(db):
    viewed = {"type": "page", "anonymousId": "b1"}
    [refused, counted] = results(Partner(Scope.WRITE_EVENTS), identify("u1"), viewed)

    assert refused["problem"]["status"] == 403
    assert counted["status"] == "not_allowed"


def test_a_key_for_choices_sends_no_events(db):
    [recorded, refused] = results(
        Partner(Scope.WRITE_CHOICES), identify("u1"), {"type": "track", "event": "x", "userId": "u1"}
    )

    assert recorded["status"] == "recorded"
    assert refused["problem"]["status"] == 403


def test_events_are_judged_by_what_was_said_beside_them(partner):
    allow()
    [event, _] = results(
        partner, {"type": "track", "event": BOOKED, "userId": "u1"}, identify("u1", traits=OFF)
    )

    assert event["status"] == "accepted"
    row = Event.objects.get()
    assert row.person
    assert row.person.kind == "external_id"


def test_a_bad_event_spoils_no_other(partner):
    allow()
    good = {"type": "track", "event": BOOKED, "userId": "u1", "messageId": "m1"}
    found = results(
        partner,
        good,
        {"type": "track", "userId": "u1"},
        {**good, "messageId": "m2", "properties": {"value": "x" * 33_000}},
        {**good, "messageId": "m3", "timestamp": "noon"},
        {**good, "messageId": "m4", "userId": None},
        {**good, "messageId": "m5", "properties": {"value": "\ud800"}},
        good,
        {**good, "messageId": "m6", "event": "unlisted"},
        {**good, "messageId": "m7"},
    )

    statuses = ["accepted", *["refused"] * 5, "duplicate", "not_allowed", "accepted"]
    assert [each["status"] for each in found] == statuses
    codes = ["malformed", "too_large", "malformed", "nobody_named", "malformed"]
    assert [each["problem"]["code"] for each in found[1:6]] == codes
    assert Event.objects.count() == 2


def test_a_batch_that_is_sent_again_is_answered_again(partner):
    body = {"batch": [identify("u1", traits=OFF)]}
    first = partner.post("/v1/batch", body, **{"idempotency-key": "b1"})
    again = partner.post("/v1/batch", body, **{"idempotency-key": "b1"})

    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"


def test_the_queries_of_a_batch_are_those_of_its_calls(partner, django_assert_num_queries):
    results(partner, identify("u1"), identify("u2"))
    with django_assert_num_queries(1 + 2 * 10):
        results(partner, identify("u1", traits=OFF), identify("u2", traits=OFF))
