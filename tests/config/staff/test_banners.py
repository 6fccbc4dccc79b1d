"""Staff design a website's banner: as a draft, seen first, then published by one or two, and brought back."""

import re

import pytest

from portal.banner.beginning import first_body
from preferences.models import ApiKey, Draft, Revision, Source
from preferences.terms import RevisionKind, SourceKind
from tests.config.staff import desk
from tests.config.staff.banner_desk import BANNER, publish, save, typed
from tests.portal.banner.sites import SITE, body, config_of, post, put_up

pytestmark = pytest.mark.django_db
ALL = "/admin/settings/banners/"


def someone(django_user_model, name, *rights):
    return desk.allow(django_user_model.objects.create_user(name, is_staff=True), *rights)


@pytest.fixture
def designer(client, django_user_model):
    client.force_login(someone(django_user_model, "dee", "view_banner", "change_banner"))
    return client


@pytest.fixture
def second(client, django_user_model):
    """Dee's colleague, who may publish, too."""
    colleague = type(client)()
    colleague.force_login(someone(django_user_model, "sam", "view_banner", "change_banner"))
    return colleague


@pytest.fixture
def key():
    return put_up()


def test_a_new_banner_goes_from_a_name_to_a_site_that_wears_it(designer, django_user_model, client):
    desk.allow(django_user_model.objects.get(username="dee"), "add_apikey")
    assert "No website wears a banner yet" in designer.get(ALL).text

    answer = designer.post(f"{ALL}add/", {"name": "Website"}, follow=True)
    assert "This is your draft" in answer.text
    save(designer, "compare", origins=SITE, reason="We have a website")
    answer = publish(designer, Draft.objects.get())
    assert "Published as revision 1" in answer.text
    answer = designer.post(f"{BANNER}key/", {"new": key_field(designer.get(BANNER).text)})
    secret = re.findall(r"heed_[\w-]+", answer.text)[0]

    assert config_of(client, secret)["mode"] == "opt_in"
    assert post(client, secret, {"sale_or_sharing": False}).status_code == 200
    assert secret not in designer.get(BANNER).text


def test_what_is_saved_unchanged_says_what_stood(designer, key):
    save(designer)

    assert Draft.objects.get().body == body()


def test_a_draft_changes_nothing_for_visitors_until_it_is_published(designer, key, client):
    save(designer, "compare", position="end", reason="Out of the way")
    assert config_of(client, key)["position"] == "bottom"

    publish(designer, Draft.objects.get())

    assert config_of(client, key)["position"] == "end"
    stands = Revision.objects.filter(kind=RevisionKind.BANNER).latest("number")
    assert (stands.number, stands.author, stands.reason) == (2, "dee", "Out of the way")


def test_without_a_reason_it_goes_no_further_than_a_draft(designer, key):
    answer = save(designer, "compare", position="end")

    assert answer.status_code == 422
    assert "Say in a few words why" in answer.text


def test_what_changes_is_told_in_words(designer, key):
    asked = {"categories": ["sale_or_sharing"], "ad_storage": "*", "region-0-mode": "opt_out"}
    save(designer, origins=f"{SITE}\nhttps://book.example", position="start", light_accent="#7a1f5c", **asked)

    text = designer.get(f"/admin/preferences/draft/{Draft.objects.get().pk}/change/").text
    for words in (
        "Main website",
        "Banner, drafted by dee",
        "Washington: what holds",
        "Nothing is used until a yes",
        "Used until a no",
        "Buttons and links in the light theme",
        "Google: cookies for advertising (ad_storage)",
        "Always",
        "When visitors allow Sale or sharing of my information",
        "In the corner where lines begin",
        "Use of my sensitive information",
    ):
        assert words in text, words
    assert "opt_out" not in text


