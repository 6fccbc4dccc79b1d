"""What a banner must be before it is published, and when that needs a second person."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from portal.banner.regions import PLACE, mode_in
from portal.banner.terms import ALWAYS, EVERYWHERE, MAX_DAYS, NEVER, STRICTNESS, Mode, Position
from portal.colours import TEXT, contrast
from preferences.catalogue import Category, catalogue
from preferences.errors import Malformed
from preferences.terms import OptInNeeds

Body = Mapping[str, Any]

ORIGIN = re.compile(
    r"https://[a-z0-9.-]+(:\d{1,5})?|http://(localhost|127\.0\.0\.1|[a-z0-9.-]+\.localhost)(:\d{1,5})?"
)
DOMAIN = re.compile(r"([a-z0-9-]+\.)+[a-z0-9-]+")
COLOUR = re.compile(r"#[0-9a-f]{6}")
SLUG = re.compile(r"[a-z][a-z0-9_-]{0,48}")
UNKNOWN = ""


def may_be_asked(category: Category) -> bool:
    """Can a visitor of a website decide about it? Not where the law wants more than a banner's words."""
    needs = {offer.needs for offer in category.offers.values() if not offer.removed}
    return not (category.retired or category.required or OptInNeeds.PERSON_WITH_NOTICE in needs)


def check_banner(*, key: str, body: Body, before: Body | None) -> None:
    """Raises Malformed with what is wrong, and what to write instead."""
    if not SLUG.fullmatch(key):
        raise Malformed("a banner's short name is small letters, digits, dashes and underscores")
    _check_site(body)
    _check_categories(body)
    _check_colours(body)
    _check_regions(body["regions"])


def _check_site(body: Body) -> None:
    for origin in body["origins"]:
        if not ORIGIN.fullmatch(origin):
            raise Malformed(f"{origin} is no site: write https:// and the name, like https://www.example.org")
    domain = body["cookie_domain"]
    if domain and not DOMAIN.fullmatch(domain):
        raise Malformed("the cookie's domain is written like example.org, or left empty")
    if not 1 <= body["days"] <= MAX_DAYS:
        raise Malformed(f"browsers keep a cookie for 1 to {MAX_DAYS} days")
    if body["position"] not in Position.values:
        raise Malformed(f"the position is one of {', '.join(Position.values)}")


def _check_categories(body: Body) -> None:
    known = catalogue().by_slug
    for slug in body["categories"]:
        if slug not in known:
            raise Malformed(f"there is no category {slug}")
        if not may_be_asked(known[slug]):
            raise Malformed(f"{known[slug].in_('en').name} can't be decided about on a banner: leave it out")
    if not any(known[slug].is_data_use for slug in body["categories"]):
        raise Malformed("pick at least one use of data: without one there is nothing to ask visitors")
    for signal, by in body["signals"].items():
        if by not in (ALWAYS, NEVER) and by not in body["categories"]:
            raise Malformed(f"{signal} hangs on {by}, which visitors are not asked about")


def _check_colours(body: Body) -> None:
    for scheme, colours in body["colours"].items():
        for colour in colours.values():
            if not COLOUR.fullmatch(colour):
                raise Malformed(f"{colour} is no color: write # and six digits, like #0b5c62")
        for name, words in (("ink", "text"), ("accent", "buttons")):
            found = contrast(colours[name], colours["paper"])
            if found < TEXT:
                raise Malformed(
                    f"the {words} can't be read well in the {scheme} theme: the contrast is {found:.1f} to 1,"
                    f" and {TEXT} to 1 is the least (WCAG 2.2, 1.4.3)"
                )


def _check_regions(regions: Body) -> None:
    if EVERYWHERE not in regions or regions[EVERYWHERE]["places"]:
        raise Malformed("say what holds everywhere else, without naming places")
    named: dict[str, str] = {}
    for name, region in regions.items():
        if region["mode"] not in Mode.values:
            raise Malformed(f"the mode is one of {', '.join(Mode.values)}")
        for place in region["places"]:
            if not PLACE.fullmatch(place):
                raise Malformed(f"{place} is no place: write US-CA, US, DE or EU")
            if place in named:
                raise Malformed(f"{place} stands in two regions, {named[place]} and {name}: in which is it?")
            named[place] = name
        if name != EVERYWHERE and not region["places"]:
            raise Malformed(f"say which places {name} is about, or leave the region out")


def weigh_banner(*, key: str, body: Body, before: Body | None) -> str:
    """Why it takes a second person: where visitors would be asked less than they are now."""
    return next(_weaker(body, before), "") if before else ""


def _weaker(body: Body, before: Body) -> Iterator[str]:
    places = {
        place for each in (body, before) for region in each["regions"].values() for place in region["places"]
    }
    for place in ("ZZ", UNKNOWN, *sorted(places)):
        stands, wanted = mode_in(before["regions"], place), mode_in(body["regions"], place)
        if STRICTNESS[wanted] < STRICTNESS[stands]:
            yield f"{_words(place)}, “{stands.label}” becomes “{wanted.label}”"
    for slug in before["categories"]:
        if slug not in body["categories"]:
            yield f"visitors are no longer asked about {slug}"
    for signal, by in body["signals"].items():
        if by == ALWAYS != before["signals"].get(signal):
            yield f"{signal} would be granted whatever visitors choose"


def _words(place: str) -> str:
    return {"ZZ": "everywhere else", UNKNOWN: "where nobody knows the place"}.get(place, f"in {place}")
