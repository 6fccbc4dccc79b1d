"""Numbers at which texts are held until somebody has read one that came from there. It is nobody's word."""

import json
from collections.abc import Iterable
from uuid import UUID

from preferences import projection
from preferences.models import Change
from preferences.person import HeldIdentifier
from preferences.terms import ANY, Channel, RestrictionKind

HELD = "held"  # how such a denial came, and ends
HELD_AT = f"{RestrictionKind.SUPPRESSED}:{ANY}:{Channel.SMS}"  # where it is kept, as what others refuse there
LABEL = "Hold until a text is read"


def held_until_read(identifiers: Iterable[HeldIdentifier]) -> frozenset[UUID]:
    """Where the denial of all texts that stands was last set for that. One query, if texts are denied."""
    denied = {each.id: each.restrictions.get(HELD_AT, [0, 0, 0, 0]) for each in identifiers}
    set_by = {value[1]: pk for pk, value in denied.items() if projection.in_force(value)}
    changes = Change.objects.filter(id__in=set_by).only("entries") if set_by else ()
    return frozenset(set_by[each.pk] for each in changes if any(map(is_hold, json.loads(each.entries))))


def is_hold(entry: projection.Entry) -> bool:
    """Was this set, or lifted, because of a text that nobody had read?"""
    return entry["do"] == "restriction" and entry.get("how") == HELD


def label(entry: projection.Entry) -> str:
    """What a restriction in the ledger is called."""
    return LABEL if is_hold(entry) else RestrictionKind(entry["kind"]).label
