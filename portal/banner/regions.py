"""Where a visitor is, and what holds there. Pure, but for the two settings.

The place comes from the header of a CDN or proxy that a setting names, else from a setting, else nobody knows
it, and the strictest region holds.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

from portal.banner.terms import EVERYWHERE, STRICTNESS, Mode

COUNTRY, PLACE = re.compile(r"[A-Z]{2}"), re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
NOWHERE = {"XX", "T1"}  # Cloudflare: not known, and Tor
EUROPE = "EU"
# The European Economic Area, and the two countries beside it whose law asks the same.
IN_EUROPE = frozenset(
    "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()
)


def place_of(headers: Mapping[str, str]) -> str:
    """`US-CA`, `DE`, or empty where nobody knows."""
    parts = [headers.get(name, "").strip().upper() for name in settings.HEED_REGION_HEADERS]
    # A part without its country could be one of any, and would be read as a country: CA.
    place = _place([part for part in parts if part]) if parts and parts[0] else ""
    return place or settings.HEED_REGION


def _place(parts: list[str]) -> str:
    """CDNs give the country and, in a header of its own, the part of it; some give both in one."""
    if len(parts) > 1 and parts[1].startswith(f"{parts[0]}-"):
        parts = parts[1:]
    whole = "-".join(parts)
    if PLACE.fullmatch(whole):
        return "" if whole[:2] in NOWHERE else whole
    country = whole[:2]
    return country if COUNTRY.fullmatch(country) and whole[2:3] == "-" and country not in NOWHERE else ""


def region_of(regions: Mapping[str, Any], place: str) -> str:
    """The region's name: the narrowest that names the place; the strictest where more than one may hold."""
    if not place:
        return _strictest(regions, regions, EVERYWHERE)
    named = {code: name for name, region in regions.items() for code in region["places"]}
    europe = EUROPE if place[:2] in IN_EUROPE else ""
    found = next((named[code] for code in (place, place[:2], europe) if code in named), EVERYWHERE)
    # Of somebody in the United States we may not know whether it is California.
    within = [name for code, name in named.items() if code.startswith(f"{place}-")]
    return _strictest(regions, [found, *within], found)


def _strictest(regions: Mapping[str, Any], names: Iterable[str], rather: str) -> str:
    return max(names, key=lambda each: (STRICTNESS[Mode(regions[each]["mode"])], each == rather))


def mode_in(regions: Mapping[str, Any], place: str) -> Mode:
    """What holds in a place."""
    return Mode(regions[region_of(regions, place)]["mode"])


def by_strictness(regions: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The strictest first, everywhere else last: a database keeps them in no order."""
    return sorted(
        regions.items(), key=lambda each: (each[0] == EVERYWHERE, -STRICTNESS[Mode(each[1]["mode"])], each[0])
    )
