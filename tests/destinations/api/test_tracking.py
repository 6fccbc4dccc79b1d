"""Events in: what is kept, what is dropped, and what a partner is told of each."""

import gzip
import json
import sys
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from destinations.models import Event, WakeUp
from destinations.tracked import opened
from governance.models import SeenNotAllowed
from preferences.models import Holding, Identifier, Profile
from preferences.terms import Scope
from tests.governance.listing import BOOKED, allow
from tests.preferences.api.partner import Partner, problem

SENT = {"value": 120, "clinic": "north", "doctor": {"name": "Lee", "room": 4}, "insurer": "Acme"}
OUT = {"categoryPreferences": {"marketing_emails": False}}


@pytest.fixture(autouse=True)
def listed(db):
    allow()


def event(user="u1", **more):
    return {"userId": user, "event": BOOKED, "messageId": f"m-{user}", **more}


def track(partner, body=None, path="/v1/track", **headers):
    answer = partner.post(path, body or event(), **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def kept():
    """The one event that was kept, and what is in it."""
    row = Event.objects.get()
    body = opened(row)
    assert body
    return row, body


def test_an_allowed_event_is_kept_with_what_is_listed_of_it(partner):
    context = {"ip": "203.0.113.7", "userAgent": "x", "library": {"name": "analytics"}}
    answer = track(partner, event(properties=SENT, context=context))

    row, body = kept()
    assert (answer["status"], answer["event"]) == ("accepted", str(row.id))
    assert sorted(answer["dropped"]) == ["context.userAgent", "doctor.room", "insurer"]
    assert body.properties == {
        "value": 120,
        "clinic": "north",
        "doctor.name": "Lee",
        "context.ip": "203.0.113.7",
    }
    assert (row.kind, row.name, row.number, row.routed) == ("track", BOOKED, 1, False)


def test_nothing_of_it_can_be_read_in_the_database(partner):
    track(partner, event("u-secret", properties={"clinic": "oncology"}))

    stored = bytes(Event.objects.get().body or b"")
    assert b"oncology" not in stored
    assert b"u-secret" not in stored


def test_what_staff_have_not_allowed_is_dropped_and_counted(partner):
    answer = track(partner, {"userId": "u1", "event": "newsletter_clicked", "properties": {"x": 1}})
    track(partner, event(properties={"insurer": "Acme"}))

    assert (answer["status"], answer["event"]) == ("not_allowed", None)
    counted = {(row.event, row.property) for row in SeenNotAllowed.objects.all()}
    assert counted == {("newsletter_clicked", ""), (BOOKED, "insurer")}
    assert Event.objects.count() == 1


@pytest.mark.parametrize(("path", "name"), [("page", "page_viewed"), ("screen", "screen_viewed")])
def test_a_page_is_an_event_whose_title_is_a_property(partner, path, name):
    allow(name, {"name": "plain", "category": "plain", "path": "plain"}, categories=[])
    body = {"anonymousId": "b1", "name": "Prices", "category": "docs", "properties": {"path": "/prices"}}
    track(partner, body, f"/v1/{path}")

    row, found = kept()
    assert (row.kind, row.name) == (path, name)
    assert found.properties == {"name": "Prices", "category": "docs", "path": "/prices"}


def test_a_property_cannot_pass_for_the_context(partner):
    answer = track(partner, event(properties={"context": {"ip": "198.51.100.1"}}, context={"ip": "::1"}))

    assert kept()[1].properties == {"context.ip": "::1"}
    assert answer["dropped"] == []


def test_a_name_with_a_dot_is_no_path(partner):
    answer = track(partner, event(properties={"context.ip": "198.51.100.1", "doctor.name": "Lee"}))

    assert kept()[1].properties == {}
    assert answer["dropped"] == ["context.ip", "doctor.name"]


def test_a_message_counts_once(partner):
    first, again = (track(partner, event(properties=SENT)) for _ in range(2))

    assert (again["status"], again["event"]) == ("duplicate", first["event"])
    assert Event.objects.get().conflicts == 0


def test_the_same_message_with_other_content_is_counted_and_changes_nothing(partner):
    track(partner, event(properties={"value": 120}))
    again = track(partner, event(properties={"value": 999}))

    row, body = kept()
    assert again["status"] == "duplicate"
    assert "other content" in again["warnings"][0]
    assert (row.conflicts, body.properties) == (1, {"value": 120})


def test_a_message_counts_once_a_source(partner):
    ids = {track(each)["event"] for each in (partner, Partner(slug="other"))}

    assert len(ids) == 2


def test_what_bears_no_message_id_is_new_each_time(partner):
    body = {"userId": "u1", "event": BOOKED}
    track(partner, body)
    track(partner, body)

    assert Event.objects.count() == 2


def test_a_message_still_counts_once_after_the_keys_were_rotated(partner, settings):
    track(partner)
    settings.HEED_KEYS = ["new:" + "bm90IGEgc2VjcmV0OiAzMiBieXRlcyBsb25nISEhISE=", *settings.HEED_KEYS]

    assert track(partner)["status"] == "duplicate"


def test_somebody_who_is_not_known_is_not_made(partner):
    track(partner, event(anonymousId="b1"))

    row, body = kept()
    assert (row.person, row.browser) == (None, None)
    assert [each.value for each in body.identifiers] == ["u1", "b1"]
    assert not Profile.objects.exists()
    assert not Identifier.objects.exists()


def test_somebody_who_is_known_is_named_on_the_event(partner):
    partner.identify({"userId": "u1", "anonymousId": "b1"})
    track(partner, event(anonymousId="b1"))

    row, _ = kept()
    assert (row.person.kind, row.browser.kind) == ("external_id", "anonymous_id")


def test_an_address_names_the_person_who_alone_holds_it(partner):
    partner.identify({"userId": "u1", "traits": {"email": "pat@example.org"}})
    track(partner, {"event": BOOKED, "context": {"traits": {"email": "Pat@Example.org"}}})

    assert kept()[0].person.kind == "email"


def test_ids_of_two_people_are_told_and_both_are_kept(partner):
    first = partner.identify({"userId": "u1", "anonymousId": "b1"})["profile"]
    second = partner.identify({"userId": "u2"})["profile"]
    answer = track(partner, event("u2", anonymousId="b1"))

    row, _ = kept()
    people = Holding.objects.filter(identifier__in=[row.person_id, row.browser_id])
    assert {str(each.profile_id) for each in people} == {first, second}
    assert "two people" in answer["warnings"][0]


def test_a_user_and_a_record_number_of_two_people_are_told_too(partner):
    partner.identify({"userId": "u1", "traits": {"mrn": "111"}})
    partner.identify({"userId": "u2"})
    answer = track(partner, event("u2", context={"traits": {"mrn": "111"}}))

    row, _ = kept()
    assert {row.person.kind, row.browser.kind} == {"external_id", "mrn"}
    assert "two people" in answer["warnings"][0]


def test_it_occurred_when_the_sender_says_corrected_for_their_clock(partner):
    now = timezone.now()
    theirs = now + timedelta(hours=5)
    track(partner, event(timestamp=(theirs - timedelta(minutes=10)).isoformat(), sentAt=theirs.isoformat()))

    assert abs(kept()[0].occurred_at - (now - timedelta(minutes=10))) < timedelta(minutes=1)


def test_what_is_yet_to_come_occurs_when_it_is_received(partner):
    answer = track(partner, event(timestamp="2150-01-01T00:00:00Z"))

    row, _ = kept()
    assert row.occurred_at == row.received_at
    assert "future" in answer["warnings"][0]


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"event": ""}, "event"),
        ({"event": None}, "event"),
        ({"event": 5}, "event"),
        ({"properties": [1]}, "properties"),
        ({"context": "x"}, "context"),
        ({"messageId": 7}, "messageId"),
        ({"timestamp": "noon"}, "timestamp"),
        ({"userId": 5}, "userId"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_name(partner, wrong, key):
    answer = partner.post("/v1/track", event(**wrong))

    assert problem(answer) == (400, "malformed")
    assert answer.json()["key"] == key
    assert not Event.objects.exists()


def test_an_event_of_nobody_is_refused(partner):
    assert problem(partner.post("/v1/track", {"event": BOOKED})) == (400, "nobody_named")


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "deep"}])
@pytest.mark.parametrize("path", ["/v1/track", "/v1/batch"])
def test_no_depth_of_nesting_is_a_fault_of_ours(partner, path, headers):
    """What can just be read may be too deep to be written again."""
    limit, met = sys.getrecursionlimit(), set()
    for depth in range(limit - 200, limit + 20, 3):
        nested = "[" * depth + "]" * depth
        track, identify = (
            f'{{"type": "{kind}", "userId": "u1", "event": "{BOOKED}", "{place}": {{"a": {nested}}}}}'
            for kind, place in (("track", "properties"), ("identify", "traits"))
        )
        body = track if path == "/v1/track" else f'{{"batch": [{track}, {identify}]}}'
        sent = {name: f"{value}{depth}" for name, value in headers.items()}
        met.add(partner.post(path, body.encode(), **sent).status_code)

    assert met <= {200, 400}
    assert 400 in met
    assert not Event.objects.exists()


