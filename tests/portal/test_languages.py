"""A page is in its reader's language: what they switched to, else their own, else their browser's."""

import re

import pytest
from django.conf import settings
from django.test import Client

from portal.links import link_for
from preferences.appearance import LANGUAGE
from preferences.keys import Wrapped
from preferences.ledger import read_evidence
from preferences.models import Change, DataKey, Profile
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.portal import codes, people
from tests.portal.forms import open_form, save, words
from tests.portal.story import choices_of, result, shown_last

SPANISH, ENGLISH = "Elija qué le enviamos", "Choose what we send you"
SPANISH_BROWSER = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}


@pytest.fixture
def juana(joan):
    """The clinic knows that she reads Spanish."""
    Profile.objects.filter(pk=joan).update(language="es-US")
    return joan


def opened(profile_id, **headers):
    browser = Client(headers=headers)
    browser.get(link_for(profile_id))
    return browser


def lang(answer):
    return re.findall(r'<html lang="(\w+)"', answer.text)[0]


def test_a_page_is_in_the_persons_own_language_whatever_the_browser_asks_for(juana):
    answer = opened(juana, **{"Accept-Language": "en-US"}).get("/p")

    assert SPANISH in answer.text
    assert lang(answer) == "es"
    assert answer.headers["Content-Language"] == "es"


def test_where_nobody_knows_the_browser_is_asked(joan):
    assert SPANISH in opened(joan, **SPANISH_BROWSER).get("/p").text
    assert ENGLISH in opened(joan, **{"Accept-Language": "fr"}).get("/p").text


def test_a_language_that_we_have_no_texts_in_is_as_if_nobody_knew(joan):
    Profile.objects.filter(pk=joan).update(language="vi")

    assert SPANISH in opened(joan, **SPANISH_BROWSER).get("/p").text


def test_the_switch_beats_all_and_is_remembered(juana):
    browser = opened(juana, **SPANISH_BROWSER)

    assert ENGLISH in browser.get("/p?language=en").text
    assert ENGLISH in browser.get("/p").text
    assert SPANISH in browser.get("/p?language=es").text
    assert SPANISH in browser.get("/p").text


def test_it_is_forgotten_when_the_browser_is_closed(joan):
    [cookie] = [each for each in opened(joan).get("/p?language=es").cookies.values() if each.value == "es"]

    assert cookie["max-age"] == ""
    assert cookie["expires"] == ""
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("asked", ["xx", "", "es\r\nX: 1", "e" * 600])
def test_a_language_that_is_none_changes_nothing(visit, asked):
    answer = visit.get("/p", {"language": asked})

    assert ENGLISH in answer.text
    assert "django_language" not in answer.cookies


def test_each_language_of_the_switch_is_named_in_itself(visit):
    answer = visit.get("/p")

    assert '<a href="?language=es" lang="es" hreflang="es">Español</a>' in answer.text
    assert '<span lang="en" aria-current="true">English</span>' in answer.text


def test_whoever_switches_stays_on_the_same_page_of_their_history(visit_by_code):
    shown = visit_by_code.get("/p/history?page=1&language=en").text

    assert 'href="?page=1&amp;language=es"' in shown


@pytest.mark.parametrize("address", ["/p?guess={}", "/p?{}=1", "/p/history?page={}", "/?language={}"])
def test_no_page_repeats_what_its_address_says_beside_what_nobody_may_guess(visit_by_code, address):
    assert "joan@example" not in visit_by_code.get(address.format("joan@example")).text


@pytest.mark.parametrize("path", ["/", "/p", "/p/cut-off", "/nowhere"])
def test_a_page_without_a_visit_speaks_spanish_too(client, db, path):
    answer = client.get(path, headers=SPANISH_BROWSER)

    assert lang(answer) == "es"
    assert "enlace" in answer.text
    assert "Do you need help?" not in answer.text
    assert "English" in answer.text
    assert lang(client.get(path, {"language": "en"}, headers=SPANISH_BROWSER)) == "en"


