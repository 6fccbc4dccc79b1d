"""What a partner says about somebody: read as Segment's clients write it, recorded, and answered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from preferences import ledger, services
from preferences.models import Change, Profile
from preferences.terms import RevisionKind, Scope
from tests.preferences.api.partner import Partner, problem

MARKETING_OFF = {"preferences": {"marketing_emails": False}}


def change_of(profile):
    return Change.objects.filter(subject_id=profile).latest("id")


def test_an_opt_out_is_recorded_and_decides(partner):
    answer = partner.identify({"userId": "u1", "traits": {"email": "pat@example.org", **MARKETING_OFF}})

    assert answer["status"] == "recorded"
    assert answer["not_counted"] == answer["warnings"] == []
    assert answer["held_on_address"] is answer["possible_duplicate"] is False
    decision = partner.decide("marketing_emails", "email", profile=answer["profile"])
    assert (decision["allowed"], decision["reason"]) == (False, "choice")


def test_the_same_once_more_changes_nothing(partner):
    partner.identify({"userId": "u1", "traits": {"email": "pat@example.org"}})

    assert partner.identify({"userId": "u1", "traits": {"email": "Pat@Example.org "}})["status"] == "unchanged"


def test_a_message_counts_once_however_often_it_is_sent(partner):
    call = {"userId": "u1", "messageId": "m1", "traits": MARKETING_OFF}
    first = partner.identify({**call, "sentAt": "2026-01-01T00:00:00Z"})
    again = partner.identify({**call, "sentAt": "2026-01-01T00:01:00Z"})

    assert (first["status"], again["status"]) == ("recorded", "duplicate")
    assert again["profile"] == first["profile"]
    assert again["version"] == first["version"]


@pytest.mark.parametrize("yes_first", [True, False])
def test_where_two_places_disagree_the_opt_out_wins(portal_system, yes_first):
    answer = portal_system.identify(
        {
            "userId": "u1",
            "context": {"consent": {"categoryPreferences": {"marketing_emails": yes_first}}},
            "traits": {"preferences": {"marketing_emails": {"email": not yes_first}}},
        }
    )

    assert not portal_system.decide("marketing_emails", "email", profile=answer["profile"])["allowed"]


def test_stars_null_and_data_use_are_understood(portal_system):
    answer = portal_system.identify(
        {
            "userId": "u1",
            "traits": {
                "email": "pat@example.org",
                "preferences": {
                    "*": {"sms": False},
                    "appointment_reminders": {"*": True, "phone": None},
                    "marketing_emails": None,
                    "sale_or_sharing": False,
                },
            },
        }
    )

    read = portal_system.get(f"/v1/profiles/{answer['profile']}/preferences").json()["preferences"]
    assert read["patient_surveys"]["sms"]["state"] == "opted_out"
    assert read["appointment_reminders"]["phone"]["state"] == "opted_in"
    assert read["marketing_emails"]["email"]["state"] == "never_asked"
    assert read["sale_or_sharing"]["state"] == "opted_out"


@pytest.mark.parametrize(
    ("preferences", "key"),
    [
        ({"marketing_emails": "no"}, "traits.preferences.marketing_emails"),
        ({"marketing_emails": {"email": 0}}, "traits.preferences.marketing_emails.email"),
        ({"marketing_emails": [False]}, "traits.preferences.marketing_emails"),
    ],
)
def test_a_preference_of_another_type_is_refused_by_its_name(partner, preferences, key):
    answer = partner.post("/v1/identify", {"userId": "u1", "traits": {"preferences": preferences}})

    assert problem(answer) == (400, "malformed")
    assert answer.json()["key"] == key
    assert not Profile.objects.exists()


@pytest.mark.parametrize(
    ("preferences", "code"),
    [
        ({"newsletter": False}, "unknown_category"),
        ({"marketing_emails": {"pigeon": False}}, "unknown_channel"),
        ({"*": {"pigeon": False}}, "unknown_channel"),
        ({"sale_or_sharing": {"email": False}}, "unknown_channel"),
    ],
)
@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("named", [{"userId": "u1"}, {"traits": {"email": "shared@example.org"}}])
def test_an_unknown_category_or_channel_is_an_error_whoever_is_named(partner, preferences, code, value, named):
    for user in ("a", "b"):
        partner.identify({"userId": user, "traits": {"email": "shared@example.org"}})
    given = {
        category: value if isinstance(channels, bool) else dict.fromkeys(channels, value)
        for category, channels in preferences.items()
    }
    body = {**named, "context": {"consent": {"categoryPreferences": given}}}

    assert problem(partner.post("/v1/identify", body)) == (400, code)


def test_a_malformed_address_is_reported_and_the_opt_out_counts(partner):
    answer = partner.identify({"userId": "u1", "traits": {"email": "pat at home", "phone": 5, **MARKETING_OFF}})

    assert answer["status"] == "recorded"
    assert [warning.split(" ")[0] for warning in answer["warnings"]] == ["traits.email", "traits.phone"]
    assert not partner.decide("marketing_emails", "email", profile=answer["profile"])["allowed"]


def test_a_malformed_address_alone_names_nobody(partner):
    answer = partner.post("/v1/identify", {"traits": {"email": "pat at home", **MARKETING_OFF}})

    assert problem(answer) == (400, "nobody_named")
    assert "pat at home" not in answer.text


def test_an_opt_out_for_an_address_that_nobody_holds_is_kept_on_it(partner):
    answer = partner.identify({"traits": {"email": "pat@example.org", **MARKETING_OFF}})

    assert answer["held_on_address"] is True
    assert (answer["status"], answer["profile"]) == ("recorded", None)
    assert not partner.decide("marketing_emails", "email", email="pat@example.org")["allowed"]


def test_traits_are_read_from_the_context_too(partner):
    answer = partner.identify(
        {"userId": "u1", "context": {"traits": {"email": "pat@example.org", "jurisdiction": "us-ca"}}}
    )

    [found] = partner.post("/v1/profiles/search", {"email": "pat@example.org"}).json()["results"]
    assert (found["profile"], found["jurisdiction"]) == (answer["profile"], "US-CA")


def test_an_attribute_that_is_no_code_is_left_out_with_a_word(partner):
    answer = partner.identify({"userId": "u1", "traits": {"jurisdiction": "US", "language": ["en"]}})

    assert [warning.split(" ")[0] for warning in answer["warnings"]] == ["traits.jurisdiction", "traits.language"]


@pytest.mark.parametrize("mrn", ["00123", {"value": "00123", "authority": "main"}])
def test_a_record_number_names_the_same_person_in_both_spellings(partner, settings, mrn):
    settings.HEED_MRN_AUTHORITY = "main"
    first = partner.identify({"traits": {"mrn": "00123"}})

    assert partner.identify({"traits": {"mrn": mrn}})["profile"] == first["profile"]
    other = {"mrn": {"value": "00123", "authority": "urn:oid:1.2.3"}}
    assert partner.identify({"traits": other})["profile"] != first["profile"]


def test_two_people_are_told_as_a_possible_duplicate(partner):
    partner.identify({"userId": "u1"})
    partner.identify({"traits": {"mrn": "00123"}})
    answer = partner.identify({"userId": "u1", "traits": {"mrn": "00123", **MARKETING_OFF}})

    assert answer["possible_duplicate"] is True
    assert (answer["status"], answer["profile"]) == ("recorded", None)


def test_the_time_is_corrected_by_the_senders_clock(partner):
    now = timezone.now()
    wrong = now + timedelta(hours=5)
    answer = partner.identify(
        {
            "userId": "u1",
            "timestamp": (wrong - timedelta(minutes=10)).isoformat(),
            "sentAt": wrong.isoformat(),
            "traits": MARKETING_OFF,
        }
    )

    assert abs(change_of(answer["profile"]).occurred_at - (now - timedelta(minutes=10))) < timedelta(seconds=30)
    assert answer["warnings"] == []


def test_a_forwarded_call_is_not_corrected_twice(partner):
    now = timezone.now()
    answer = partner.identify(
        {
            "userId": "u1",
            "originalTimestamp": (now + timedelta(hours=5)).isoformat(),
            "sentAt": (now + timedelta(hours=5)).isoformat(),
            "timestamp": now.isoformat(),
        }
    )

    assert abs(change_of(answer["profile"]).occurred_at - now) < timedelta(seconds=30)


def test_a_time_that_is_yet_to_come_counts_from_now_with_a_warning(partner):
    later = timezone.now() + timedelta(days=400)
    answer = partner.identify({"userId": "u1", "timestamp": later.isoformat(), "traits": MARKETING_OFF})

    assert "future" in answer["warnings"][0]
    assert not partner.decide("marketing_emails", "email", profile=answer["profile"])["allowed"]


def test_a_day_without_a_time_is_a_day(partner):
    partner.identify({"userId": "u1", "timestamp": "2026-05-01", "traits": MARKETING_OFF})
    profile = partner.identify({"userId": "u1"})["profile"]

    read = partner.get(f"/v1/profiles/{profile}/preferences").json()["preferences"]
    assert read["marketing_emails"]["email"]["since"].startswith("2026-05-02T03:59:59")


@pytest.mark.parametrize("name", ["timestamp", "sentAt", "originalTimestamp"])
@pytest.mark.parametrize(
    "value", ["yesterday", "", 1, {}, "2026-13-01", "2026-02-30", "2026-05-01T25:00:00Z", "0001-01-01T00:00:00+14:00"]
    + ["9999-12-31T23:59:59-14:00", "2300-01-01T00:00:00Z", "1600-01-01"],
)  # fmt: skip
def test_a_time_that_is_none_is_refused(partner, name, value):
    answer = partner.post("/v1/identify", {"userId": "u1", name: value, "traits": MARKETING_OFF})

    assert problem(answer) == (400, "malformed")
    assert answer.json()["key"] == name


def test_an_opt_in_counts_with_the_notice_that_was_shown(portal_system):
    notice = services.publish(
        kind=RevisionKind.NOTICE, key="calls", body={"text": "May we call?"}, author="Ann", reason="New"
    )
    yes = {"traits": {"preferences": {"phone_outreach": {"phone": True}}}}
    without = portal_system.identify({"userId": "u1", **yes})
    shown = {"context": {"consent": {"notice": f"calls@{notice.number}"}}}
    named = portal_system.identify({"userId": "u1", **yes, **shown})
    unknown = portal_system.identify({"userId": "u1", "context": {"consent": {"notice": "calls@9"}}})

    assert without["not_counted"] == [{"category": "phone_outreach", "channel": "phone", "why": "no_notice"}]
    assert named["not_counted"] == []
    assert change_of(named["profile"]).notice_id == notice.pk
    assert "notice" in unknown["warnings"][0]


def test_evidence_makes_a_partners_opt_in_the_persons_own(partner):
    yes = {"userId": "u1", "traits": {"preferences": {"marketing_emails": True}}}
    bare = partner.identify(yes)
    shown = partner.identify({**yes, "context": {"consent": {"evidence": {"form": "A-17"}}}})

    assert [each["why"] for each in bare["not_counted"]] == ["not_the_person"]
    assert shown["not_counted"] == []
    change = change_of(shown["profile"])
    assert b"A-17" not in bytes(change.evidence)
    assert change.commitment != ledger.NO_EVIDENCE


def test_a_source_that_speaks_for_the_person_is_the_person(portal_system):
    answer = portal_system.identify({"userId": "u1", "traits": {"preferences": {"marketing_emails": True}}})

    assert answer["not_counted"] == []
    assert '"by":"person"' in change_of(answer["profile"]).entries


@pytest.mark.parametrize(
    "body",
    [
        {"userId": "u1"},
        {"traits": {"email": "pat@example.org"}},
        {"traits": {"phone": "no number"}},
        {"context": {"traits": {"mrn": "1"}}},
    ],
)
def test_a_browsers_key_can_name_nobody(browser, body):
    assert problem(browser.post("/v1/identify", {"anonymousId": "b1", **body})) == (403, "forbidden")


def test_a_browsers_key_records_and_learns_nothing(browser):
    answer = browser.identify(
        {
            "anonymousId": "b1",
            "context": {"consent": {"evidence": {"x": 1}}},
            "traits": {"preferences": {"marketing_emails": True, "patient_surveys": False}},
        }
    )

    assert (answer["status"], answer["profile"]) == ("recorded", None)
    assert [each["why"] for each in answer["not_counted"]] == ["not_the_person"]


def test_a_key_with_both_scopes_names_people(db):
    both = Partner(Scope.WRITE_ANONYMOUS, Scope.WRITE_CHOICES)

    assert both.identify({"userId": "u1", "anonymousId": "b1"})["profile"]
