"""The banner of the hospital's website: what holds where, and a key for its pages."""

from typing import Any

from portal.banner.beginning import first_body
from portal.banner.services import website_key
from preferences.services import in_force, publish
from preferences.terms import RevisionKind

SLUG, NAME = "riverside-site", "Riverside’s website"
REGIONS = {
    "Europe": ("opt_in", ["EU"]),
    "Washington": ("opt_in", ["US-WA"]),
    "California": ("opt_out", ["US-CA"]),
    "United States": ("notice_only", ["US"]),
}


def hang_out(origin: str) -> None:
    """At every start: the banner, for the site where it listens this time."""
    stands = in_force(RevisionKind.BANNER, SLUG)
    body = {**(stands.body if stands else _body()), "origins": [origin]}
    why = "The website moved" if stands else "Set up for the demo"
    publish(kind=RevisionKind.BANNER, key=SLUG, body=body, author="Heed", reason=why)


def key_for_pages() -> str:
    """What stands in each page."""
    return website_key(slug=SLUG, name=NAME, by="Heed").secret


def _body() -> dict[str, Any]:
    body = first_body(NAME)
    for name, (mode, places) in REGIONS.items():
        body["regions"][name] = {"places": places, "mode": mode, "texts": {}}
    body["categories"].append("marketing_emails")
    return body
