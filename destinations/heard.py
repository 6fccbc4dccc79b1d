"""From what a vendor said to what it means here: our categories, channels and words."""

from collections.abc import Iterable, Sequence

from django.conf import settings

from destinations.mapping.published import body_of
from destinations.models import Destination
from destinations.vendors.contract import Heard, Meaning
from preferences.identity import Named, named
from preferences.services import Choice
from preferences.terms import ANY, CHANNELS_OF, IdentifierKind, RestrictionKind, State

OF_AN_ADDRESS = {RestrictionKind.SUPPRESSED, RestrictionKind.STOP, RestrictionKind.DO_NOT_CALL}


class NotMapped(Exception):
    """The vendor's group or field is mapped to no category of ours."""


def identifiers(heard: Heard, source: str) -> tuple[Named, ...]:
    """Whom it names, normalised. A number without a namespace means what it means to partners: an external
    id of `source`'s own, a record number of the usual authority. Raises Malformed."""
    usual = {IdentifierKind.EXTERNAL_ID.value: source, IdentifierKind.MRN.value: settings.HEED_MRN_AUTHORITY}
    return tuple(
        named(each.kind, each.value, each.namespace or usual.get(each.kind, "")) for each in heard.who
    )


def choices(heard: Heard, destination: Destination | None) -> tuple[Choice, ...]:
    """What was chosen. Raises NotMapped where the vendor's group or field is none of ours."""
    state = State.IN if heard.meaning == Meaning.OPT_IN else State.OUT
    if heard.choices:
        return tuple(
            Choice(category, channel, State.IN if opted_in else State.OUT)
            for category, channel, opted_in in heard.choices
        )
    if not heard.target:
        return tuple(Choice(ANY, channel, state) for channel in _channels(heard))
    cells = list(cells_of(destination, heard.target)) if destination else []
    if not cells:
        raise NotMapped
    return tuple(Choice(category, channel, state) for category, channel in cells)


def _channels(heard: Heard) -> Sequence[str]:
    kinds = {channel for each in heard.who for channel in CHANNELS_OF.get(IdentifierKind(each.kind), ())}
    return sorted(kinds) or [ANY]


def cells_of(destination: Destination, target: str) -> Iterable[tuple[str, str]]:
    """Category and channel of each answer that the mapper in force writes to a target."""
    for row in body_of(destination)["rows"]:
        source, category, channel = [*row["source"].split(":"), "", ""][:3]
        if row["target"] != target:
            continue
        if source == "answer":
            yield category, channel or ANY
        elif source == "all_out":
            yield ANY, category


def restrictions_of(destination: Destination, target: str) -> Iterable[RestrictionKind]:
    """Restrictions of an address that the mapper in force writes to a target."""
    named = [
        row["source"].partition(":")[0] for row in body_of(destination)["rows"] if row["target"] == target
    ]
    return [RestrictionKind(each) for each in named if each in OF_AN_ADDRESS]


def in_words(heard: Heard, chosen: Sequence[Choice]) -> str:
    """What it became, for staff: without who."""
    if not chosen:
        return heard.meaning.value
    return ", ".join(f"{each.state}: {each.category} {each.channel}" for each in chosen)[:200]
