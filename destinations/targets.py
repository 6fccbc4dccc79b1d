"""May Heed write, lift, or neither? One answer for every target at every vendor (DESIGN, section 3).

Never asked is sent as nothing. What Heed wrote, Heed takes back. A vendor's own opt-out is lifted only by an
explicit opt-in that is later. Reading comes before lifting, and before the first write.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from destinations.contract import Done, Field, Held, Later, Reason, Result, Stuck, Wanted


class Move(Enum):
    """What to do with one target."""

    KEEP = "it stands as it should, or is none of our business"
    DENY = "write the denial"
    LIFT = "take the denial away"
    ASK = "a person must decide: the vendor has an opt-out of its own that may be newer"


@dataclass(frozen=True, slots=True)
class Stood:
    """What a read showed at the vendor: `since` by its own date, `changed` the record's last change."""

    denied: bool
    since: datetime | None = None
    changed: datetime | None = None


def strictest(fields: Iterable[Field | None]) -> Field | None:
    """Where several answers meet in one target: a denial beats leaving it be, which beats an opt-in."""
    rank = {True: 0, None: 1, False: 2}
    return min((field for field in fields if field), key=lambda field: rank[field.denies], default=None)


def needs_reading(field: Field | None, held: Held | None) -> bool:
    """Must the vendor be read before this target is touched? Not where Heed's own denial is only repeated."""
    if field is not None and field.denies is None:
        return False
    if field is not None and field.denies:
        return held is None or not held.wrote
    return field is not None or (held is not None and held.wrote)


def move(
    field: Field | None, held: Held | None, stood: Stood | None, wanted: Wanted
) -> tuple[Move, Held | None]:
    """What to do, and what Heed will know of the target once that is confirmed."""
    known = held or Held()
    if field is not None and field.denies:
        return _deny(field, known, stood, wanted)
    if stood is None or (field is not None and field.denies is None):
        return Move.KEEP, held
    if not stood.denied:
        return Move.KEEP, None
    if known.wrote and known.before is False and not known.reported:
        return Move.LIFT, None
    if field is None:
        return (Move.ASK, known) if known.wrote else (Move.KEEP, held)
    if _predates(known, stood, field.since):
        return Move.LIFT, None
    return Move.ASK, replace(known, seen=known.seen or wanted.now.isoformat())


def _deny(field: Field, known: Held, stood: Stood | None, wanted: Wanted) -> tuple[Move, Held]:
    now = wanted.now.isoformat()
    fresh = replace(known, because=field.because, at=now, otherwise=field.otherwise)
    if known.wrote:
        return Move.DENY, fresh
    if stood is not None and stood.denied:
        # After a call of which nobody knows the end, what stands there may well be Heed's own.
        before = None if wanted.unsure else True
        return Move.KEEP, replace(fresh, wrote=wanted.unsure, before=before, seen=known.seen or now)
    return Move.DENY, replace(fresh, wrote=True, before=None if stood is None else False)


def ours(known: Held | None, wanted: Wanted) -> Held | None:
    """Where only Heed could have written what stands there: after a lost answer too it is Heed's own."""
    if known and known.wrote and known.before is None and wanted.unsure:
        return replace(known, before=False)
    return known


def _predates(known: Held, stood: Stood, opted_in: datetime | None) -> bool:
    """Was the vendor's own opt-out there before the person opted in? Unproven means no."""
    if opted_in is None:
        return False
    if stood.since is not None:
        dated: datetime | None = stood.since
    elif stood.changed is not None and stood.changed < opted_in:
        dated = stood.changed
    elif known.reported or known.seen or known.wrote:
        dated = datetime.fromisoformat(known.reported or known.seen or known.at)
    else:
        dated = None
    return dated is not None and dated < opted_in


class Progress:
    """One Wanted under way: what is known of its targets so far, what went wrong, and how it ends."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted, self.held = wanted, dict(wanted.held)
        self.asks: set[str] = set()
        self.faults: list[Later | Stuck] = []
        self.written: set[str] = set()  # where something was written in this delivery
        self.seen: set[str] = set()  # and was seen to stand when it was read back

    def learn(self, target: str, known: Held | None) -> None:
        """What is known of a target from now on; of a write, before its call: the answer may be lost."""
        self.held.pop(target, None)
        if known:
            self.held[target] = known

    def result(self, refused: Later | Stuck | None = None, absent: bool = False) -> Result:
        """The worst that happened; first what passes by itself, because that is tried again sooner."""
        for fault in (refused, *sorted(self.faults, key=lambda fault: isinstance(fault, Stuck))):
            if fault is not None:
                return self.wanted.is_(replace(fault, held=self.held))
        if self.asks:
            words = f"an opt-out of the system's own stands at {', '.join(sorted(self.asks))}"
            return self.wanted.is_(Stuck(Reason.NEEDS_PERSON, words, self.held))
        return self.wanted.is_(Done(self.held, absent, bool(self.written) and self.written == self.seen))

    def read_back(self, place: str, stands: bool) -> None:
        """What was written there was read again."""
        if stands:
            self.seen.add(place)
        else:
            self.faults.append(
                Later(Reason.PARTIAL, detail="it said yes, but does not show it when read back")
            )