def test_to_ask_visitors_less_waits_for_a_second_person(designer, second, key, client):
    save(designer, "compare", reason="Fewer questions", **{"region-0-mode": "opt_out"})
    draft = Draft.objects.get()
    assert (
        "in US-WA, “Nothing is used until a yes” becomes “Used until a no”" in publish(designer, draft).text
    )

    assert "Published as revision 2" in publish(second, draft).text

    stands = Revision.objects.filter(kind=RevisionKind.BANNER).latest("number")
    assert (stands.author, stands.approved_by) == ("dee", "sam")


# --- the way back ---


def bring_back(client, number):
    """Press the button beside an earlier revision, as it stands on the banner's page."""
    page = client.get(BANNER).text
    pk = Revision.objects.get(kind=RevisionKind.BANNER, number=number).pk
    [address] = re.findall(rf'action="([^"]+/{pk}/bring-back/)"', page)
    return client.post(address, follow=True)


def test_what_bringing_an_earlier_banner_back_changes_is_seen_before_it_stands(designer, key, client):
    save(designer, "compare", position="end", reason="Out of the way")
    publish(designer, Draft.objects.get())

    answer = bring_back(designer, 1)

    assert "In the corner where lines end" in answer.text
    assert config_of(client, key)["position"] == "end"
    publish(designer, Draft.objects.get(state="draft"))
    assert config_of(client, key)["position"] == "bottom"
    stands = Revision.objects.filter(kind=RevisionKind.BANNER).latest("number")
    assert (stands.number, stands.author, stands.reason) == (3, "dee", "Bring back revision 1")


def test_to_bring_back_what_asks_less_waits_for_a_second_person(designer, second, key, client):
    save(designer, "compare", reason="Ask more", **{"region-1-mode": "opt_in"})
    publish(designer, Draft.objects.get())

    assert "It needs a second person" in bring_back(designer, 1).text

    publish(second, Draft.objects.get(state="draft"))
    assert Revision.objects.filter(kind=RevisionKind.BANNER).latest("number").approved_by == "sam"


def test_less_asked_in_the_rest_of_a_country_waits_for_a_second_person_though_a_part_asks_more(designer, key):
    save(designer, "compare", reason="Ask more in Texas, too", **{"region-2-mode": "opt_in"})
    publish(designer, Draft.objects.get())

    text = bring_back(designer, 1).text

    assert "It needs a second person" in text
    assert "elsewhere in US" in text


def test_who_may_only_look_brings_nothing_back(client, designer, django_user_model, key):
    save(designer, "compare", position="end", reason="Out of the way")
    publish(designer, Draft.objects.get())
    client.force_login(someone(django_user_model, "auditor", "view_banner"))

    assert "Bring back" not in client.get(BANNER).text
    first = Revision.objects.get(kind=RevisionKind.BANNER, number=1)
    assert client.post(f"/admin/preferences/revision/{first.pk}/bring-back/").status_code == 403


# --- two at once ---


def test_whoever_drafted_before_somebody_published_is_told_and_loses_nothing(designer, second, key):
    save(designer, position="end")
    save(second, "compare", days="180", reason="Half a year")
    publish(second, Draft.objects.get(author="sam"))

    text = designer.get(f"{BANNER}edit/").text
    assert "sam published revision 2 after this draft was begun" in text
    assert "after this draft was begun" in publish(designer, Draft.objects.get(author="dee")).text
    assert Draft.objects.get(author="dee").body["position"] == "end"


@pytest.mark.parametrize("page", [f"{BANNER}edit/", f"{BANNER}texts/en/"])
def test_to_save_the_draft_again_does_not_put_it_on_top_of_what_was_published(designer, second, key, page):
    save(designer, position="end")
    save(second, "compare", days="180", reason="Half a year")
    publish(second, Draft.objects.get(author="sam"))

    save(designer, page=page)

    assert Draft.objects.get(author="dee").based_on == 1
    assert "sam published revision 2 after this draft was begun" in designer.get(page).text


