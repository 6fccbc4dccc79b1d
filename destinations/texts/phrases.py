"""The words and phrases of the layers, from `phrases.toml`: a person can read that file, and change it."""

import re
import tomllib
from pathlib import Path

from rapidfuzz.distance import OSA

_KNOWN = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8"))

STOP_WORDS, START_WORDS = frozenset(_KNOWN["stop_words"]), frozenset(_KNOWN["start_words"])
STOP_WORDS_ELSEWHERE = frozenset(_KNOWN["stop_words_elsewhere"])
HELP_WORDS, REAL_WORDS = frozenset(_KNOWN["help_words"]), frozenset(_KNOWN["real_words"])
POLITE, ASKS_WHO = re.compile(_KNOWN["polite"]), re.compile(_KNOWN["asks_who"])
SPARED = re.compile(_KNOWN["spared"])
REFUSES_KIND, EVERYTHING = re.compile(_KNOWN["refuses"]), re.compile(_KNOWN["everything"])
STOP_LIKE_ELSEWHERE = re.compile(_KNOWN["stop_like_elsewhere"])
STOP_LIKE, UNSURE = re.compile(_KNOWN["stop_like"]), re.compile(_KNOWN["unsure"])
ABOUT_ELSE = tuple(map(re.compile, _KNOWN["about_else"]))
KINDS = {category: re.compile(pattern) for category, pattern in _KNOWN["kinds"].items()}
STOPS = tuple(
    (re.compile(pattern), because) for because, patterns in _KNOWN["stops"].items() for pattern in patterns
)


def is_misspelt_stop(word: str) -> bool:
    """One letter more, less, wrong or swapped, and no word of its own. Only where it is the whole message."""
    if word in REAL_WORDS or not re.fullmatch(r"[a-z]{3,14}", word):
        return False
    return any(word[0] in each[:2] and OSA.distance(word, each) <= 1 for each in _KNOWN["misspelt"])
