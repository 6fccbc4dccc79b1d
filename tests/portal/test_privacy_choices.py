"""Choices about one's information stand apart from messages, under the titles that the law gives them."""

import pytest

from preferences.selectors import decide
from tests.portal.forms import save, words

SALE, SENSITIVE = (
    "Do not sell or share my personal information",
    "Limit the use of my sensitive personal information",
)


@pytest.mark.parametrize("title", [SALE, SENSITIVE])
def test_the_law_names_the_title(visit, title):
    page = visit.get("/p").text

    assert f'<h3 class="name">{title}</h3>' in page


def test_the_question_is_no_double_negative(visit):
    text = words(visit.get("/p").text)

    assert "May we sell or share your information? Yes No" in text
    assert "May we use this information for more than your care? Yes No" in text


@pytest.mark.parametrize("title", [SALE, SENSITIVE])
def test_every_page_leads_there_from_its_foot(visit, title):
    for page in ("/p", "/p/saved"):
        assert f'<a href="/p#privacy">{title}</a>' in visit.get(page, follow=True).text
    assert '<h2 id="privacy">' in visit.get("/p").text


def test_who_has_no_page_open_is_led_to_the_way_in(client, db):
    page = client.get("/").text

    assert f'<a href="/#privacy">{SALE}</a>' in page
    assert "say no under “How we use your information”" in page.split('<section id="privacy">')[1]


@pytest.mark.parametrize("use", ["sale_or_sharing", "sensitive_data"])
def test_a_no_counts_at_once_and_a_yes_only_when_it_is_confirmed(visit_by_code, joan, use):
    save(visit_by_code, **{f"{use}__": "no"})
    assert not decide(joan, use).allowed

    assert save(visit_by_code, **{f"{use}__": "yes"}).headers["Location"] == "/p/confirm"
    assert not decide(joan, use).allowed
    visit_by_code.post("/p/confirm", {"act": "yes"})
    assert decide(joan, use).allowed


def test_a_browsers_signal_is_shown_as_honored(visit):
    assert "Opt-out request honored" in visit.get("/p", headers={"Sec-GPC": "1"}).text
