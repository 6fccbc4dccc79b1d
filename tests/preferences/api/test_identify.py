"""What a partner says about somebody: read as Segment's clients write it, recorded, and answered."""

import pytest

from tests.preferences.api.partner import problem

MARKETING_OFF = {"preferences": {"marketing_emails": False}}


def test_an_opt_out_is_recorded_and_decides(partner):
    answer = partner.identify({"userId": "u1", "traits": {"email": "pat@example.org", **MARKETING_OFF}})

    assert answer["status"] == "recorded"
    assert answer["not_counted"] == answer["warnings"] == []
    assert answer["held_on_address"] is answer["possible_duplicate"] is False
    decision = partner.decide("marketing_emails", "email", profile=answer["profile"])
    assert (decision["allowed"], decision["reason"]) == (False, "choice")


def test_the_same_once_more_changes_nothing(partner):
    partner.identify({"userId": "u1", "traits": {"email": "pat@example.org"}})

    assert (
        partner.identify({"userId": "u1", "traits": {"email": "Pat@Example.org "}})["status"] == "unchanged"
    )


def test_a_message_counts_once_however_often_it_is_sent(partner):
    call = {"userId": "u1", "messageId": "m1", "traits": MARKETING_OFF}
    first = partner.identify({**call, "sentAt": "2026-01-01T00:00:00Z"})
    again = partner.identify({**call, "sentAt": "2026-01-01T00:01:00Z"})

    assert (first["status"], again["status"]) == ("recorded", "duplicate")
    assert again["profile"] == first["profile"]
    assert again["version"] == first["version"]


def test_a_malformed_address_is_reported_and_the_opt_out_counts(partner):
    answer = partner.identify(
        {"userId": "u1", "traits": {"email": "pat at home", "phone": 5, **MARKETING_OFF}}
    )

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

    assert [warning.split(" ")[0] for warning in answer["warnings"]] == [
        "traits.jurisdiction",
        "traits.language",
    ]


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
