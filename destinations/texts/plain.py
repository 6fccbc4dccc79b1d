"""A text message in plain letters: one spelling for what people type in many ways."""

import re
import unicodedata

# Signs that say stop, or nothing, by themselves.
SIGNS = {"🛑": " stop ", "⛔": " stop ", "🚫": " stop ", "✋": " ", "🙏": " please "}
SHORT = {
    "u": "you",
    "ur": "your",
    "pls": "please",
    "plz": "please",
    "pleas": "please",
    "txt": "text",
    "txts": "texts",
    "txting": "texting",
    "texing": "texting",
    "msg": "message",
    "msgs": "messages",
    "mssg": "message",
    "mesages": "messages",
    "mesage": "message",
    "dont": "do not",
    "don't": "do not",
    "doesnt": "does not",
    "didnt": "did not",
    "wont": "will not",
    "cant": "can not",
    "can't": "can not",
    "won't": "will not",
    "appt": "appointment",
    "appts": "appointments",
    "appoint": "appointment",
    "rx": "medicine",
    "meds": "medicine",
    "x favor": "por favor",
    "xfavor": "por favor",
    "porfa": "por favor",
    "porfavor": "por favor",
    "q": "que",
    "k": "que",
    "msj": "mensaje",
    "msjs": "mensajes",
    "mjs": "mensajes",
    "nomas": "no mas",
    "num": "number",
    "nbr": "number",
    "#": "number",
    "gonna": "going to",
    "wanna": "want to",
    "im": "i am",
    "i'm": "i am",
    "ive": "i have",
    "subscribtion": "subscription",
}
# What phones send when somebody taps on a message of ours: it quotes us, and is no answer.
TAPBACK = re.compile(
    r"^\s*(liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|reacted \S+ to|removed an? [\w ]+ from"
    r"|le gusto|me gusta|le encanto|no le gusto|se rio de|reacciono con \S+ a|enfatizo|cuestiono"
    r"|\W{1,4} (to|a))\s*[\"“”«'‘]",
    re.IGNORECASE,
)
QUOTED = re.compile(r"^\s*>.*$|[\"“«][^\"”»]{25,}[\"”»]", re.MULTILINE)
OURS = re.compile(
    r"(reply|text|txt|responda|envie|responde) \W*(stop|alto|baja)\W* (to|for|para)\b.*", re.IGNORECASE
)


def without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def is_tapback(text: str) -> bool:
    """Did somebody only tap on a message of ours?"""
    return TAPBACK.match(without_accents(text)) is not None


def own_words(text: str) -> str:
    """What the person wrote, without what they quote of us."""
    return OURS.sub(" ", QUOTED.sub(" ", without_accents(text)))


def plain(text: str) -> str:
    """Lower-case words with single spaces: no accents, signs as words, short forms written out."""
    for sign, word in SIGNS.items():
        text = text.replace(sign, word)
    lowered = own_words(text).casefold().replace("’", "'").replace("`", "'")
    if spelled_out := re.fullmatch(r"\W*((?:[a-z][\W_]+){2,}[a-z])\W*", lowered):
        lowered = re.sub(r"[\W_]", "", spelled_out[1])  # S-T-O-P, s t o p
    lowered = re.sub(r"([a-z])\1{2,}", r"\1", lowered)  # stoooop
    words = [SHORT.get(word, word) for word in re.findall(r"[a-z0-9']+|#", lowered)]
    return " ".join(" ".join(words).replace("'", "").split())


def in_other_letters(text: str) -> str:
    """The words of a text that Latin letters do not write, as `plain` leaves them out."""
    # Without accents Korean falls apart into its letters: put together again.
    composed = unicodedata.normalize("NFC", own_words(text)).casefold()
    return " ".join(re.findall(r"[^\W\d_a-z]+", composed))
