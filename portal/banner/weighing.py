"""When a banner takes a second person: where visitors would be asked less than they are now. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.banner.regions import mode_in
from portal.banner.terms import ALWAYS, STRICTNESS

Body = Mapping[str, Any]
ELSEWHERE, UNKNOWN = "ZZ", ""  # a place that no region names, and none at all


def weigh_banner(*, key: str, body: Body, before: Body | None) -> str:
    """Why it takes a second person: where visitors would be asked less than they are now."""
    return next(_weaker(body, before), "") if before else ""


def _weaker(body: Body, before: Body) -> Iterator[str]:
    places = {
        place for each in (body, before) for region in each["regions"].values() for place in region["places"]
    }
    ordered = sorted(places, key=lambda each: (-len(each), each))
    # Who is known to be in Texas is in no part that is named: not what holds where only the country is known.
    rest = sorted({f"{place[:2]}-" for place in places})
    for place in (ELSEWHERE, UNKNOWN, *ordered, *rest):
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
    usual = f"elsewhere in {place[:2]}" if place.endswith("-") else f"in {place}"
    return {ELSEWHERE: "everywhere else", UNKNOWN: "where nobody knows the place"}.get(place, usual)
