"""What a banner says, as staff read it; and where they see and change a draft of one."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse

from portal.banner.regions import by_strictness
from portal.banner.terms import ALWAYS, EVERYWHERE, NEVER, SIGNALS, Mode, Position
from portal.banner.wording import IN_WORDS
from preferences.catalogue import catalogue
from preferences.languages import language_name
from preferences.models import Banner
from preferences.slots import Line, Naming

SITE = {
    "name": "Name",
    "origins": "Websites that wear it",
    "cookie_domain": "Domain of its cookie",
    "days": "Days until it asks again",
    "position": "Where it stands",
    "categories": "What visitors are asked about",
}
COLOURS = {"paper": "Paper", "ink": "Text", "accent": "Buttons and links"}


def edit_page(draft: Any) -> str:
    """Where its author goes on with it: a page of the rooms above."""
    return f"{reverse('admin:banner_edit', args=[draft.key])}?draft={draft.pk}"


def naming(category: str) -> Iterator[Naming]:
    """The banners in force that ask about a category."""
    for banner in Banner.objects.order_by("key"):
        if category in banner.body["categories"]:
            page = reverse("admin:banner", args=[banner.key])
            yield Naming(f"The banner {banner}", "Visitors are no longer asked about it.", page)


def preview_page(draft: Any) -> str:
    """Where it can be seen before it stands: likewise."""
    return f"{reverse('admin:banner_preview', args=[draft.key])}?draft={draft.pk}"


def region_words(name: str) -> str:
    """`everywhere` is everywhere else."""
    return "Everywhere else" if name == EVERYWHERE else name


def says(body: Mapping[str, Any]) -> Iterator[Line]:
    """All that a banner says, line by line."""
    if not body:
        return
    for name, words in SITE.items():
        yield Line(name, words, site_words(name, body[name]))
    for name, region in by_strictness(body["regions"]):
        yield from _of_region(name, region)
    for scheme, colours in body["colours"].items():
        for name, colour in colours.items():
            yield Line(f"{scheme} {name}", f"{COLOURS[name]} in the {scheme} theme", colour)
    for signal, by in body["signals"].items():
        yield Line(signal, SIGNALS[signal], granted_words(by))
    yield from _texts("", "", body["texts"])


def _of_region(name: str, region: Mapping[str, Any]) -> Iterator[Line]:
    called = region_words(name)
    yield Line(f"{name} mode", f"{called}: what holds", Mode(region["mode"]).label)
    if name != EVERYWHERE:
        yield Line(f"{name} places", f"{called}: places", ", ".join(region["places"]))
    yield from _texts(name, f"{called}: ", region["texts"])


def _texts(part: str, called: str, texts: Mapping[str, Any]) -> Iterator[Line]:
    for language, own in texts.items():
        for name, text in own.items():
            what = f"{called}{IN_WORDS[name]}, in {language_name(language)}"
            yield Line(f"{part} {language} {name}", what, text)


def site_words(name: str, value: Any) -> str:
    """What is said of the site, as staff read it."""
    match name:
        case "origins":
            return "\n".join(value) or "None yet"
        case "categories":
            return "\n".join(map(category_words, value))
        case "position":
            return Position(value).label
        case "cookie_domain":
            return value or "Each site’s own"
    return str(value)


def granted_words(by: Any) -> str:
    """By what a tag's signal is granted."""
    if by in (ALWAYS, NEVER, None):
        return {ALWAYS: "Always", NEVER: "Never"}.get(by, "")
    return f"When visitors allow {category_words(by)}"


def category_words(slug: str) -> str:
    """A category's name."""
    known = catalogue().by_slug
    return known[slug].in_("en").name if slug in known else slug
