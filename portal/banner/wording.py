"""What a banner says where staff wrote nothing of their own: plain words, in every language of the pages."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from portal.banner.terms import Mode
from preferences.languages import ENGLISH

# What staff may write themselves: one title and text a region, and the words of the buttons.
OF_REGION = ("title", "text")
OF_BUTTONS = ("accept", "reject", "choose", "reopen")
IN_WORDS = {
    "title": "Title",
    "text": "Text",
    "accept": "Button that says yes to all",
    "reject": "Button that says no to all",
    "choose": "Button that leads to each choice",
    "reopen": "Button that stays in the corner",
}

BY_MODE: Mapping[Mode, Mapping[str, Promise]] = {
    Mode.OPT_IN: {
        "title": _("May we use information about your visit to this site?"),
        "text": _("We do so only if you say yes. This site works the same if you say no."),
    },
    Mode.OPT_OUT: {
        "title": _("You can say no"),
        "text": _(
            "We use some information about your visit to this site. You can say no now or at any time."
        ),
    },
    Mode.NOTICE_ONLY: {
        "title": _("How we use information"),
        "text": _("We use some information about your visit to this site. You can see how, and say no."),
    },
}
WORDS: Mapping[str, Promise] = {
    "accept": _("Yes to all"),
    "reject": _("No to all"),
    "choose": _("Choose"),
    "reopen": _("Privacy choices"),
    "understood": _("OK"),
    "choices_title": _("Your privacy choices"),
    "choices_text": _("You can change these at any time. Your care does not depend on them."),
    "yes": _("Yes"),
    "no": _("No"),
    "save": _("Save my choices"),
    "close": _("Close"),
    "saved": _("Your choices are saved"),
    "sure_title": _("Are you sure?"),
    "sure_text": _("You said yes to this. Please tell us once more."),
    "sure_despite": _(
        "Your browser asks sites not to sell or share your information. You said yes to this all the same. "
        "Please tell us once more."
    ),
    "sure_yes": _("Yes, I am sure"),
    "sure_no": _("No, keep it off"),
    "gpc_title": _("Opt-out request honored."),
    "gpc_text": _("Your browser asks us not to sell or share your information, so we do not."),
}

Body = Mapping[str, Any]
Text = tuple[str, str]  # a region, or nothing for what all have in common, and which of its texts


def missing_in(body: Body, language: str) -> tuple[Text, ...]:
    """What staff wrote in English and not in this language: whoever speaks it reads English there."""
    parts = {"": body["texts"]} | {name: region["texts"] for name, region in body["regions"].items()}
    return tuple(
        (part, name)
        for part, texts in parts.items()
        for name in texts.get(ENGLISH, {})
        if language != ENGLISH and name not in texts.get(language, {})
    )


def words_of(body: Body, region: str, language: str) -> dict[str, str]:
    """Every text of a banner: staff's own in the language, else staff's English, else Heed's own."""
    found = body["regions"][region]
    ours = {**WORDS, **BY_MODE[Mode(found["mode"])]}
    with override(language):
        words = {name: str(text) for name, text in ours.items()}
    for texts in (body["texts"], found["texts"]):
        words |= texts.get(ENGLISH, {}) | texts.get(language, {})
    return words