def test_an_event_that_is_too_large_is_refused(partner):
    assert problem(partner.post("/v1/track", event(properties={"value": "x" * 33_000}))) == (413, "too_large")


def test_a_key_without_the_scope_is_refused(db):
    assert problem(Partner(Scope.WRITE_CHOICES).post("/v1/track", event())) == (403, "forbidden")


def test_a_key_may_come_in_the_body_and_is_not_kept(partner):
    answer = partner.post("/v1/track", event(writeKey=partner.secret), authorization="")

    assert answer.json()["status"] == "accepted"
    assert partner.secret.encode() not in bytes(Event.objects.get().body or b"")


def test_an_unknown_key_is_refused(partner):
    assert problem(partner.post("/v1/track", event(writeKey="wrong"), authorization="")) == (401, "no_key")


def test_a_packed_event_is_unpacked(partner):
    packed = gzip.compress(json.dumps(event()).encode())

    assert track(partner, packed, **{"content-encoding": "gzip"})["status"] == "accepted"


def test_consent_in_an_event_is_recorded_first(partner):
    answer = track(partner, event(context={"consent": OUT}))

    consent = answer["consent"]
    assert (answer["status"], consent["status"]) == ("accepted", "recorded")
    assert not partner.decide("marketing_emails", "email", profile=consent["profile"])["allowed"]
    assert kept()[0].person