def test_a_window_that_was_opened_earlier_overwrites_nothing(designer, key):
    opened = typed(designer.get(f"{BANNER}edit/").text)
    save(designer, position="end")

    answer = designer.post(f"{BANNER}edit/", {**opened, "act": "keep", "days": "90"}, follow=True)

    assert "You have another draft of this" in answer.text
    assert Draft.objects.get(state="draft").body["position"] == "end"


def test_a_colleagues_draft_is_seen_and_taken_over_as_ones_own(designer, second, key):
    save(designer, position="end")
    theirs = Draft.objects.get()

    answer = save(second, page=f"{BANNER}edit/?draft={theirs.pk}", days="90")

    assert answer.status_code == 302
    mine = Draft.objects.get(author="sam").body
    assert (mine["position"], mine["days"]) == ("end", 90)
    assert Draft.objects.get(author="dee").body["days"] == 365


def test_a_draft_is_given_up(designer, key):
    save(designer, position="end")
    save(designer, "discard")

    assert not Draft.objects.filter(state="draft").exists()


# --- what is wrong is told where it belongs ---


@pytest.mark.parametrize(
    ("changed", "where", "words"),
    [
        ({"origins": "www.example.org"}, "origins", "write https:// and the name"),
        ({"origins": "https://example.org:65536"}, "origins", "“https://example.org:65536” is no site"),
        ({"origins": "javaScript:alert(1)"}, "origins", "“javaScript:alert(1)” is no site"),
        ({"cookie_domain": "org; Path=/x"}, "cookie_domain", "written like example.org"),
        (
            {"origins": "https://a.co.uk", "cookie_domain": "co.uk"},
            "cookie_domain",
            "no cookie for all of it",
        ),
        ({"days": "4000"}, "days", "less than or equal to 400"),
        ({"categories": []}, "categories", "Pick at least one use of data"),
        ({"categories": ["marketing_emails"]}, "categories", "one use of data"),
        ({"categories": ["horoscopes"]}, "categories", "not one of the available choices"),
        ({"categories": ["sensitive_data"]}, "ad_storage", "visitors are not asked about"),
        ({"light_accent": "#7ab8bd"}, "light_accent", "The nearest that can is #"),
        ({"dark_ink": "#333333"}, "dark_ink", "can&#x27;t be read well in the dark theme"),
        ({"light_paper": "white"}, "light_paper", "write # and six digits"),
        ({"region-0-places": "Texas"}, "region-0-places", "TEXAS is no place"),
        ({"region-0-places": "US-CA"}, "region-1-places", "in which is it?"),
        ({"region-0-name": "U.S."}, "region-0-name", "letters, digits and spaces"),
        ({"region-0-name": "California"}, "region-1-name", "Another region has this name"),
        ({"region-0-name": "california"}, "region-1-name", "Another region has this name"),
        ({"region-0-name": "Everywhere else"}, "region-0-name", "Another region has this name"),
        ({"region-3-name": "Europe"}, "region-3-mode", "This field is required"),
    ],
)
def test_what_would_not_work_is_told_beside_its_field(designer, key, changed, where, words):
    answer = save(designer, **changed)

    assert answer.status_code == 422
    assert "Nothing was saved yet" in answer.text
    errors = re.findall(r'id="id_([\w-]+)_error">([^<]+)<', answer.text)
    assert any(name == where and words in text for name, text in errors), errors
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("https://www.example.org/", ["https://www.example.org"]),
        ("HTTPS://WWW.Example.org", ["https://www.example.org"]),
        ("https://example.org:443/\nhttps://example.org", ["https://example.org"]),
        ("http://localhost:80 http://localhost:8080/", ["http://localhost", "http://localhost:8080"]),
    ],
)
def test_sites_are_kept_as_browsers_name_them(designer, key, pasted, kept):
    save(designer, origins=pasted)

    assert Draft.objects.get().body["origins"] == kept


