"""What one person chose, as a merge patch: an opt-out always gets through, and nothing is written twice."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from preferences import clock, identity, services
from preferences.models import Change, Profile, ViewLog
from preferences.terms import RevisionKind, Scope
from tests.preferences.api.partner import Partner, problem
from tests.preferences.saying import chooses, into, on_page, out, publish

MERGE = {"content-type": "application/merge-patch+json"}


@pytest.fixture
def pat(partner):
    traits = {"email": "pat@example.org", "phone": "+12025550143"}
    return partner.identify({"userId": "u1", "traits": traits})["profile"]


def path(profile):
    return f"/v1/profiles/{profile}/preferences"


def patch(partner, profile, preferences, headers=None, **more):
    return partner.patch(path(profile), {"preferences": preferences, **more}, **(headers or {}))


def patched(partner, profile, preferences, **more):
    answer = patch(partner, profile, preferences, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def state(partner, profile, category, channel):
    return partner.get(path(profile)).json()["preferences"][category][channel]["state"]


def count(profile):
    return Change.objects.filter(subject_id=profile).count()


@pytest.mark.parametrize(
    "preferences",
    [
        {"patient_surveys": False},
        {"patient_surveys": {"email": False, "sms": False}},
        {
            "patient_surveys": {
                "email": {"state": "opted_out"},
                "sms": {"state": "opted_out", "allowed": True},
            }
        },
        {"patient_surveys": {"*": False}},
        {"*": False},
        {"*": {"email": False, "sms": {"state": "opted_out"}}},
    ],
)
@pytest.mark.parametrize("headers", [{}, MERGE])
def test_a_no_is_said_in_any_of_these_ways(partner, pat, preferences, headers):
    answer = patch(partner, pat, preferences, headers)

    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "recorded"
    assert answer.json()["preferences"]["patient_surveys"]["email"]["because"] == "choice"
    for channel in ("email", "sms"):
        assert not partner.decide("patient_surveys", channel, profile=pat)["allowed"]


def test_what_is_answered_is_what_holds_now_in_the_categories_that_were_named(partner, pat):
    body = patched(partner, pat, {"patient_surveys": {"email": False}})
    read = partner.get(path(pat)).json()

    assert set(body["preferences"]) == {"patient_surveys"}
    assert body["preferences"]["patient_surveys"] == read["preferences"]["patient_surveys"]
    assert body["version"] == read["version"]


def test_a_yes_that_does_not_count_is_said_so(partner, pat):
    body = patched(partner, pat, {"marketing_emails": True, "appointment_reminders": {"sms": True}})

    assert body["not_counted"] == [
        {"category": "marketing_emails", "channel": "email", "why": "not_the_person"}
    ]
    assert body["preferences"]["marketing_emails"]["email"]["state"] == "never_asked"
    assert body["preferences"]["appointment_reminders"]["sms"]["state"] == "opted_in"


def test_a_yes_counts_with_evidence_with_the_wording_and_in_a_second_step(partner, portal_system, pat):
    notice = services.publish(
        kind=RevisionKind.NOTICE, key="app", body={"text": "May we call?"}, author="Ann", reason="A test"
    )
    attached = patched(partner, pat, {"marketing_emails": True}, evidence={"form": "F-12"})
    called = patched(portal_system, pat, {"phone_outreach": {"phone": True}}, notice=f"app@{notice.number}")
    unread = patched(portal_system, pat, {"phone_outreach": {"sms": True}}, notice="app@7")
    once = patched(portal_system, pat, {"sale_or_sharing": True})
    twice = patched(portal_system, pat, {"sale_or_sharing": True}, second_step=True)

    assert attached["not_counted"] == called["not_counted"] == twice["not_counted"] == []
    assert [each["why"] for each in unread["not_counted"] + once["not_counted"]] == [
        "no_notice",
        "no_second_step",
    ]
    assert unread["warnings"]
    assert twice["preferences"]["sale_or_sharing"]["*"]["state"] == "opted_in"


def test_null_unsays_nothing_and_does_not_stand_in_the_way_of_a_no(partner, pat):
    patched(partner, pat, {"care_follow_ups": {"sms": False}})
    body = patched(
        partner,
        pat,
        {"patient_surveys": False, "care_follow_ups": None, "appointment_reminders": {"sms": None}},
    )

    assert len(body["warnings"]) == 2
    assert state(partner, pat, "care_follow_ups", "sms") == "opted_out"
    assert state(partner, pat, "patient_surveys", "sms") == "opted_out"
    assert state(partner, pat, "appointment_reminders", "sms") == "never_asked"


def test_a_whole_answer_sent_back_with_one_thing_changed_changes_that_one(partner, pat):
    patched(partner, pat, {"patient_surveys": {"sms": False}})
    whole = partner.get(path(pat)).json()
    whole["preferences"]["care_follow_ups"]["mail"]["state"] = "opted_out"
    before = partner.get(path(pat)).json()["preferences"]
    answer = partner.patch(path(pat), whole)

    assert answer.status_code == 200, answer.text
    before["care_follow_ups"]["mail"] = answer.json()["preferences"]["care_follow_ups"]["mail"]
    assert partner.get(path(pat)).json()["preferences"] == before


# --- only what is new is written ---


@pytest.mark.parametrize(
    "preferences",
    [
        {"patient_surveys": False},
        {"*": False},
        {"*": False, "patient_surveys": {"email": True}},
        {"patient_surveys": {"sms": True, "email": False}},
        {"sale_or_sharing": False},
        {"appointment_reminders": None},
    ],
)
def test_the_same_again_writes_nothing(partner, pat, preferences):
    patched(partner, pat, preferences)
    before = count(pat)

    again = patched(partner, pat, preferences)

    assert again["status"] == "unchanged"
    assert count(pat) == before


def test_a_yes_that_stands_is_no_news_though_the_caller_could_not_have_given_it(partner, pat):
    chooses(UUID(pat), into("sale_or_sharing"), said=on_page(second_step=True))
    before = count(pat)

    again = patched(partner, pat, {"sale_or_sharing": True})

    assert (again["status"], again["not_counted"]) == ("unchanged", [])
    assert count(pat) == before


def test_a_yes_that_stands_is_kept_beside_a_no_to_all_that_is_new(partner, pat):
    patched(partner, pat, {"patient_surveys": {"email": True}})
    patched(partner, pat, {"*": False, "patient_surveys": {"email": True}})

    assert state(partner, pat, "patient_surveys", "email") == "opted_in"
    assert state(partner, pat, "patient_surveys", "sms") == "opted_out"


def test_what_a_broader_no_covers_already_writes_nothing(partner, pat):
    patched(partner, pat, {"*": False})
    before = count(pat)

    assert patched(partner, pat, {"patient_surveys": {"sms": False}})["status"] == "unchanged"
    assert count(pat) == before


def test_a_no_said_again_another_day_beats_a_yes_from_in_between_that_comes_in_late(partner, pat):
    now = timezone.now()
    for days in (9, 3):
        moment = (now - timedelta(days=days)).isoformat()
        assert (
            patched(partner, pat, {"patient_surveys": {"sms": False}}, occurred_at=moment)["status"]
            == "recorded"
        )
    late = (now - timedelta(days=6)).isoformat()
    patched(partner, pat, {"patient_surveys": {"sms": True}}, occurred_at=late)

    assert state(partner, pat, "patient_surveys", "sms") == "opted_out"


def test_a_no_after_a_narrower_yes_is_new(partner, pat):
    patched(partner, pat, {"*": False})
    patched(partner, pat, {"patient_surveys": {"sms": True}})

    assert patched(partner, pat, {"*": False})["status"] == "recorded"
    assert not partner.decide("patient_surveys", "sms", profile=pat)["allowed"]


def test_a_broader_no_is_new_where_only_a_narrower_one_stands(partner, pat):
    patched(partner, pat, {"patient_surveys": {"email": False, "sms": False}})

    assert patched(partner, pat, {"patient_surveys": False})["status"] == "recorded"


def test_when_it_was_is_when_it_counts(partner, pat):
    with clock.at(timezone.now()):
        chooses(UUID(pat), out("patient_surveys", "sms"), said=on_page(timezone.now()))
    earlier = (timezone.now() - timedelta(days=2)).isoformat()
    patched(partner, pat, {"patient_surveys": {"sms": True}}, occurred_at=earlier)

    assert state(partner, pat, "patient_surveys", "sms") == "opted_out"


def test_a_time_that_is_yet_to_come_counts_from_now(partner, pat):
    body = patched(partner, pat, {"patient_surveys": False}, occurred_at="2190-01-01T00:00:00Z")

    assert body["preferences"]["patient_surveys"]["sms"]["since"] < "2190"
    assert len(body["warnings"]) == 1


# --- conditions and repeats ---


def test_what_the_caller_has_not_seen_is_not_written_over(partner, pat):
    seen = partner.get(path(pat)).headers["ETag"]
    chooses(UUID(pat), out("patient_surveys", "sms"))
    before = count(pat)

    refused = patch(partner, pat, {"patient_surveys": {"sms": True}}, {"if-match": seen})

    assert problem(refused) == (412, "stale")
    assert refused.json()["current"]["preferences"]["patient_surveys"]["sms"]["state"] == "opted_out"
    assert set(refused.json()["current"]["preferences"]) == {"patient_surveys"}
    assert count(pat) == before
    tag = refused.headers["ETag"]
    again = patch(partner, pat, {"patient_surveys": {"sms": True}}, {"if-match": f'"x", {tag}'})
    assert again.status_code == 200
    assert again.headers["ETag"] == partner.get(path(pat)).headers["ETag"] != tag


@pytest.mark.parametrize(("header", "status"), [("*", 200), ("nonsense", 412), ("", 412)])
def test_other_conditions(partner, pat, header, status):
    assert patch(partner, pat, {"patient_surveys": False}, {"if-match": header}).status_code == status


def test_a_weak_tag_is_no_condition_to_write_by(partner, pat):
    weak = "W/" + partner.get(path(pat)).headers["ETag"]

    assert patch(partner, pat, {"patient_surveys": False}, {"if-match": weak}).status_code == 412


def test_a_repeat_under_the_same_name_gets_the_same_answer(partner, pat):
    name = {"idempotency-key": "p-1"}
    first = patch(partner, pat, {"patient_surveys": False}, name)
    again = patch(partner, pat, {"patient_surveys": False}, name)

    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert problem(patch(partner, pat, {"patient_surveys": True}, name)) == (422, "other_body")


# --- who, and what cannot be read ---


def test_the_old_key_of_somebody_merged_leads_to_who_they_are_now(partner, pat):
    other = identity.make_profile(timezone.now())
    Profile.objects.filter(pk=other).update(merged_into=UUID(pat))

    assert patched(partner, other, {"patient_surveys": False})["profile"] == pat
    assert state(partner, pat, "patient_surveys", "email") == "opted_out"
    assert f'"profile":"{other}"' in Change.objects.latest("id").entries


def test_it_needs_its_own_scope_and_reading_another(pat):
    writer, reader = Partner(Scope.WRITE_CHOICES), Partner(Scope.READ_PREFERENCES)

    assert patch(writer, pat, {"patient_surveys": False}).status_code == 200
    assert problem(writer.get(path(pat))) == (403, "forbidden")
    assert problem(patch(reader, pat, {"patient_surveys": False})) == (403, "forbidden")
    assert problem(patch(Partner(Scope.WRITE_ANONYMOUS), pat, {})) == (403, "forbidden")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "malformed"),
        ({"preferences": {}}, "malformed"),
        ({"preferences": None}, "malformed"),
        ({"preferences": [False]}, "malformed"),
        ({"preference": {"patient_surveys": False}}, "malformed"),
        ({"preferences": {"patient_surveys": False}, "occured_at": "2026-01-01"}, "malformed"),
        ({"preferences": {"patient_surveys": 0}}, "malformed"),
        ({"preferences": {"patient_surveys": {"state": "opted_out"}}}, "malformed"),
        ({"preferences": {"patient_surveys": {"sms": {"state": "no"}}}}, "malformed"),
        ({"preferences": {"patient_surveys": {"sms": {}}}}, "malformed"),
        ({"preferences": {"patient_surveys": {"sms": {"state": ["opted_out"]}}}}, "malformed"),
        ({"preferences": {"patient_surveys": {"sms": {"state": "opted_out", "x": "\x00"}}}}, "malformed"),
        ({"preferences": {"newsletter": False}}, "unknown_category"),
        ({"preferences": {"patient_surveys": {"pigeon": False}}}, "unknown_channel"),
        ({"preferences": {"sale_or_sharing": {"email": False}}}, "unknown_channel"),
        ({"preferences": {"patient_surveys": False}, "occurred_at": 5}, "malformed"),
        ({"preferences": {"patient_surveys": False}, "evidence": "form"}, "malformed"),
        ({"preferences": {"patient_surveys": False}, "second_step": "yes"}, "malformed"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(partner, pat, body, code):
    before = count(pat)

    assert problem(partner.patch(path(pat), body)) == (400, code)
    assert count(pat) == before


def test_it_works_with_a_slash_and_is_logged(partner, pat):
    assert partner.patch(path(pat) + "/", {"preferences": {"*": False}}).status_code == 200
    assert ViewLog.objects.get().page == "PATCH /v1/profiles/{id}/preferences"


def test_it_takes_so_many_queries(partner, pat, django_assert_num_queries):
    with django_assert_num_queries(15):
        patched(partner, pat, {"patient_surveys": False})
    with django_assert_num_queries(9):
        patched(partner, pat, {"patient_surveys": False})


def test_a_yes_that_runs_out_is_renewed_each_time_it_is_said(partner, pat):
    publish("patient_surveys", opt_in_expires_days=30)
    patched(partner, pat, {"patient_surveys": {"sms": True}})

    assert patched(partner, pat, {"patient_surveys": {"sms": True}})["status"] == "recorded"
