"""Is there such a source? Categories, channels and identifiers by name, against what is in force. Pure."""

from typing import Any

from destinations.contract import By
from destinations.mapping.problems import System, Wrong, listed
from destinations.mapping.sources import CATEGORY, CHANNEL, IDENTIFIER, SOURCES
from preferences.terms import CHANNELS_OF, Channel, IdentifierKind, RestrictionKind

IDENTIFIERS = (IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.MRN, IdentifierKind.EXTERNAL_ID)
RESTRICTED = {  # which channels a whole address can be closed to, by what closed it
    "suppressed": frozenset().union(*CHANNELS_OF.values()),
    "stop": frozenset({Channel.SMS}),
    "do_not_call": frozenset({Channel.PHONE}),
}
assert set(RESTRICTED) < set(RestrictionKind.values)  # noqa: S101


def check_source(source: Any, system: System) -> str:
    """The name of a source that exists. Raises Wrong in words."""
    if not isinstance(source, str) or not source:
        raise Wrong("choose where it comes from")
    name, *arguments = source.split(":")
    known = SOURCES.get(name)
    if known is None:
        raise Wrong(f"there is no source “{source[:80]}”: choose one from the list")
    if known.arguments[:1] == (IDENTIFIER,):
        _check_identifier(source, arguments, system)
    elif len(arguments) != len(known.arguments):
        raise Wrong(f"“{source[:80]}” is not written as a source is: choose one from the list")
    named = dict(zip(known.arguments, arguments, strict=False))
    if CHANNEL in named and source not in system.standing:
        _check_channel(name, named.get(CATEGORY), named[CHANNEL], system)
    return name


def _check_channel(name: str, category: str | None, channel: str, system: System) -> None:
    if category is not None:
        _check_category(category, channel, system)
    elif channel not in RESTRICTED.get(name, Channel.values):
        raise Wrong(f"there is no channel “{channel}” here: choose a source from the list")
    if channel and channel not in system.connector.channels:
        raise Wrong(f"{system.name} is told nothing about the channel {Channel(channel).label.lower()}")


def _check_category(slug: str, channel: str, system: System) -> None:
    known = system.catalogue.by_slug.get(slug)
    if known is None:
        raise Wrong(f"there is no category “{slug}”: there are {listed(system.catalogue.by_slug)}")
    if known.retired:
        raise Wrong(f"{known.in_('en').name} is retired: nothing is sent for it any more")
    if channel not in known.channels:
        on = listed(Channel(each).label.lower() for each in known.channels) if known.channels != ("",) else ""
        where = f"it is offered by {on}" if on else "it is a use of data, without channels"
        raise Wrong(f"{known.in_('en').name} is not offered by “{channel or 'no channel'}”: {where}")


def _check_identifier(source: str, arguments: list[str], system: System) -> None:
    kind, *namespace = arguments or [""]
    if kind not in IDENTIFIERS or len(namespace) > 1:
        raise Wrong(f"there is no source “{source[:80]}”: choose one from the list")
    if namespace and namespace[0] not in system.namespaces:
        known = listed(sorted(system.namespaces))
        raise Wrong(f"nobody gives numbers under the name “{namespace[0]}”: there are {known}")
    if system.connector.addresses == By.ADDRESS:
        raise Wrong(f"{system.name} is told address by address, so a row can't name others of the person's")
