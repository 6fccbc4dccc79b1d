"""One person's ledger as partners read it: all that was recorded, and nothing that should stay here."""

from uuid import UUID

import pytest

from preferences import services
from preferences.models import ViewLog
from preferences.terms import RestrictionKind
from tests.preferences.api.partner import problem
from tests.preferences.saying import address, on_page, out

PHONE = "+12025550143"


@pytest.fixture
def pat(partner):
    return partner.identify(
        {
            "userId": "u1",
            "timestamp": "2026-01-02T03:04:05Z",
            "traits": {"email": "pat@example.org", "phone": PHONE, "language": "es"},
            "context": {
                "consent": {
                    "categoryPreferences": {"marketing_emails": False, "phone_outreach": {"phone": True}},
                    "evidence": {"form": "a-secret-form"},
                }
            },
        }
    )["profile"]


def read(partner, profile, query=""):
    answer = partner.get(f"/v1/profiles/{profile}/changes{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def entries(change, do):
    return [each for each in change["entries"] if each["do"] == do]


def test_what_was_said_by_whom_and_when(partner, pat):
    [change] = read(partner, pat)["results"]

    off, on = entries(change, "choice")
    assert (off["category"], off["channel"], off["state"]) == ("marketing_emails", "*", "opted_out")
    assert off["effective_at"] == change["occurred_at"] == "2026-01-02T03:04:05+00:00"
    assert (on["counted"], on["why"]) == (False, "no_notice")
    assert (change["source"], change["by"], change["profile"]) == ("crm", "partner", pat)
    assert change["recorded_at"] > change["occurred_at"]
    assert {"name": "language", "value": "es", "do": "attribute"} in change["entries"]


def test_neither_evidence_nor_an_address_nor_who_of_us_it_was_is_told(partner, pat):
    services.record(profile_id=UUID(pat), choices=[out()], said=on_page(who="ann@clinic.example"))

    text = partner.get(f"/v1/profiles/{pat}/changes").text

    for secret in ("pat@example.org", "2025550143", "a-secret-form", "ann@clinic", '"who"', '"u1"'):
        assert secret not in text


def test_the_address_somebody_has_tells_its_story_too(partner, pat):
    services.restrict(identifier_id=address("phone", PHONE), kind=RestrictionKind.STOP, said=on_page())

    newest = read(partner, pat)["results"][0]

    assert (newest["subject"], newest["profile"]) == ("phone", None)
    [entry] = newest["entries"]
    assert (entry["do"], entry["kind"], entry["set"]) == ("restriction", "stop", True)


def test_how_it_came_in_is_told_where_a_deadline_depends_on_it(partner, pat):
    services.record(profile_id=UUID(pat), choices=[out()], said=on_page(how="one_click"))

    first, second = read(partner, pat)["results"]

    assert (first["how"], second["how"]) == ("one_click", None)


def test_it_is_read_page_by_page_newest_first(partner, pat):
    for _ in range(4):
        services.record(profile_id=UUID(pat), choices=[out()], said=on_page())
    found, cursor = [], ""
    while True:
        page = read(partner, pat, f"?limit=2{cursor}")
        found += page["results"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert len(found) == 5
    assert found == read(partner, pat)["results"]
    assert [each["recorded_at"] for each in found] == sorted(
        (each["recorded_at"] for each in found), reverse=True
    )


def test_who_somebody_was_before_is_told_with_them(partner, pat):
    browser = partner.identify({"anonymousId": "b1", "traits": {"preferences": {"*": False}}})["profile"]
    partner.identify({"userId": "u1", "anonymousId": "b1"})

    by_old, by_new = read(partner, browser), read(partner, pat)

    assert by_old == by_new
    assert {each["profile"] for each in by_new["results"]} == {pat, browser}


@pytest.mark.parametrize(
    "query", ["?limit=0", "?limit=1001", "?limit=x", "?limit=", "?cursor=-1", "?cursor=²"]
)
def test_a_page_that_cannot_be(partner, pat, query):
    assert problem(partner.get(f"/v1/profiles/{pat}/changes{query}")) == (400, "malformed")


def test_the_look_is_logged(partner, pat):
    read(partner, pat)

    assert ViewLog.objects.get().page == "GET /v1/profiles/{id}/changes"


def test_it_takes_as_many_queries_however_long_the_story_is(partner, pat, django_assert_num_queries):
    for _ in range(5):
        services.record(profile_id=UUID(pat), choices=[out()], said=on_page())
    with django_assert_num_queries(6):
        read(partner, pat)
