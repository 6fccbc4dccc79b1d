"""What a site's page is given: by place, language and signal; and the script itself."""

import gzip

import pytest

from portal.banner.views import SCRIPT
from preferences.catalogue import catalogue
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.portal import people
from tests.portal.banner.sites import SITE, config_of, post, put_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(settings):
    settings.HEED_REGION_HEADERS = ["CF-IPCountry", "CF-Region-Code"]
    return put_up()


def at(country, part=""):
    return {"cf-ipcountry": country, "cf-region-code": part}


@pytest.mark.parametrize(
    ("where", "mode", "place"),
    [
        (at("US", "CA"), "opt_out", "US-CA"),
        (at("US", "TX"), "notice_only", "US-TX"),
        (at("US", "WA"), "opt_in", "US-WA"),
        (at("DE"), "opt_in", "DE"),
        (at("US", "US-CA"), "opt_out", "US-CA"),
        (at("US"), "opt_in", "US"),  # it may be Washington
        (at("", "CA"), "opt_in", ""),  # not Canada
        (at("XX"), "opt_in", ""),
        (at("T1"), "opt_in", ""),
        (at("<script>"), "opt_in", ""),
        ({}, "opt_in", ""),
    ],
)
def test_what_holds_hangs_on_the_place_and_is_strictest_where_nobody_knows_it(
    client, key, where, mode, place
):
    config = config_of(client, key, **where)

    assert (config["mode"], config["region"]) == (mode, place)


def test_a_setting_stands_in_for_the_header(client, key, settings):
    settings.HEED_REGION = "US-CA"

    assert config_of(client, key)["mode"] == "opt_out"


def test_europe_is_one_place(client, settings):
    settings.HEED_REGION_HEADERS = ["CF-IPCountry"]
    europe = {"places": ["EU"], "mode": "opt_in", "texts": {}}
    everywhere = {"places": [], "mode": "notice_only", "texts": {}}
    key = put_up(regions={"everywhere": everywhere, "Europe": europe})

    assert config_of(client, key, **{"cf-ipcountry": "FR"})["mode"] == "opt_in"
    assert config_of(client, key, **{"cf-ipcountry": "JP"})["mode"] == "notice_only"


def test_nothing_is_on_where_the_categorys_own_default_says_no(client, key):
    on = {each["slug"]: each["on"] for each in config_of(client, key, **at("US", "TX"))["categories"]}

    assert on == {"sale_or_sharing": True, "sensitive_data": False, "marketing_emails": False}


def test_a_page_in_chinese_is_known_by_the_name_that_pages_use(client, key):
    reviewed = {"reviewed": True, "translator": "Li", "qualification": "CHI", "day": "2026-11-01"}
    publish(
        kind=RevisionKind.APPEARANCE, key="language.zh-hans", body=reviewed, author="Ana", reason="Reviewed"
    )

    config = client.get(f"/banner/config/{key[5:13]}.json?language=zh-Hans", headers={"origin": SITE})
    assert config.json()["language"] == "zh-hans"


def test_the_signal_is_seen_in_the_header(client, key):
    assert config_of(client, key, **{"sec-gpc": "1"})["gpc"]
    assert not config_of(client, key)["gpc"]


def test_answers_are_kept_apart_by_signal_place_and_site(client, key):
    answer = client.get(f"/banner/config/{key[5:13]}.json", headers={"origin": SITE})

    assert {"Sec-GPC", "CF-IPCountry", "CF-Region-Code", "Origin"} <= set(answer["Vary"].split(", "))
    assert answer["Cache-Control"] == "private, max-age=60"
    assert not answer.cookies


def test_texts_are_in_the_readers_language_staffs_own_before_heeds(client, settings):
    words = {"en": {"accept": "Sure"}}
    key = put_up(texts=words)
    spanish = client.get(f"/banner/config/{key[5:13]}.json?language=es-MX").json()
    unknown = client.get(f"/banner/config/{key[5:13]}.json?language=xx").json()

    assert spanish["language"] == "es"
    assert spanish["words"]["accept"] == "Sure"
    assert spanish["words"]["reject"] != unknown["words"]["reject"]
    assert unknown["language"] == "en"


def test_a_category_that_nobody_translated_is_in_english_and_says_so(client, key):
    review = {"reviewed": True, "translator": "A", "qualification": "B", "day": "2026-01-01"}
    publish(kind=RevisionKind.APPEARANCE, key="language.ar", body=review, author="Ana", reason="Reviewed")
    for slug in catalogue().by_slug:
        body = people.body_of(slug)
        people.publish_category({**body, "texts": {each: body["texts"][each] for each in ("en", "es")}})

    def languages(language):
        told = client.get(f"/banner/config/{key[5:13]}.json?language={language}").json()
        return told["language"], {each["language"] for each in told["categories"]}

    assert languages("es") == ("es", {"es"})
    assert languages("ar") == ("ar", {"en"})


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_another_site_gets_no_banner(client, key, origin):
    answer = client.get(f"/banner/config/{key[5:13]}.json", headers={"origin": origin})

    assert answer.status_code == 403
    assert "this site is not among those of the banner" in answer.json()["detail"]
    assert "words" not in answer.json()


def test_why_there_is_no_banner_may_be_read_on_any_site_and_what_is_posted_may_not(client, key):
    evil = {"origin": "https://evil.example"}

    assert client.get("/banner/config/nothing1.json", headers=evil)["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in post(client, key, {"sale_or_sharing": False}, evil["origin"])


def test_it_takes_four_queries(client, key, django_assert_num_queries):
    config_of(client, key)
    with django_assert_num_queries(4):
        config_of(client, key)


def test_the_script_is_small_cached_and_never_sets_a_cookie(client):
    answer = client.get("/banner.js")

    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"].startswith("public, max-age=600")
    assert "Cookie" not in answer.get("Vary", "")
    assert not answer.cookies
    assert client.get("/banner.js", headers={"if-none-match": answer["ETag"]}).status_code == 304


def test_the_script_stays_below_fifteen_kilobytes_on_the_wire():
    assert len(gzip.compress(SCRIPT.read_bytes(), 6)) <= 15 * 1024


def test_the_script_needs_nothing_that_a_strict_policy_forbids():
    code = SCRIPT.read_text()

    assert not [
        each for each in ("eval(", "innerHTML", "new Function", "document.write", "import ") if each in code
    ]


@pytest.mark.parametrize("name", ["%00", "a%00b", "%ff", "ü", "-"])
def test_no_banner_has_a_key_of_such_characters(client, db, name):
    assert client.get(f"/banner/config/{name}.json").json()["code"] == "not_found"