def test_a_color_that_was_offered_instead_can_be_read(designer, key):
    nearest = save(designer, light_accent="#7ab8bd").text.partition("The nearest that can is ")[2][:7]

    assert save(designer, light_accent=nearest).status_code == 302


def test_how_well_each_color_is_read_stands_beside_it(designer, key):
    assert "Text on the paper: 14.7 to 1. Read well." in designer.get(f"{BANNER}edit/").text
    assert "Too little: 4.5 to 1 is the least." in save(designer, light_accent="#7ab8bd").text


def test_regions_are_added_renamed_and_left_out_and_keep_their_words(designer, client):
    texts = {"en": {"title": "Washington asks"}}
    regions = body()["regions"] | {"Washington": {"places": ["US-WA"], "mode": "opt_in", "texts": texts}}
    put_up(regions=regions)

    save(
        designer,
        **{
            "region-0-name": "Washington state",
            "region-1-DELETE": "on",
            "region-3-name": "Europe",
            "region-3-places": "eu, CA-QC",
            "region-3-mode": "opt_in",
        },
    )

    kept = Draft.objects.get().body["regions"]
    assert kept.keys() == {"everywhere", "Washington state", "US", "Europe"}
    assert kept["Washington state"]["texts"] == texts
    assert kept["Europe"] == {"places": ["EU", "CA-QC"], "mode": "opt_in", "texts": {}}


@pytest.mark.parametrize("name", ["", "42 is the answer", "Website", "EHR"])
def test_a_new_banner_has_a_name_of_its_own(designer, key, name):
    Source.objects.get_or_create(slug="ehr", defaults={"name": "EHR", "kind": SourceKind.PARTNER})
    answer = designer.post(f"{ALL}add/", {"name": name})

    assert answer.status_code == 422
    assert not Draft.objects.exists()


# --- its words ---


def test_words_are_written_language_by_language_and_what_is_missing_is_shown(designer, client, key):
    save(designer, page=f"{BANNER}texts/en/", accept="Sure", **{"3-title": "Hello"})
    text = designer.get(f"{BANNER}texts/es/").text
    assert "2 texts missing" in text
    assert "visitors read your English, “Sure”" in text
    draft = Draft.objects.get()
    designer.post(f"/admin/preferences/draft/{draft.pk}/change/", {})

    save(designer, page=f"{BANNER}texts/es/", accept="Claro")

    kept = Draft.objects.get().body
    assert kept["texts"] == {"en": {"accept": "Sure"}, "es": {"accept": "Claro"}}
    assert kept["regions"]["everywhere"]["texts"] == {"en": {"title": "Hello"}}
    assert "1 text missing" in designer.get(f"{BANNER}texts/es/").text


@pytest.mark.parametrize("empty", ["", "\u200b"])
def test_left_empty_heeds_own_words_stand_in_each_language(designer, key, empty):
    save(designer, page=f"{BANNER}texts/en/", accept="Sure")
    save(designer, page=f"{BANNER}texts/en/", accept=empty)

    assert Draft.objects.get().body["texts"] == {}
    assert "Left empty: “Sí a todo”" in designer.get(f"{BANNER}texts/es/").text


@pytest.mark.parametrize("alike", [{"accept": "Agree", "reject": "agree"}, {"accept": "No to all"}])
def test_the_buttons_for_yes_and_no_never_read_the_same(designer, key, alike):
    answer = save(designer, page=f"{BANNER}texts/en/", **alike)

    assert answer.status_code == 422
    assert "nobody could tell them apart" in answer.text
    assert not Draft.objects.exists()


def test_missing_words_of_a_banner_are_among_the_missing_texts(designer, django_user_model, client):
    put_up(texts={"en": {"accept": "Sure"}})
    desk.allow(django_user_model.objects.get(username="dee"), "view_category")

    text = designer.get("/admin/settings/missing-texts/").text

    assert "Main website" in text
    assert "button that says yes to all" in text.lower()


