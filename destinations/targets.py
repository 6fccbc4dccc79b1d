"""May Heed write, lift, or neither? One answer for every target at every vendor (DESIGN, section 3).

Never asked is sent as nothing. What Heed wrote, Heed takes back. A vendor's own opt-out is lifted only by an
explicit opt-in that is later. Reading comes before lifting, and before the first write.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from destinations.contract import Field, Held


class Move(Enum):
    """What to do with one target."""

    KEEP = "it stands as it should, or is none of our business"
    DENY = "write the denial"
    LIFT = "take the denial away"
    ASK = "a person must decide: the vendor has an opt-out of its own that may be newer"


@dataclass(frozen=True, slots=True)
class Stood:
    """What a read showed at the vendor: `since` by the vendor's own date, `changed` the record's last change."""

    denied: bool
    since: datetime | None = None
    changed: datetime | None = None


def needs_reading(field: Field | None, held: Held | None) -> bool:
    """Must the vendor be read before this target is touched? Not where Heed's own denial is only repeated."""
    if field is not None and field.denies is None:
        return False
    if field is not None and field.denies:
        return held is None or not held.wrote
    return field is not None or (held is not None and held.wrote)


def move(field: Field | None, held: Held | None, stood: Stood | None, now: datetime) -> tuple[Move, Held | None]:
    """What to do, and what Heed will know of the target once that is confirmed."""
    known = held or Held()
    if field is not None and field.denies is None:
        return Move.KEEP, held
    if field is not None and field.denies:
        return _deny(field, known, stood, now)
    if stood is None or not stood.denied:
        return Move.KEEP, None
    if known.wrote and known.before is False and not known.reported:
        return Move.LIFT, None
    if field is None:
        return (Move.ASK, known) if known.wrote else (Move.KEEP, held)
    if _predates(known, stood, field.since):
        return Move.LIFT, None
    return Move.ASK, replace(known, seen=known.seen or now.isoformat())


def _deny(field: Field, known: Held, stood: Stood | None, now: datetime) -> tuple[Move, Held]:
    fresh = replace(known, because=field.because, at=now.isoformat())
    if known.wrote:
        return Move.DENY, fresh
    if stood is not None and stood.denied:
        return Move.KEEP, replace(fresh, before=True, seen=known.seen or now.isoformat())
    return Move.DENY, replace(fresh, wrote=True, before=None if stood is None else False)


def _predates(known: Held, stood: Stood, opted_in: datetime | None) -> bool:
    """Was the vendor's own opt-out there before the person opted in? Unproven means no."""
    if opted_in is None:
        return False
    if stood.since is not None:
        dated: datetime | None = stood.since
    elif stood.changed is not None and stood.changed < opted_in:
        dated = stood.changed
    elif known.reported or known.seen:
        dated = datetime.fromisoformat(known.reported or known.seen)
    else:
        dated = None
    return dated is not None and dated < opted_in
