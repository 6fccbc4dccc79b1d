"""What people choose about and no live system is told of: only who asks for decisions then obeys."""

from destinations.connectors import CONNECTORS
from destinations.mapping.published import told_nowhere
from destinations.models import Destination
from destinations.terms import DestinationState
from preferences.catalogue import catalogue
from preferences.languages import ENGLISH
from preferences.terms import Channel

REMEDY = "Add a row under “What it is told” of whichever system does it. If none does, do not offer it."


def untold() -> list[str]:
    """By category, in words: `Patient surveys (Email, Text message)`. Before any system is live, nothing."""
    able = [slug for slug, connector in CONNECTORS.items() if connector.takes_preferences]
    live = list(Destination.objects.filter(state=DestinationState.LIVE, connector__in=able))
    known = catalogue()
    found = told_nowhere(live, known) if live else {}
    return [known.by_slug[slug].texts[ENGLISH].name + _ways(channels) for slug, channels in found.items()]


def _ways(channels: list[str]) -> str:
    named = ", ".join(str(Channel(each).label) for each in channels if each)
    return f" ({named})" if named else ""
