"""What a banner must be before it is published."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from phonenumbers import SUPPORTED_REGIONS

from portal.banner.origins import is_part, is_site, keeps_cookie
from portal.banner.regions import EUROPE, PLACE
from portal.banner.terms import ALWAYS, EVERYWHERE, MAX_DAYS, NEVER, Mode, Position
from portal.colours import HEX, TEXT, contrast, nearest_on
from preferences.catalogue import Category, catalogue
from preferences.errors import Malformed
from preferences.terms import OptInNeeds

Body = Mapping[str, Any]

MEANT = {"UK": "GB", "EL": "GR"}  # what people write, and what ISO 3166 and CDNs say
DOMAIN = re.compile(r"([a-z0-9-]+\.)+[a-z0-9-]+")
SLUG = re.compile(r"[a-z][a-z0-9_-]{0,48}")
# Its name stands in what a browser sends back, between dots (`Shown.mark`).
REGION = re.compile(r"[\w \-’']{1,40}")


def may_be_asked(category: Category) -> bool:
    """Can a visitor of a website decide about it? Not where the law wants more than a banner's words."""
    needs = {offer.needs for offer in category.offers.values() if not offer.removed}
    return not (category.retired or category.required or OptInNeeds.PERSON_WITH_NOTICE in needs)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where in the body: `("regions", "Europe", "places")`."""

    where: tuple[str, ...]
    words: str


def check_banner(*, key: str, body: Body, before: Body | None) -> None:
    """Raises Malformed with what is wrong, and what to write instead."""
    if not SLUG.fullmatch(key):
        raise Malformed("a banner's short name is small letters, digits, dashes and underscores")
    for problem in problems(body):
        raise Malformed(problem.words)


def problems(body: Body) -> Iterator[Problem]:
    """All that keeps a banner from being published. One query."""
    yield from _of_site(body)
    yield from _of_categories(body)
    yield from _of_colours(body["colours"])
    yield from _of_regions(body["regions"])


def _of_site(body: Body) -> Iterator[Problem]:
    if not body["name"].strip():
        yield Problem(("name",), "give the banner a name")
    for origin in body["origins"]:
        if not is_site(origin):
            words = f"“{origin}” is no site: write https:// and the name, like https://www.example.org"
            yield Problem(("origins",), words)
    yield from _of_cookie(body["cookie_domain"], [each for each in body["origins"] if is_site(each)])
    if not 1 <= body["days"] <= MAX_DAYS:
        yield Problem(("days",), f"browsers keep a cookie for 1 to {MAX_DAYS} days")
    if body["position"] not in Position.values:
        yield Problem(("position",), f"the position is one of {', '.join(Position.values)}")


def _of_cookie(domain: str, origins: Sequence[str]) -> Iterator[Problem]:
    if not domain:
        return
    words = ""
    if not DOMAIN.fullmatch(domain):
        words = "the cookie's domain is written like example.org, or left empty"
    elif outside := [each for each in origins if not is_part(each, domain)]:
        words = f"“{outside[0]}” is no part of {domain}: a browser keeps no cookie of that domain there"
    elif not all(keeps_cookie(each, domain) for each in origins):
        words = (
            f"parts of {domain} are other people's: browsers keep no cookie for all of it. Write more of it"
        )
    if words:
        yield Problem(("cookie_domain",), words)


def _of_categories(body: Body) -> Iterator[Problem]:
    known, asked = catalogue().by_slug, body["categories"]
    for slug in asked:
        if slug not in known:
            yield Problem(("categories",), f"there is no category {slug}")
        elif not may_be_asked(known[slug]):
            name = known[slug].in_("en").name
            yield Problem(("categories",), f"{name} can't be decided about on a banner: leave it out")
    if not any(known[slug].is_data_use for slug in asked if slug in known):
        words = "pick at least one use of data: without one there is nothing to ask visitors"
        yield Problem(("categories",), words)
    for signal, by in body["signals"].items():
        if by not in (ALWAYS, NEVER) and by not in asked:
            words = f"{signal} hangs on {by}, which visitors are not asked about"
            yield Problem(("signals", signal), words)


def _of_colours(schemes: Body) -> Iterator[Problem]:
    for scheme, colours in schemes.items():
        wrong = [name for name, colour in colours.items() if not HEX.fullmatch(colour)]
        for name in wrong:
            words = f"{colours[name]} is no color: write # and six digits, like #0b5c62"
            yield Problem(("colours", scheme, name), words)
        if wrong:
            continue
        for each in contrasts(colours):
            if not each.passes:
                yield Problem(("colours", scheme, each.name), each.words(scheme))


@dataclass(frozen=True, slots=True)
class Contrast:
    """How well something of a banner is read on its paper: its words, or its buttons and links."""

    name: str
    colour: str
    paper: str

    @property
    def what(self) -> str:
        return {"ink": "text", "accent": "buttons"}[self.name]

    @property
    def ratio(self) -> float:
        return contrast(self.colour, self.paper)

    @property
    def passes(self) -> bool:
        return self.ratio >= TEXT

    def words(self, scheme: str) -> str:
        """What is wrong, and what could be taken instead."""
        return (
            f"the {self.what} can't be read well in the {scheme} theme: the contrast is {self.ratio:.1f} to"
            f" 1, and {TEXT} to 1 is the least (WCAG 2.2, 1.4.3). The nearest that can is"
            f" {nearest_on(self.colour, self.paper)}"
        )


def contrasts(colours: Mapping[str, str]) -> tuple[Contrast, ...]:
    """All that is read stands on the paper, or on a button, which has the two the other way round."""
    return tuple(Contrast(name, colours[name], colours["paper"]) for name in ("ink", "accent"))


def _of_regions(regions: Body) -> Iterator[Problem]:
    if EVERYWHERE not in regions or regions[EVERYWHERE]["places"]:
        yield Problem(
            ("regions", EVERYWHERE, "places"), "say what holds everywhere else, without naming places"
        )
    named: dict[str, str] = {}
    for name, region in regions.items():
        if not REGION.fullmatch(name):
            words = f"a region's name is letters, digits and spaces: “{name}” is not"
            yield Problem(("regions", name, "name"), words)
        if region["mode"] not in Mode.values:
            yield Problem(("regions", name, "mode"), f"the mode is one of {', '.join(Mode.values)}")
        if name != EVERYWHERE and not region["places"]:
            words = f"say which places {name} is about, or leave the region out"
            yield Problem(("regions", name, "places"), words)
        yield from _of_places(name, region["places"], named)


def _of_places(name: str, places: Sequence[str], named: dict[str, str]) -> Iterator[Problem]:
    for place in places:
        if not PLACE.fullmatch(place):
            yield Problem(("regions", name, "places"), f"{place} is no place: write US-CA, US, DE or EU")
        elif place != EUROPE and place[:2] not in SUPPORTED_REGIONS:
            instead = MEANT.get(place[:2], "its two letters, like DE")
            words = f"there is no country {place[:2]}: write {instead}"
            yield Problem(("regions", name, "places"), words)
        elif place in named:
            words = f"{place} stands in two regions, {named[place]} and {name}: in which is it?"
            yield Problem(("regions", name, "places"), words)
        named[place] = name
