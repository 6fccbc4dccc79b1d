"""What is not in the page's language is marked, for whoever has the page read aloud (WCAG 3.1.2). Pure."""

from dataclasses import asdict

from django.utils.html import format_html

from preferences.catalogue import Category, Texts
from preferences.languages import ENGLISH


def marked(text: str, language: str) -> str:
    """A text in the language that it is in; `bdi`, so that it also runs its own way."""
    return format_html('<bdi lang="{}">{}</bdi>', language, text) if text else ""


def texts_of(category: Category, language: str) -> Texts:
    """What a category says, in English and marked so where it lacks the page's language."""
    texts = category.in_(language)
    if language in category.texts:
        return texts
    return Texts(**{name: marked(text, ENGLISH) for name, text in asdict(texts).items()})
