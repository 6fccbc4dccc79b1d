"""Looking people up and reading what holds for them; each look leaves its line."""

import uuid

import pytest

from preferences.models import ViewLog
from tests.preferences.api.partner import Partner, problem


@pytest.fixture
def pat(partner):
    return partner.identify(
        {
            "userId": "u1",
            "traits": {
                "email": "pat@example.org",
                "phone": "(202) 555-0143",
                "mrn": "00123",
                "language": "es",
                "preferences": {"marketing_emails": False},
            },
        }
    )["profile"]


def search(partner, **by):
    return partner.post("/v1/profiles/search", by)


@pytest.mark.parametrize(
    "by",
    [
        {"email": " PAT@example.org"},
        {"phone": "+1 202 555 0143"},
        {"mrn": "00123"},
        {"mrn": {"value": "00123", "authority": None}},
        {"external_id": "u1"},
        {"external_id": {"value": "u1", "source": "crm"}},
    ],
)
def test_a_person_is_found_by_what_they_hold(partner, pat, by):
    answer = search(partner, **by)

    [found] = answer.json()["results"]
    assert (found["profile"], found["language"], found["anonymous"]) == (pat, "es", False)
    assert answer.json()["next"] is None
    assert "pat@" not in answer.text
    assert '"00123"' not in answer.text
    assert "5550143" not in answer.text


def test_an_external_id_belongs_to_the_source_that_gave_it(partner, pat):
    other = Partner(slug="other")

    assert search(other, external_id="u1").json()["results"] == []
    assert search(other, external_id={"value": "u1", "source": "crm"}).json()["results"]


@pytest.mark.parametrize(
    "by",
    [
        {},
        {"email": "pat@example.org", "mrn": "1"},
        {"email": "pat"},
        {"email": ["pat@example.org"]},
        {"phone": 2025550143},
        {"external_id": {"value": {"value": "u1"}}},
        {"email": "a@example.org", "limit": 0},
        {"email": "a@example.org", "limit": True},
        {"email": "a@example.org", "cursor": "x"},
        {"name": "Pat"},
    ],
)
def test_a_search_names_exactly_one_thing(partner, by):
    assert problem(search(partner, **by)) == (400, "malformed")


def test_everyone_at_an_address_is_found_page_by_page(partner):
    people = [
        partner.identify({"userId": f"u{n}", "traits": {"phone": "+12025550143"}})["profile"]
        for n in range(3)
    ]
    first = search(partner, phone="+12025550143", limit=2).json()
    rest = search(partner, phone="+12025550143", limit=2, cursor=first["next"]).json()

    assert [each["profile"] for each in first["results"] + rest["results"]] == sorted(people)
    assert rest["next"] is None


def test_what_holds_is_read_in_full(partner, pat):
    answer = partner.get(f"/v1/profiles/{pat}/preferences")

    body = answer.json()
    assert body["profile"] == pat
    assert body["version"]
    off = body["preferences"]["marketing_emails"]["email"]
    assert (off["state"], off["allowed"], off["because"]) == ("opted_out", False, "choice")
    assert off["since"]
    assert body["preferences"]["care_follow_ups"]["mail"] == {
        "state": "never_asked",
        "allowed": True,
        "because": "default",
        "since": None,
    }
    assert body["preferences"]["sale_or_sharing"]["*"]["because"] == "default"


def test_the_etag_changes_with_the_answer(partner, pat):
    path = f"/v1/profiles/{pat}/preferences"
    before = partner.get(path).headers["ETag"]
    unchanged = partner.get(path, **{"if-none-match": f'"other", {before}'})
    partner.identify({"userId": "u1", "traits": {"preferences": {"patient_surveys": False}}})
    after = partner.get(path, **{"if-none-match": before})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert after.status_code == 200
    assert after.headers["ETag"] != before


def test_the_key_of_someone_merged_leads_to_the_person_they_are_now(partner, pat):
    browser = partner.identify({"anonymousId": "b1"})["profile"]
    partner.identify({"userId": "u1", "anonymousId": "b1"})

    assert partner.get(f"/v1/profiles/{browser}/preferences").json()["profile"] == pat
    assert partner.get(f"/v1/profiles/{pat.upper()}/preferences/").json()["profile"] == pat


@pytest.mark.parametrize("view", ["preferences", "propagation", "changes"])
def test_nobody_under_that_key(partner, view):
    assert problem(partner.get(f"/v1/profiles/{uuid.uuid4()}/{view}")) == (404, "not_found")
    for odd in ("pat", "%00", "%ED%A0%80", "1" * 5000):
        assert problem(partner.get(f"/v1/profiles/{odd}/{view}")) == (400, "malformed")


def test_every_look_at_a_person_is_logged(partner, pat):
    search(partner, email="pat@example.org")
    search(partner, email="nobody@example.org")
    partner.get(f"/v1/profiles/{pat}/preferences")
    partner.get(f"/v1/profiles/{pat}/propagation")

    log = [
        (each.page, each.profile_id and str(each.profile_id), each.found)
        for each in ViewLog.objects.order_by("id")
    ]
    assert log == [
        ("POST /v1/profiles/search", None, 1),
        ("POST /v1/profiles/search", None, 0),
        ("GET /v1/profiles/{id}/preferences", pat, None),
        ("GET /v1/profiles/{id}/propagation", pat, None),
    ]
    assert ViewLog.objects.earliest("id").actor == f"crm: key heed_{partner.issued.key.pk}"
