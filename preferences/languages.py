"""The languages that people read, and which texts are still missing in one. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields

from django.conf import settings
from django.utils.translation import get_language_info

from preferences.catalogue import Texts

ENGLISH = "en"  # stands in wherever another language has no texts
TEXTS = tuple(each.name for each in fields(Texts))
NEEDED = ("name", "description", "required_reason")  # nobody can decide about what these do not say
IN_WORDS = {
    "name": "name",
    "description": "what it is about",
    "example": "example",
    "how_often": "how often",
    "required_reason": "why it is required",
}

Missing = Mapping[str, tuple[str, ...]]


def others() -> tuple[str, ...]:
    """Every language beside English that Heed has texts in, whether patients are offered it or not."""
    return tuple(code for code, _ in settings.LANGUAGES if code != ENGLISH)


def language_name(code: str) -> str:
    """`es` -> Spanish."""
    return str(get_language_info(code)["name"])


def missing(texts: Mapping[str, Texts], languages: Iterable[str]) -> Missing:
    """Per language, what English says and it does not; a language that lacks nothing is left out."""
    english = asdict(texts[ENGLISH])
    lacking = {}
    for language in languages:
        if language == ENGLISH:
            continue
        said = asdict(texts[language]) if language in texts else {}
        lacking[language] = tuple(name for name in TEXTS if english[name] and not said.get(name))
    return {language: names for language, names in lacking.items() if names}


def half_written(texts: Mapping[str, Texts]) -> Missing:
    """The languages that were begun, and lack what nobody can decide without."""
    begun = missing(texts, [language for language in others() if language in texts])
    return {language: needed for language, names in begun.items() if (needed := _needed(names))}


def _needed(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name in NEEDED)


def missing_words(lacking: Missing) -> str:
    """`Spanish: example, how often`."""
    return "; ".join(
        f"{language_name(language)}: {', '.join(IN_WORDS[name] for name in names)}"
        for language, names in lacking.items()
    )