def test_consent_counts_though_the_event_is_not_allowed(partner):
    answer = track(partner, event(context={"consent": OUT}) | {"event": "unlisted"})

    assert (answer["status"], answer["consent"]["status"]) == ("not_allowed", "recorded")


def test_an_event_does_not_flow_where_its_consent_could_not_be_recorded(db):
    events_only = Partner(Scope.WRITE_EVENTS)
    unheard = events_only.post("/v1/track", event(context={"consent": OUT}))
    unknown = {"categoryPreferences": {"newsletter": False}}

    assert problem(unheard) == (403, "forbidden")
    assert problem(Partner().post("/v1/track", event(context={"consent": unknown}))) == (
        400,
        "unknown_category",
    )
    assert not Event.objects.exists()


def test_a_privacy_signal_counts_with_any_key_for_the_browser(db):
    website = Partner(Scope.WRITE_EVENTS, slug="website")
    answer = track(website, {"anonymousId": "b1", "event": BOOKED}, **{"sec-gpc": "1"})

    assert answer["consent"]["status"] == "recorded"
    [browser] = Profile.objects.all()
    assert not Partner().decide("sale_or_sharing", "", profile=str(browser.id))["allowed"]


def test_a_websites_key_names_nobody(db):
    website = Partner(Scope.WRITE_EVENTS, Scope.WRITE_ANONYMOUS, slug="website")

    assert problem(website.post("/v1/track", event())) == (403, "forbidden")
    assert track(website, {"anonymousId": "b1", "event": BOOKED})["status"] == "accepted"


def test_somebody_is_asked_once_to_send_them_on(partner, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        partner.post("/v1/batch", {"batch": [{"type": "track", **event(f"u{each}")} for each in range(5)]})

    assert WakeUp.objects.get().pending


def test_an_idempotency_key_answers_as_before(partner):
    first, again = (track(partner, event(messageId=None), **{"idempotency-key": "k1"}) for _ in range(2))

    assert first == again
    assert Event.objects.count() == 1


def test_the_queries_of_an_event_are_few(partner, django_assert_num_queries):
    partner.identify({"userId": "u1"})
    track(partner, event("u0"))
    with django_assert_num_queries(8):
        track(partner, event(properties={"value": 1}))


def test_a_hundred_events_take_as_many_queries_as_one(partner, django_assert_num_queries):
    partner.identify({"userId": "u1"})
    track(partner, event("u0"))
    batch = [{"type": "track", **event(f"u{each}", properties={"value": each})} for each in range(1, 101)]
    with django_assert_num_queries(8):
        found = partner.post("/v1/batch", {"batch": batch}).json()["results"]

    assert {each["status"] for each in found} == {"accepted"}
    order = [str(pk) for pk in Event.objects.order_by("received_at").values_list("pk", flat=True)]
    assert order[1:] == [each["event"] for each in found]


def test_the_id_of_an_event_says_nothing_and_never_changes(partner):
    answer = track(partner)

    assert UUID(answer["event"]).version == 8
    assert isinstance(Event.objects.get(id=answer["event"]).received_at, datetime)
