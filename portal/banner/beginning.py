"""What a new banner starts from. Pure."""

from typing import Any

from portal.banner.terms import ALWAYS, EVERYWHERE, SIGNALS, Mode, Position

COLOURS = {
    "light": {"paper": "#ffffff", "ink": "#1c2b2d", "accent": "#0b5c62"},
    "dark": {"paper": "#182124", "ink": "#eaf0ef", "accent": "#74cbc7"},
}
SALE, SENSITIVE = "sale_or_sharing", "sensitive_data"
OF_THE_SITE = {"functionality_storage", "security_storage"}


def first_body(name: str = "", origins: tuple[str, ...] = ()) -> dict[str, Any]:
    """Nothing is used until a yes, but for what a site needs to work; Heed's own words and colours."""
    return {
        "name": name,
        "origins": list(origins),
        "cookie_domain": "",
        "days": 365,  # nobody is asked again for twelve months: Cal. Civ. Code 1798.135(c)(4)
        "position": Position.BOTTOM.value,
        "categories": [SALE, SENSITIVE],
        "colours": {scheme: dict(colours) for scheme, colours in COLOURS.items()},
        "signals": {signal: ALWAYS if signal in OF_THE_SITE else SALE for signal in SIGNALS},
        "regions": {EVERYWHERE: {"places": [], "mode": Mode.OPT_IN.value, "texts": {}}},
        "texts": {},
    }
