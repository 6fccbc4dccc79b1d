"""Denials that beat choices: set by many, lifted by few, and the refusal says by whom."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from preferences.models import Change, Identifier
from preferences.terms import Scope
from tests.preferences.api.partner import Partner, problem

PATH = "/v1/restrictions"
EMAIL, PHONE = "pat@example.org", "+12025550143"
CALL = {"call": "CA-2231"}


@pytest.fixture
def pat(partner):
    return partner.identify({"userId": "u1", "traits": {"email": EMAIL, "phone": PHONE}})["profile"]


def placed(partner, kind, **more):
    answer = partner.post(PATH, {"kind": kind, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def lift(partner, name, **how):
    return partner.delete(f"{PATH}/{name}", how or b"")


def allowed(partner, category, channel, **who):
    return partner.decide(category, channel, **who)["allowed"]


@pytest.mark.parametrize(
    ("body", "denied", "open_still"),
    [
        (
            {"kind": "stop", "phone": PHONE},
            ("appointment_reminders", "sms"),
            ("appointment_reminders", "phone"),
        ),
        ({"kind": "do_not_call", "phone": PHONE}, ("care_follow_ups", "phone"), ("care_follow_ups", "sms")),
        ({"kind": "suppressed", "email": EMAIL}, ("patient_surveys", "email"), ("patient_surveys", "sms")),
        (
            {"kind": "suppressed", "email": EMAIL, "category": "marketing_emails"},
            ("marketing_emails", "email"),
            ("patient_surveys", "email"),
        ),
        (
            {"kind": "suppressed", "phone": PHONE, "channel": "phone"},
            ("appointment_reminders", "phone"),
            ("appointment_reminders", "sms"),
        ),
    ],
)
def test_an_address_is_denied_for_whoever_has_it(partner, pat, body, denied, open_still):
    assert partner.post(PATH, body).json()["status"] == "recorded"

    assert partner.decide(*denied, profile=pat)["reason"] == "restriction"
    assert allowed(partner, *open_still, profile=pat)


def test_an_address_that_nobody_has_is_denied_for_whoever_will_have_it(partner):
    placed(partner, "stop", phone="(202) 555-0199")
    later = partner.identify({"userId": "u2", "traits": {"phone": "+12025550199"}})["profile"]

    assert not allowed(partner, "patient_surveys", "sms", profile=later)


def test_a_use_of_data_is_denied_at_an_address(partner, portal_system, pat):
    placed(partner, "suppressed", email=EMAIL, category="sale_or_sharing")

    [decision] = partner.post(
        "/v1/decisions", {"category": "sale_or_sharing", "recipients": [{"email": EMAIL}]}
    ).json()["results"]
    assert decision["reason"] == "restriction"


def test_nothing_can_be_read_from_its_id(partner, pat):
    name = placed(partner, "suppressed", email=EMAIL, category="marketing_emails")["id"]

    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", name)
    assert name == placed(partner, "suppressed", email=EMAIL, category="marketing_emails")["id"]
    assert name != placed(partner, "suppressed", email=EMAIL)["id"]


def test_the_same_again_writes_nothing_and_another_day_it_does(partner, pat):
    first = placed(partner, "stop", phone=PHONE, occurred_at=(timezone.now() - timedelta(days=3)).isoformat())
    before = Change.objects.count()
    moment = (timezone.now() - timedelta(days=3)).isoformat()

    assert placed(partner, "stop", phone=PHONE, occurred_at=moment) == {**first, "status": "unchanged"}
    assert Change.objects.count() == before
    assert placed(partner, "stop", phone=PHONE)["status"] == "recorded"


# --- lifting, by the table of DESIGN section 4 ---


def test_a_stop_is_lifted_by_nobody_here(partner, portal_system, pat):
    name = placed(partner, "stop", phone=PHONE)["id"]
    for who in (partner, portal_system):
        refused = lift(who, name, evidence=CALL, verified="code")
        assert problem(refused) == (403, "forbidden")
        assert "START from that number" in refused.json()["detail"]

    assert not allowed(partner, "patient_surveys", "sms", profile=pat)


def test_do_not_call_ends_with_evidence_of_the_persons_request(partner, pat):
    name = placed(partner, "do_not_call", phone=PHONE)["id"]
    refused = lift(partner, name)
    done = lift(partner, name, evidence=CALL)
    again = lift(partner, name, evidence=CALL)

    assert problem(refused) == (403, "forbidden")
    assert "with evidence" in refused.json()["detail"]
    assert (done.json()["status"], again.json()["status"]) == ("lifted", "unchanged")
    assert allowed(partner, "care_follow_ups", "phone", profile=pat)


def test_a_suppressed_address_ends_with_the_person_verified_there(partner, portal_system, pat):
    name = placed(partner, "suppressed", email=EMAIL)["id"]

    assert problem(lift(partner, name, evidence=CALL, verified="code")) == (403, "forbidden")
    assert problem(lift(portal_system, name)) == (403, "forbidden")
    assert lift(portal_system, name, verified="code").json()["status"] == "lifted"
    assert allowed(partner, "patient_surveys", "email", profile=pat)


def test_what_was_asked_before_it_was_set_lifts_nothing(partner, pat):
    name = placed(partner, "do_not_call", phone=PHONE)["id"]
    lift(partner, name, evidence=CALL, occurred_at="2020-01-01T00:00:00Z")

    assert not allowed(partner, "care_follow_ups", "phone", profile=pat)


@pytest.mark.parametrize("name", ["x", "A" * 32, "-" * 32, "é", "%00", "A" * 31 + "=", "A" * 4000])
def test_an_id_of_no_restriction(partner, name):
    assert problem(lift(partner, name)) == (404, "not_found")


# --- people ---


def test_an_order_allows_what_it_names_and_is_ended_by_staff_only(partner, portal_system, pat):
    ways = [{"channel": "email", "email": "safe@example.org"}, {"channel": "mail", "address": "PO Box 7"}]
    asked = {"kind": "order", "profile": pat, "allowed": ways}
    refused = partner.post(PATH, {**asked, "evidence": {"form": "F-12"}})
    made = placed(portal_system, "order", profile=pat, allowed=ways)

    assert problem(refused) == (403, "forbidden")
    assert "staff" in refused.json()["detail"]
    assert partner.decide("patient_surveys", "sms", profile=pat)["reason"] == "order"
    to = {"email": "safe@example.org"}
    assert allowed(partner, "patient_surveys", "email", profile=pat, to=to)
    assert not allowed(partner, "patient_surveys", "email", profile=pat, to={"email": EMAIL})
    ended = lift(portal_system, made["id"])
    assert problem(ended) == (403, "forbidden")
    assert "staff" in ended.json()["detail"]
    assert "PO Box" not in str(list(Change.objects.values_list("entries", flat=True)))


def test_the_dead_get_nothing_until_whoever_said_so_takes_it_back(partner, pat):
    other = Partner(slug="other")
    name = placed(partner, "deceased", profile=pat)["id"]

    assert placed(other, "deceased", profile=pat) == {"status": "unchanged", "id": name, "kind": "deceased"}
    assert partner.decide("patient_surveys", "sms", profile=pat)["reason"] == "deceased"
    assert problem(lift(other, name)) == (403, "forbidden")
    assert lift(partner, name).json()["status"] == "lifted"
    assert allowed(partner, "patient_surveys", "sms", profile=pat)


def test_a_correction_that_is_sent_twice_is_written_once(partner, pat):
    name = placed(partner, "deceased", profile=pat)["id"]
    lift(partner, name)
    written = Change.objects.count()

    assert lift(partner, name).json() == {"status": "unchanged", "id": name, "kind": "deceased"}
    assert Change.objects.count() == written


# --- what cannot be read ---


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "malformed"),
        ({"kind": "silence", "phone": PHONE}, "malformed"),
        ({"kind": ["stop"], "phone": PHONE}, "malformed"),
        ({"kind": "stop"}, "malformed"),
        ({"kind": "stop", "phone": PHONE, "email": EMAIL}, "malformed"),
        ({"kind": "stop", "email": EMAIL}, "malformed"),
        ({"kind": "stop", "phone": "nonsense"}, "malformed"),
        ({"kind": "stop", "profile": "u1"}, "malformed"),
        ({"kind": "stop", "phone": PHONE, "categroy": "marketing_emails"}, "malformed"),
        ({"kind": "stop", "phone": PHONE, "category": "newsletter"}, "unknown_category"),
        ({"kind": "suppressed", "phone": PHONE, "channel": "pigeon"}, "unknown_channel"),
        ({"kind": "stop", "phone": PHONE, "occurred_at": "noon"}, "malformed"),
        ({"kind": "stop", "phone": PHONE, "evidence": "form"}, "malformed"),
        ({"kind": "stop", "phone": PHONE, "evidence": {"a": "\x00"}}, "malformed"),
        ({"kind": "order", "phone": PHONE, "allowed": []}, "malformed"),
        ({"kind": "deceased", "profile": 5}, "malformed"),
    ],
)
def test_what_cannot_be_read_is_refused_and_leaves_nothing(partner, body, code):
    answer = partner.post(PATH, body)

    assert problem(answer) == (400, code)
    assert not Identifier.objects.exists()


@pytest.mark.parametrize(
    "ways",
    [
        None,
        [],
        {},
        ["email"],
        [{"channel": "email"}],
        [{"channel": ["email"], "email": EMAIL}],
        [{"channel": "email", "phone": PHONE}],
        [{"channel": "email", "address": "PO Box 7"}],
        [{"channel": "mail", "address": " "}],
        [{"channel": "mail", "address": 7}],
        [{"channel": "pigeon", "email": EMAIL}],
        [{"channel": "email", "email": EMAIL}] * 21,
    ],
)
def test_an_order_must_name_ways(portal_system, pat, ways):
    answer = portal_system.post(PATH, {"kind": "order", "profile": pat, "allowed": ways})

    assert problem(answer) == (400, "malformed")


def test_it_needs_its_scope_and_knows_repeats(partner):
    name = {"idempotency-key": "r-1"}
    first = partner.post(PATH, {"kind": "stop", "phone": PHONE}, **name)
    again = partner.post(PATH + "/", {"kind": "stop", "phone": PHONE}, **name)

    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    for refused in (Partner(Scope.WRITE_CHOICES).post(PATH, {}), lift(Partner(Scope.WRITE_CHOICES), "x")):
        assert problem(refused) == (403, "forbidden")
    assert problem(partner.get(PATH)) == (405, "method_not_allowed")


def test_it_takes_so_many_queries(partner, pat, django_assert_num_queries):
    with django_assert_num_queries(11):
        name = placed(partner, "do_not_call", phone=PHONE)["id"]
    with django_assert_num_queries(10):
        lift(partner, name, evidence=CALL)
