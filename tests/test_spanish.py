"""Every text that patients read has its Spanish."""

import re

import pytest

from tests import messages

SPANISH = {message.id: message for message in messages.translated() if message.id}


def strings(text):
    """One, or one for each plural form."""
    return list(text) if isinstance(text, tuple | list) else [text]


def test_every_text_in_the_sources_is_known_and_none_that_is_gone():
    said = {message.id for message in messages.in_sources() if message.id}

    assert said == set(SPANISH), "run make messages, and translate what is new"


@pytest.mark.parametrize("message", SPANISH.values(), ids=lambda message: str(message.id)[:40])
def test_each_has_its_spanish(message):
    assert all(strings(message.string))
    assert not message.fuzzy
    if message.pluralizable:
        assert len(message.string) == 2


def test_patients_are_addressed_with_respect():
    familiar = re.compile(r"\b(tú|tu|tus|te|ti|contigo|puedes|tienes|quieres|elige|haz)\b", re.IGNORECASE)
    texts = [text for message in SPANISH.values() for text in strings(message.string)]

    assert not [text for text in texts if familiar.search(text)]
