"""What a no changes nothing about, said before anybody relies on it. Pure."""

from collections.abc import Iterator

from config.staff.words import channel_name
from preferences.catalogue import Catalogue
from preferences.terms import ANY, Channel


def cautions(category: str, channel: str, known: Catalogue) -> Iterator[str]:
    """Why a no to this stops nothing now, and what becomes of it."""
    if category == ANY:
        return
    refused = known.category(category)
    name = refused.in_("en").name
    if refused.required:
        yield (
            f"{name}: we have to send these, so this no stops nothing now. It is kept, and counts once "
            "people may turn them off."
        )
    elif channel in Channel.values and channel not in refused.channels:
        yield (
            f"{name}: not sent by {channel_name(channel).lower()}, so this no stops nothing now. It is kept, "
            "and counts if that is ever added."
        )
