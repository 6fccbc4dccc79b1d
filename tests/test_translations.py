"""What translators wrote holds what the English holds, and is what Django reads: in every language."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message
from django.utils.translation import get_language_info, to_language

from preferences.languages import others
from tests import messages

PLACE = re.compile(r"\{(\w*)\}|%\((\w+)\)s")
MARKUP = re.compile(r"<[^>]*>|&\w+;|https?://\S+")
ADDRESS = re.compile(r"\{(?:address|others|last)\}|%\(to\)s")
NAME = re.compile(r"\{organisation\}|%\(organisation\)s")
WORDS_OF_CARRIERS = re.compile(r"\b(?:STOP|START)\b", re.ASCII)  # phones know no other words

LANGUAGES = sorted(path.parent.parent.name for path in messages.LOCALES.glob("*/LC_MESSAGES/django.po"))
RIGHT_TO_LEFT = [each for each in LANGUAGES if get_language_info(to_language(each))["bidi"]]


def catalogue(language: str) -> Catalog:
    return messages.translated(messages.LOCALES / language / "LC_MESSAGES/django.po")


def strings(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """One, or one for each plural form."""
    return list(text) if isinstance(text, tuple | list) else [text or ""]


def written(language: str) -> Iterator[tuple[Message, str]]:
    """Each message with each form of it that somebody wrote."""
    for message in catalogue(language):
        if message.id:
            yield from ((message, text) for text in strings(message.string) if text)


def found(pattern: re.Pattern[str], text: str) -> list[str]:
    return sorted(match[0] for match in pattern.finditer(text))


def test_each_language_that_staff_can_review_has_a_draft():
    assert {to_language(each) for each in LANGUAGES} == set(others())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pattern", [PLACE, MARKUP, WORDS_OF_CARRIERS], ids=["places", "markup", "words"])
def test_what_is_filled_in_marked_up_or_typed_is_as_in_english(language, pattern):
    wrong = [
        text
        for message, text in written(language)
        if found(pattern, text) != found(pattern, strings(message.id)[0])
    ]

    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_form_of_the_language_is_there_or_none(language):
    forms = catalogue(language).num_plurals
    counted = [message for message in catalogue(language) if message.id and message.pluralizable]

    assert counted
    assert all(len(strings(message.string)) == forms for message in counted)
    assert all(all(strings(each.string)) or not any(strings(each.string)) for each in counted)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_half_done_or_starts_with_a_space_too_many(language):
    for message, text in written(language):
        assert not message.fuzzy
        assert text == text.strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_django_reads_is_what_was_written(language):
    path = messages.LOCALES / language / "LC_MESSAGES/django.po"
    compiled = {tuple(strings(each.id)): strings(each.string) for each in messages.compiled(path) if each.id}
    there = {
        tuple(strings(each.id)): strings(each.string)
        for each in catalogue(language)
        if each.id and any(strings(each.string))
    }

    assert compiled == there, "run make messages"


@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
@pytest.mark.parametrize(("kind", "opens"), [(ADDRESS, "\u2066"), (NAME, "\u2068")], ids=["address", "name"])
def test_right_to_left_an_address_or_a_name_keeps_its_own_direction(language, kind, opens):
    """Isolated, up to U+2069 (UAX 9): a number has no direction, and its parts would change places."""
    for _, text in written(language):
        for match in kind.finditer(text):
            assert (text[match.start() - 1], text[match.end()]) == (opens, "\u2069"), text
