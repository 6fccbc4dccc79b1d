"""A category's published body, to and from what its form holds. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from preferences.languages import ENGLISH, TEXTS, others
from preferences.terms import NO_CHANNEL, CategoryKind, Channel, OptInNeeds

FACTS = (
    "order",
    "marketing",
    "honours_signal",
    "sensitive",
    "required",
    "retired",
    "unknown_recipients",
    "opt_in_expires_days",
)
CODE = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
USE = "use"  # stands where a field names a channel, for a use of data

Body = Mapping[str, Any]


def field_of(channel: str) -> str:
    """What the fields of a channel start with."""
    return channel or USE


def channels_of(kind: str) -> tuple[str, ...]:
    """What a kind of category may be offered on."""
    return (NO_CHANNEL,) if kind == CategoryKind.DATA_USE else tuple(Channel.values)


def text_field(name: str, language: str = ENGLISH) -> str:
    """The field that holds a text: `name`, and `es_name` for its Spanish."""
    return name if language == ENGLISH else f"{language}_{name}"


def initial_from(body: Body) -> dict[str, Any]:
    """What the form shows of a publication."""
    shown = {name: body[name] for name in ("slug", "kind", *FACTS)}
    for language in (ENGLISH, *others()):
        texts = body["texts"].get(language, {})
        shown |= {text_field(name, language): texts.get(name, "") for name in TEXTS}
    for offer in body["offers"]:
        start = field_of(offer["channel"])
        shown[f"{start}_offered"] = not offer.get("removed", False)
        shown[f"{start}_default"] = offer["default"]
        shown[f"{start}_needs"] = offer["needs"]
        shown[f"{start}_out"] = ", ".join(
            code for code, yes in sorted(offer.get("elsewhere", {}).items()) if not yes
        )
    return shown


def body_from(given: Mapping[str, Any], before: Body | None) -> dict[str, Any]:
    """What is published: what the form does not show (a language that is no longer offered) stays."""
    written = {language: _texts(given, language) for language in (ENGLISH, *others())}
    kept = {code: texts for code, texts in before["texts"].items() if code not in written} if before else {}
    return {
        "slug": given["slug"],
        "kind": given["kind"],
        **{name: given[name] for name in FACTS},
        "texts": kept | {language: texts for language, texts in written.items() if texts},
        "offers": _offers(given, {each["channel"]: each for each in before["offers"]} if before else {}),
    }


def _texts(given: Mapping[str, Any], language: str) -> dict[str, str]:
    found = {name: given[text_field(name, language)] for name in TEXTS}
    return {name: text for name, text in found.items() if text}


def _offers(given: Mapping[str, Any], before: Mapping[str, Body]) -> list[dict[str, Any]]:
    """In the order in which they stood; a channel that is no longer offered stays, as removed (R17)."""
    channels = [*before, *(each for each in channels_of(given["kind"]) if each not in before)]
    return [
        _offer(channel, given, before.get(channel))
        for channel in channels
        if channel in before or channel == NO_CHANNEL or given[f"{field_of(channel)}_offered"]
    ]


def _offer(channel: str, given: Mapping[str, Any], before: Body | None) -> dict[str, Any]:
    start = field_of(channel)
    kept = {code: yes for code, yes in (before or {}).get("elsewhere", {}).items() if yes}
    return {
        "channel": channel,
        "default": given[f"{start}_default"],
        "elsewhere": kept | dict.fromkeys(given[f"{start}_out"], False),
        "needs": given[f"{start}_needs"] or OptInNeeds.ANY.value,
        "removed": channel != NO_CHANNEL and not given[f"{start}_offered"],
    }


def codes_in(text: str) -> list[str]:
    """`us-wa, CA-QC` -> the codes. Raises ValueError with the first word that is none."""
    codes = [each.upper() for each in re.split(r"[,\s]+", text) if each]
    for code in codes:
        if not CODE.fullmatch(code):
            raise ValueError(code)
    return sorted(set(codes))
