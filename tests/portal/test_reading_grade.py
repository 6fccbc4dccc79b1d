"""Every page in English reads at school grade 6 or below (Flesch-Kincaid): its sentences, not its labels."""

import re
from html import unescape
from itertools import chain

import pytest
from pyphen import Pyphen  # type: ignore[import-untyped]

from preferences.mission import MISSION
from tests.portal import codes, people
from tests.portal.forms import save

GRADE = 6.0
BLOCKS = r"p|li|h1|h2|h3|div|dt|dd|td|th|legend|label|button|summary|section|fieldset|strong|b|dl|ul"
SYLLABLES = Pyphen(lang="en_US")


def sentences(html):
    """What a page says in sentences: a label is none, and help in other languages is not read."""
    body = re.sub(r"(?s)<head>.*?</head>|<noscript>.*?</noscript>|<script.*?</script>", "", html)
    body = re.sub(r'(?s)<div class="language-help">.*?</div>', "", body)
    body = re.sub(rf"</?(?:{BLOCKS})\b[^>]*>", "\n", body)
    lines = unescape(re.sub(r"<[^>]+>", " ", body)).splitlines()
    found = chain.from_iterable(re.split(r"(?<=[.!?])\s+", " ".join(line.split())) for line in lines)
    return [each for each in found if each.endswith((".", "!", "?")) and len(each.split()) > 2]


def words_of(text):
    return re.findall(r"[A-Za-z][A-Za-z’'-]*", text)


def syllables(word):
    """Where it may be hyphenated, or its groups of vowels without a silent e, whichever are more.

    A hyphen never stands after one letter, so `any` has one part by itself.
    """
    spoken = re.sub(r"(?<=[^aeiouyl])e[sd]?$", "", word.lower())
    return max(1, len(SYLLABLES.positions(word)) + 1, len(re.findall(r"[aeiouy]+", spoken)))


def grade(found):
    """Flesch-Kincaid (Kincaid et al., 1975)."""
    words = [word for each in found for word in words_of(each)]
    return 0.39 * len(words) / len(found) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def reads_easily(html):
    found = sentences(html)
    assert len(found) >= 4, "too little to measure"
    measured = grade(found)
    hardest = sorted(found, key=lambda each: grade([each]))[-3:]
    assert measured <= GRADE, f"grade {measured:.1f}; hardest: {hardest}"


def test_the_way_in(client, db):
    reads_easily(client.get("/").text)


def test_the_preference_page_with_all_that_may_stand_there(visit_by_code, joan):
    people.publish_required_category()
    people.texted_stop()

    reads_easily(visit_by_code.get("/p", headers={"Sec-GPC": "1"}).text)


@pytest.mark.parametrize("path", ["/p/code", "/p/history", "/p/addresses", "/p/only"])
def test_the_pages_that_ask_for_a_code_first_or_follow_it(visit, path):
    asked = visit.get(path, follow=True).text
    codes.step_up(visit)

    reads_easily(asked)
    reads_easily(visit.get(path, follow=True).text)


def test_what_comes_after_saving(visit_by_code):
    people.publish_required_category()
    save(visit_by_code, act="stop")

    for page in ("/p/saved", "/p/receipt", "/p/history"):
        reads_easily(visit_by_code.get(page).text)


def test_a_second_question(visit_by_code):
    save(visit_by_code, sale_or_sharing__="yes")

    reads_easily(visit_by_code.get("/p/confirm").text)


def test_an_old_page_and_a_closed_one(client, db):
    for page in ("/p", "/p/nonsense", "/u/nonsense", "/nowhere"):
        reads_easily(client.get(page).text)


@pytest.mark.parametrize("texts", [each["texts"]["en"] for each in MISSION], ids=lambda each: each["name"])
def test_each_kind_of_message_has_an_example_and_says_how_often(texts):
    assert texts["example"]
    assert texts["how_often"]


def test_all_that_the_categories_say_reads_easily():
    found = [
        f"{text.rstrip('.')}."
        for each in MISSION
        for text in (each["texts"]["en"]["description"], each["texts"]["en"]["how_often"])
    ]

    assert grade(found) <= GRADE


def test_a_harder_page_would_be_noticed():
    harder = "<p>Pursuant to applicable regulations, individuals exercise statutory entitlements.</p>"

    with pytest.raises(AssertionError, match="hardest"):
        reads_easily(harder * 4)
