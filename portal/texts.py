"""What patients' pages say, text by text, beside what it is in another language."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

from django.conf import settings
from django.utils.translation import to_locale

WHOLE = "es"  # the suite holds it whole, so its keys are all the texts there are


@dataclass(frozen=True, slots=True)
class Text:
    """A text, and what it is in another language: each of its plural forms; none where English stands in."""

    english: str
    translated: tuple[str, ...]


@cache
def _catalogue(code: str) -> dict[str, tuple[str, ...]]:
    path = Path(settings.LOCALE_PATHS[0], to_locale(code), "LC_MESSAGES", "django.mo")
    if not path.exists():
        return {}
    with path.open("rb") as file:
        known: dict[str | tuple[str, int], str] = GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    found: dict[str, tuple[str, ...]] = {}
    for key, text in known.items():
        english = key if isinstance(key, str) else key[0]  # plural forms stand under (text, form)
        if english and text:
            found[english] = (*found.get(english, ()), text)
    return found


def texts_in(code: str) -> Iterator[Text]:
    """All of them, what is missing first."""
    said = _catalogue(code)
    for english in sorted(_catalogue(WHOLE), key=lambda each: each in said):
        yield Text(english, said.get(english, ()))


def missing_in(code: str) -> int:
    """How many are not there yet."""
    return len(_catalogue(WHOLE).keys() - _catalogue(code).keys())


def has_texts(code: str) -> bool:
    """Is there anything to review?"""
    return bool(_catalogue(code))
