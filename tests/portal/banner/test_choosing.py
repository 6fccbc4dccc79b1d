"""What browsers post: choices of nobody known, kept with their wording, joined to a person later."""

import json
import uuid

import pytest

from portal.banner.services import website_key
from preferences import identity
from preferences.models import ApiKey, Change, Profile, Revision, Source
from preferences.selectors import decide
from preferences.services import issue_key, publish
from preferences.terms import IdentifierKind, RevisionKind, Scope, SourceKind
from tests.portal.banner.sites import SITE, body, config_of, post, put_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    return put_up()


def person_at(browser):
    ids = identity.find_people(identity.named(IdentifierKind.ANONYMOUS_ID, browser))
    return ids[0]


def test_a_no_is_kept_for_the_browser_with_the_wording_that_was_shown(client, key):
    shown = config_of(client, key)["shown"]
    browser = str(uuid.uuid4())

    answer = post(client, key, {"sale_or_sharing": False}, anonymousId=browser, shown=shown)

    assert answer.json() == {"status": "recorded"}
    assert answer["Access-Control-Allow-Origin"] == SITE
    person = person_at(browser)
    assert Profile.objects.get(pk=person).is_anonymous
    assert not decide(person, "sale_or_sharing").allowed
    change = Change.objects.filter(subject_id=person).latest("id")
    assert change.notice_id
    notice = Revision.objects.get(pk=change.notice_id)
    assert notice.kind == RevisionKind.NOTICE
    assert notice.body["banner"]["reject"] == "No to all"


def test_a_yes_counts_where_it_was_asked_and_confirmed(client, key):
    browser = str(uuid.uuid4())
    shown = config_of(client, key)["shown"]

    post(client, key, {"sale_or_sharing": True}, anonymousId=browser, shown=shown)

    assert decide(person_at(browser), "sale_or_sharing").allowed


@pytest.mark.parametrize(
    "shown", ["", "1.2.everywhere.en.0000000000000000", "made up", "1.1.1.1.1", "9.9.x.xx.9"]
)
def test_a_yes_without_a_wording_that_asked_is_refused(client, key, shown):
    answer = post(client, key, {"sale_or_sharing": True}, shown=shown)

    assert answer.status_code == 400
    assert not Change.objects.filter(source__slug="website").exists()


def test_a_no_beside_a_yes_that_is_refused_counts_and_so_does_the_signal(client, key):
    browser, other = str(uuid.uuid4()), str(uuid.uuid4())

    answer = post(
        client, key, {"sale_or_sharing": False, "sensitive_data": True}, anonymousId=browser, shown="1.1.old"
    )
    post(client, key, {"sensitive_data": True}, anonymousId=other, shown="1.1.old", signal=True)

    assert answer.status_code == 400
    assert not decide(person_at(browser), "sale_or_sharing").allowed
    assert not decide(person_at(other), "sale_or_sharing").allowed


@pytest.mark.parametrize("name", ["shown", "messageId", "key", "timestamp"])
def test_half_a_character_is_told_so(client, key, name):
    raw = json.dumps({"key": key, "anonymousId": str(uuid.uuid4()), "choices": {}} | {name: "\ud800"})

    answer = client.post("/banner/choices", raw.encode(), content_type="text/plain", headers={"Origin": SITE})

    assert answer.status_code in (400, 401)


def test_a_no_counts_even_where_the_wording_is_forged(client, key):
    browser = str(uuid.uuid4())

    post(client, key, {"sale_or_sharing": False}, anonymousId=browser, shown="made up")

    assert not decide(person_at(browser), "sale_or_sharing").allowed


def test_posted_twice_it_is_recorded_once(client, key):
    same = {"anonymousId": str(uuid.uuid4()), "messageId": "m1", "timestamp": "2026-05-01T09:30:00Z"}

    first = post(client, key, {"sale_or_sharing": False}, **same).json()
    before = Change.objects.count()
    second = post(client, key, {"sale_or_sharing": False}, **same).json()

    assert (first["status"], second["status"]) == ("recorded", "unchanged")
    assert Change.objects.count() == before