def test_the_wording_kept_is_the_one_that_was_read(juana):
    browser = opened(juana)
    codes.step_up(browser)
    save(browser, phone_outreach__sms="yes")

    notice = shown_last()
    assert notice.key == "preference_page.es"
    assert notice.body["language"] == "es"
    assert "usted acepta que Riverside Health le llame" in notice.body["page"]["consent"]
    assert "Encuestas para pacientes" in [each["name"] for each in notice.body["categories"]]
    assert evidence(juana)["language"] == "es"


def test_a_form_read_in_spanish_stays_so_though_another_tab_has_switched(juana):
    browser = opened(juana)
    codes.step_up(browser)
    form = open_form(browser)
    browser.get("/p?language=en")

    answer = save(browser, form, phone_outreach__sms="yes")

    assert answer.status_code == 303
    assert shown_last().key == "preference_page.es"
    assert evidence(juana)["language"] == "es"
    assert choices_of(juana) == [("phone_outreach", "sms", "opted_in")]


def evidence(profile_id):
    change = Change.objects.latest("id")
    key = DataKey.objects.get(owner=profile_id, use="evidence")
    wrapped = Wrapped(key.key_id, bytes(key.nonce), bytes(key.wrapped))
    return read_evidence(bytes(change.evidence or b""), profile_id, wrapped)


def test_the_result_and_its_dates_are_in_spanish(juana):
    browser = opened(juana)
    save(browser, patient_surveys__email="no")

    assert "Encuestas para pacientes: Correo electrónico No" in result(browser)
    assert re.search(r"Usted dijo que no el \d+ de \w+ de \d{4}\.", words(browser.get("/p").text))


def test_a_chinese_mark_has_room_of_its_own_and_no_blank_after_it(joan):
    reviewed = {"reviewed": True, "translator": "A", "qualification": "B", "day": "2026-11-20"}
    publish(kind=RevisionKind.APPEARANCE, key=f"{LANGUAGE}zh-hans", body=reviewed, author="x", reason="x")
    browser = opened(joan)

    for path in ("/", "/p", "/p/code", "/nowhere"):
        text = browser.get(path, {"language": "zh-hans"}).text
        assert 'lang="zh-hans"' in text
        assert not re.findall(r"\w+[。！？：] +\w*", text)
    assert "这里涉及的是您的信息，不是消息。如果您选择“是”，" in browser.get("/p").text


def test_no_page_ends_a_sentence_by_a_mark_that_no_translator_sees():
    for template in (settings.BASE_DIR / "portal" / "templates").rglob("*.html"):
        ours = re.sub(r"(?s){% blocktranslate.*?{% endblocktranslate %}", "", template.read_text())
        assert not re.findall(r"}}[.!?].*", ours), template.name


def test_the_help_in_chinese_is_written_so_on_pages_in_english_too(client, db):
    assert re.search(r"\w。(请|如)", client.get("/").text)


def test_a_category_without_spanish_is_shown_in_english_and_says_so(juana):
    people.publish_required_category()

    text = opened(juana).get("/p").text

    assert '<span class="name"><bdi lang="en">Bills and legal letters</bdi></span>' in text
    assert '<span class="name">Encuestas para pacientes</span>' in text


def test_staff_and_programs_are_answered_in_english(client, db):
    assert 'lang="en' in client.get("/admin/login/?language=es", headers=SPANISH_BROWSER).text
    answer = client.post("/v1/identify", data="{", content_type="application/json", headers=SPANISH_BROWSER)
    assert answer.headers["Content-Language"] == "en"


def test_two_people_merged_are_read_to_as_the_one_they_are(juana):
    other = people.person(email="j.2@example.org", phone="+12025550199")
    Profile.objects.filter(pk=other).update(merged_into=juana)

    assert SPANISH in opened(other).get("/p").text
