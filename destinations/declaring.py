"""What a kind of system declares, in words: for the form that connects it, and for the documentation."""

from destinations.contract import By, Confirms, Connector, Shows

FINDS = {
    "mrn": "record number",
    "external_id": "the id that a source gave",
    "email": "email address",
    "phone": "phone number",
    "anonymous_id": "the anonymous id of a browser",
}


def picture_of(connector: Connector) -> str:
    """A static file: what kind of system it is."""
    return f"heed/kinds/{connector.glyph}.svg"


def in_words(connector: Connector) -> dict[str, str]:
    """Each declaration that says how the system takes what it is told, with what it means there."""
    any_system = {
        "Finds people by": _finds(connector),
        "Says that it holds it": connector.confirms.value,
        "Takes changes": _window(connector),
        "Health information": _health(connector),
    }
    if not connector.takes_preferences:
        return any_system
    return any_system | {
        "Can say no": connector.grain.value,
        "Somebody it does not know": connector.stranger.value,
        "Opting back in": connector.back_in.value,
        "One call about many": connector.items.value,
        "What stands there": _shows(connector),
        "Heed’s own write coming back": connector.echo or "it reports nothing to Heed",
    }


def _finds(connector: Connector) -> str:
    if connector.found_by:
        return ", then ".join(FINDS.get(each, each) for each in connector.found_by)
    if connector.confirms is Confirms.BY_HAND:
        return "whoever does it looks them up"
    return "all that is known of them" if connector.addresses is By.PERSON else "their address"


def _shows(connector: Connector) -> str:
    if connector.shows is Shows.NOTHING:
        return f"{connector.shows.value}: Heed goes by its answers, and “Compare” is not offered"
    compared = "“Compare” finds what differs" if connector.reads else "“Compare” is not offered"
    return f"{connector.shows.value}; {compared}"


def _window(connector: Connector) -> str:
    hours = connector.window
    if hours is None:
        return "at any hour"
    return f"from {hours.opens:%H:%M} to {hours.closes:%H:%M} ({hours.zone}); until then they wait here"


def _health(connector: Connector) -> str:
    return "with an agreement" if connector.health_information else "never goes there"