def test_the_privacy_signal_is_recorded_and_beats_a_yes_that_was_not_told_of_it(client, key):
    browser, shown = str(uuid.uuid4()), config_of(client, key)["shown"]

    post(client, key, {"sale_or_sharing": True}, anonymousId=browser, shown=shown, signal=True)

    assert not decide(person_at(browser), "sale_or_sharing").allowed


def test_a_yes_despite_the_signal_stands(client, key):
    browser, shown = str(uuid.uuid4()), config_of(client, key)["shown"]
    despite = {"signal": True, "despite": ["sale_or_sharing"]}

    post(client, key, {"sale_or_sharing": True}, anonymousId=browser, shown=shown, **despite)
    post(client, key, {}, anonymousId=browser, signal=True)

    assert decide(person_at(browser), "sale_or_sharing").allowed


def test_choices_join_the_known_person_at_identify(client, key):
    browser = str(uuid.uuid4())
    post(client, key, {"sale_or_sharing": False, "marketing_emails": False}, anonymousId=browser)
    portal = Source.objects.create(slug="portal", name="Portal", kind=SourceKind.PARTNER)
    secret = issue_key(source=portal, name="portal", scopes=[Scope.WRITE_CHOICES]).secret
    said = {"userId": "patient-7", "anonymousId": browser, "traits": {"email": "pat@example.org"}}

    known = client.post(
        "/v1/identify", said, content_type="application/json", headers={"authorization": f"Bearer {secret}"}
    ).json()["profile"]

    person = person_at(browser)
    assert str(person) == known
    assert not decide(person, "sale_or_sharing").allowed
    assert not decide(person, "marketing_emails", "email").allowed


# --- hostile browsers ---


@pytest.mark.parametrize(
    "more",
    [
        {"userId": "patient-1"},
        {"traits": {"email": "pat@example.org"}},
        {"context": {"consent": {}}},
        {"profile": str(uuid.uuid4())},
    ],
)
def test_a_browser_can_never_name_a_person(client, key, more):
    answer = post(client, key, {"sale_or_sharing": False}, **more)

    assert answer.status_code == 403
    assert "names a person" in answer.json()["detail"]
    assert not Change.objects.filter(source__slug="website").exists()


@pytest.mark.parametrize("name", ["pat@example.org", "patient-7", "", "x" * 300, 7, None])
def test_a_browser_is_known_by_a_random_uuid_only(client, key, name):
    assert post(client, key, {"sale_or_sharing": False}, anonymousId=name).status_code == 400


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", SITE + ".evil.example", "http://www.riverside.example"]
)
def test_another_site_is_refused_and_may_not_read_why(client, key, origin):
    answer = post(client, key, {"sale_or_sharing": False}, origin=origin)

    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer
    assert not Change.objects.filter(source__slug="website").exists()


def test_a_forged_key_is_refused(client, key):
    forged = key[:-4] + "AAAA"

    assert post(client, forged, {"sale_or_sharing": False}).status_code == 401
    assert post(client, "", {"sale_or_sharing": False}).status_code == 401


def test_a_revoked_key_is_refused(client, key):
    ApiKey.objects.filter(pk=key[5:13]).update(revoked_at="2026-01-01T00:00:00Z")

    assert post(client, key, {"sale_or_sharing": False}).status_code == 401
    assert client.get(f"/banner/config/{key[5:13]}.json").status_code == 404


def test_a_key_that_may_name_people_has_no_business_in_a_page(client, key):
    source = Source.objects.get(slug="website")
    secret = issue_key(source=source, name="all", scopes=[Scope.WRITE_CHOICES, Scope.WRITE_ANONYMOUS]).secret

    assert post(client, secret, {"sale_or_sharing": False}).status_code == 403


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"key": 1}', b"[" * 4_000, b"\xff\xfe", b"x" * 9_000])
def test_what_cannot_be_read_is_told_so(client, key, raw):
    answer = client.post("/banner/choices", raw, content_type="text/plain", headers={"origin": SITE})

    assert answer.status_code in (400, 401, 413)
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("size", [8_193, 3_000_000])
def test_what_is_too_large_is_not_even_read(client, key, size):
    answer = client.post("/banner/choices", b"x" * size, content_type="text/plain", headers={"origin": SITE})

    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"