def test_a_language_that_heed_does_not_speak_is_not_there(designer, key):
    assert designer.get(f"{BANNER}texts/xx/").status_code == 404


# --- how it looks ---


def test_the_preview_is_a_page_under_a_strict_policy_that_only_we_may_frame(designer, key):
    answer = designer.get(f"{BANNER}preview/page/?language=ar&theme=dark")

    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert '<html lang="ar" dir="rtl" data-theme="dark">' in answer.text


def test_the_preview_tells_the_draft_of_any_region_and_language(designer, key):
    save(designer, page=f"{BANNER}texts/vi/", accept="Vâng")
    asked = {"region": "California", "language": "vi", "theme": "dark", "signal": "1"}
    told = designer.get(f"{BANNER}preview/config/", asked).json()

    assert told["preview"]
    assert told["gpc"]
    assert told["mode"] == "opt_out"
    assert told["region"] == "US-CA"
    assert told["words"]["accept"] == "Vâng"  # though visitors are not offered it yet
    assert told["colours"]["light"] == told["colours"]["dark"] == first_body()["colours"]["dark"]
    stands = designer.get(f"{BANNER}preview/config/", {**asked, "draft": "none"}).json()
    assert stands["words"]["accept"] != "Vâng"


def test_a_preview_of_nonsense_is_one_of_what_there_is(designer, key):
    told = designer.get(f"{BANNER}preview/config/", {"region": "Mars", "language": "xx", "theme": "<"}).json()

    assert (told["region"], told["language"]) == ("", "en")


def test_a_second_person_sees_the_draft_before_they_publish_it(designer, second, key):
    save(designer, position="end")
    draft = Draft.objects.get()
    page = second.get(f"/admin/preferences/draft/{draft.pk}/change/").text

    assert f"{BANNER}preview/?draft={draft.pk}" in page
    assert second.get(f"{BANNER}preview/config/", {"draft": draft.pk}).json()["position"] == "end"


# --- who may ---


def test_who_may_only_look_changes_nothing(client, django_user_model, key):
    client.force_login(someone(django_user_model, "auditor", "view_banner"))

    for page in (ALL, BANNER, f"{BANNER}preview/", f"{BANNER}preview/page/", f"{BANNER}preview/config/"):
        assert client.get(page).status_code == 200
    for page in (f"{ALL}add/", f"{BANNER}edit/", f"{BANNER}texts/en/"):
        assert client.get(page).status_code == 403
    for page in (f"{BANNER}key/", f"{BANNER}edit/"):
        assert client.post(page).status_code == 403


def test_who_may_see_no_banner_sees_no_preview_either(newcomer, key):
    for page in (ALL, BANNER, f"{BANNER}preview/", f"{BANNER}preview/page/", f"{BANNER}preview/config/"):
        assert newcomer.get(page).status_code == 403


def test_a_key_is_made_by_who_may_make_keys(designer, key):
    before = ApiKey.objects.count()

    assert designer.post(f"{BANNER}key/").status_code == 403
    assert ApiKey.objects.count() == before


def test_a_banner_that_is_not_there_is_told_so(designer):
    assert designer.get(f"{ALL}nothing/").status_code == 404


def test_to_load_the_page_with_a_key_again_makes_no_second_one(designer, django_user_model, key):
    desk.allow(django_user_model.objects.get(username="dee"), "add_apikey")
    sent = {"new": key_field(designer.get(BANNER).text)}
    assert "heed_" in designer.post(f"{BANNER}key/", sent).text

    again = designer.post(f"{BANNER}key/", sent, follow=True)

    assert "No other key was made" in again.text
    assert ApiKey.objects.count() == 2  # the first was there before
    assert "data-key" in designer.post(f"{BANNER}key/", {"new": key_field(again.text)}).text


def key_field(html):
    [new] = re.findall(r'name="new" value="([^"]*)"', html)
    return new
