"""What somebody answers to the question which texts they still want. What is not plain keeps nothing."""

import re
from collections.abc import Sequence

from destinations.texts.layers import understand
from destinations.texts.phrases import KINDS
from destinations.texts.plain import is_tapback, plain
from destinations.vendors.contract import Meaning

FILLERS = frozenset(
    "keep only just and number numbers please thanks ok yes i want".split()
    + "y si solo solamente numero numeros por favor gracias quiero mantener conservar".split()
)
WANTED = re.compile(
    r"^(yes |ok |please |si |por favor )?(keep|i (still )?want|still want|i would like)\b"
    r"|^(si |por favor )?(quiero|mantener|mantenga|conservar|deje solo)\b"
    r"|\b(is|are)? ?(ok|okay|fine|good|welcome)( please| thanks)?$|\b(esta|estan) bien$"
)
UNSURE = re.compile(
    r"\b(no|not|do not|never|nothing|none|without|except|but|or|nada|sin|menos|pero|excepto|ni|o)\b"
)


def kept(text: str, offered: Sequence[str]) -> tuple[str, ...]:
    """Which of the kinds offered somebody plainly wants to go on getting; none where it is not plain."""
    understood = understand(text)
    if is_tapback(text) or understood.needs_review or understood.meaning != Meaning.NOTHING:
        return ()
    words = plain(text)
    if UNSURE.search(words):
        return ()
    return _by_number(words.split(), offered) or _by_name(words, offered)


def _by_number(words: Sequence[str], offered: Sequence[str]) -> tuple[str, ...]:
    """Numbers of the list, and nothing else that says anything."""
    numbers = {int(word) for word in words if word.isdecimal() and len(word) < 3}
    said = [word for word in words if not word.isdecimal()]
    if not numbers or not FILLERS.issuperset(said) or not numbers <= set(range(1, len(offered) + 1)):
        return ()
    return tuple(offered[number - 1] for number in sorted(numbers))


def _by_name(words: str, offered: Sequence[str]) -> tuple[str, ...]:
    """A kind by its name, with a word that says it is wanted; every kind that is named must be on offer."""
    named = {kind for kind, pattern in KINDS.items() if pattern.search(words)}
    if not named or not WANTED.search(words) or not named <= set(offered):
        return ()
    return tuple(each for each in offered if each in named)