def test_a_key_works_on_the_sites_of_its_own_banner_only(client, key):
    publish(
        kind=RevisionKind.BANNER,
        key="clinic",
        body=body("https://clinic.example"),
        author="Ana",
        reason="Another site",
    )
    website_key(slug="clinic", name="Clinic", by="Ana")

    assert post(client, key, {"sale_or_sharing": False}, origin="https://clinic.example").status_code == 403
    refused = client.get(f"/banner/config/{key[5:13]}.json", headers={"origin": "https://clinic.example"})
    assert refused.status_code == 403
    assert not Change.objects.filter(source__kind=SourceKind.BANNER).exists()


def test_a_partners_key_is_no_banners(client, key):
    partner = Source.objects.create(slug="partner", name="Partner", kind=SourceKind.PARTNER)
    secret = issue_key(source=partner, name="web", scopes=[Scope.WRITE_ANONYMOUS]).secret

    assert post(client, secret, {"sale_or_sharing": False}).status_code == 404
    assert client.get(f"/banner/config/{secret[5:13]}.json").status_code == 404


@pytest.mark.parametrize(
    "said",
    [
        {"userId": "patient-1", "anonymousId": "b-1"},
        {"anonymousId": "b-1", "traits": {"email": "pat@example.org"}},
    ],
)
def test_the_key_out_of_the_page_names_nobody_at_the_api_either(client, key, said):
    headers = {"authorization": f"Bearer {key}"}

    assert client.post("/v1/identify", said, "application/json", headers=headers).status_code == 403
    for path in ("/v1/profiles/search", "/v1/decisions", "/v1/restrictions"):
        assert client.post(path, {}, "application/json", headers=headers).status_code == 403


def test_browsers_are_promised_nothing_beyond_reading_the_answer(client, key):
    asked = {"origin": SITE, "access-control-request-method": "POST"}
    before = client.options("/banner/choices", headers=asked)
    answer = post(client, key, {"sale_or_sharing": False})

    assert before.status_code == 405
    assert "Access-Control-Allow-Origin" not in before
    assert "Access-Control-Allow-Credentials" not in answer
    assert answer["Access-Control-Allow-Origin"] == SITE
    assert "Origin" in answer["Vary"]


@pytest.mark.parametrize(
    "choices", [[], "all", {"sale_or_sharing": "no"}, {str(n): False for n in range(60)}, None]
)
def test_choices_are_yes_or_no(client, key, choices):
    assert post(client, key, choices).status_code == 400


def test_an_unknown_category_is_refused(client, key):
    assert post(client, key, {"horoscopes": False}).json()["code"] == "unknown_category"


def test_a_flood_from_one_network_is_told_to_wait_and_others_are_heard(client, key, settings):
    settings.HEED_BANNER_RATE = 3
    answers = [post(client, key, {"sale_or_sharing": False}) for _ in range(8)]

    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) <= 60
    client.defaults["REMOTE_ADDR"] = "203.0.113.9"
    assert post(client, key, {"sale_or_sharing": False}).status_code == 200


def test_a_flood_from_one_network_uses_up_nothing_of_what_all_visitors_share(client, key, settings):
    settings.HEED_BANNER_RATE, settings.API_THROTTLE = 3, "10/minute"
    for _ in range(20):
        post(client, key, {"sale_or_sharing": False})

    client.defaults["REMOTE_ADDR"] = "203.0.113.9"
    assert post(client, key, {"sale_or_sharing": False}).status_code == 200


def test_an_answer_tells_nothing_of_anybody(client, key):
    assert json.loads(post(client, key, {"sale_or_sharing": False}).content) == {"status": "recorded"}
