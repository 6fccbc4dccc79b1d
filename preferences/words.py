"""Words that people type for others to read."""

from typing import Any

from django import forms


def readable(text: str) -> str:
    """The text, or nothing where it shows nothing: a zero-width space, pasted along, is no word."""
    return text if any(each.isprintable() and not each.isspace() for each in text) else ""


class WordsField(forms.CharField):
    """A text that somebody will read: what shows nothing counts as left empty."""

    def to_python(self, value: Any) -> str:
        return readable(super().to_python(value) or "")
