"""The layers, in order. Each has a name that staff read as the reason."""

from collections.abc import Callable
from dataclasses import dataclass

from destinations.texts import phrases
from destinations.texts.plain import in_other_letters, is_tapback, plain
from destinations.vendors.contract import Meaning


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text means. `category`: only messages of that kind are refused. `because`: what decided it.

    NOTHING with `needs_review`: a person must read it, and texts are held meanwhile.
    """

    meaning: Meaning
    because: str
    category: str = ""
    needs_review: bool = False


NOTHING = Understood(Meaning.NOTHING, "nothing in it says stop")
LONGEST = 2_000  # characters: what a text of many parts holds
Layer = Callable[[str], Understood | None]


def understand(text: str) -> Understood:
    """What a text message means. Never raises; whatever is not understood is NOTHING."""
    text = text[:LONGEST]
    if is_tapback(text):
        return Understood(Meaning.NOTHING, "a tap on a message of ours")
    words = plain(text)
    for layer in LAYERS:
        if found := layer(words):
            return found
    return _elsewhere(in_other_letters(text), words) or NOTHING


def _elsewhere(words: str, latin: str) -> Understood | None:
    """A stop in Chinese, Korean or Arabic: any reasonable way counts (47 CFR 64.1200(a)(10))."""
    is_stop_word = words in phrases.STOP_WORDS_ELSEWHERE
    if is_stop_word and not phrases.POLITE.sub(" ", latin).strip():
        return Understood(Meaning.STOP, "a stop word by itself, in other letters")
    if is_stop_word or phrases.STOP_LIKE_ELSEWHERE.search(words):
        return Understood(Meaning.NOTHING, "it may be a stop: somebody must read it", needs_review=True)
    return None


def _keyword(words: str) -> Understood | None:
    """The whole message is a word that carriers and the FCC know, with politeness around it."""
    bare = phrases.POLITE.sub(" ", words)
    bare = " ".join(bare.split())
    distinct = " ".join(dict.fromkeys(bare.split()))
    for said in (words, bare, distinct):
        if said in phrases.STOP_WORDS:
            return Understood(Meaning.STOP, "a stop word by itself")
        if said in phrases.START_WORDS:
            return Understood(Meaning.START, "a start word by itself")
        if said in phrases.HELP_WORDS:
            return Understood(Meaning.HELP, "a help word by itself")
    if phrases.is_misspelt_stop(bare):
        return Understood(Meaning.STOP, "a stop word, misspelt")
    return None


def _one_kind(words: str) -> Understood | None:
    """Only one kind of message is refused."""
    if not phrases.REFUSES_KIND.search(_without_other_things(words)) or phrases.EVERYTHING.search(words):
        return None
    refused = phrases.SPARED.sub(" ", words)
    kinds = {category for category, pattern in phrases.KINDS.items() if pattern.search(refused)}
    if len(kinds) != 1:
        return None
    return Understood(Meaning.OPT_OUT, "messages of one kind are refused", category=kinds.pop())


def _free_text(words: str) -> Understood | None:
    """Any reasonable way of saying stop (47 CFR 64.1200(a)(10))."""
    for pattern, because in phrases.STOPS:
        if pattern.search(words):
            return Understood(Meaning.STOP, because)
    return None


def _something_else(words: str) -> Understood | None:
    """The stop-like word is about something else: a visit, a medicine, a bus."""
    if not phrases.STOP_LIKE.search(words):
        return None
    if phrases.STOP_LIKE.search(_without_other_things(words)):
        return None
    return Understood(Meaning.NOTHING, "the stop-like word is about something else")


def _without_other_things(words: str) -> str:
    for pattern in phrases.ABOUT_ELSE:
        words = pattern.sub(" ", words)
    return words


def _needs_review(words: str) -> Understood | None:
    if phrases.STOP_LIKE.search(words) or phrases.UNSURE.search(words):
        return Understood(Meaning.NOTHING, "it may be a stop: somebody must read it", needs_review=True)
    return None


def _help(words: str) -> Understood | None:
    if phrases.ASKS_WHO.fullmatch(words):
        return Understood(Meaning.HELP, "asks who is writing")
    return None


LAYERS: tuple[Layer, ...] = (_keyword, _help, _one_kind, _free_text, _something_else, _needs_review)
