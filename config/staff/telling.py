"""Which systems were told about a person, in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from config.staff.selectors import Known
from config.staff.words import Mark, moment, propagation_mark, reason_words
from destinations.models import Attempt, Destination, Propagation
from destinations.terms import DestinationState, PropagationState

DONE = frozenset({PropagationState.ACKNOWLEDGED, PropagationState.VERIFIED})


@dataclass(frozen=True, slots=True)
class Told:
    """One system about one identifier of the person."""

    id: UUID | None
    system: str
    about: str
    state: Mark
    when: str = ""
    tries: int = 0
    last: str = ""
    detail: str = ""
    why: str = ""
    hands: str = ""
    can_retry: bool = False
    can_again: bool = False
    must: tuple[Mark, ...] = ()


def told(
    rows: Sequence[Propagation],
    systems: Sequence[Destination],
    known: Known,
    must: Mapping[UUID, tuple[Mark, ...]],
) -> tuple[Told, ...]:
    """Every system: those that have something to hold about the person, and those that have not."""
    by_system: dict[int, list[Propagation]] = {}
    for row in rows:
        by_system.setdefault(row.destination_id, []).append(row)
    found: list[Told] = []
    for system in systems:
        about = by_system.get(system.pk)
        found += [_told(row, known, must[row.pk]) for row in about] if about else [_nothing(system)]
    return tuple(found)


def _nothing(system: Destination) -> Told:
    if system.state == DestinationState.PAUSED:
        return Told(None, system.name, "", Mark("Paused"))
    return Told(None, system.name, "", Mark("Nothing to tell"))


def _told(row: Propagation, known: Known, must: tuple[Mark, ...]) -> Told:
    return Told(
        row.pk,
        row.destination.name,
        known.masked(row.identifier_id) or "the person",
        propagation_mark(row.state),
        moment(row.acknowledged_at),
        getattr(row, "tries", 0),
        moment(getattr(row, "last", None)),
        row.detail,
        reason_words(row.reason),
        hands=getattr(row, "in_hands", None) or "",
        can_retry=row.state not in DONE,
        can_again=row.state in DONE,
        must=must,
    )


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt."""

    at: str
    outcome: Mark
    why: str
    call: str
    calls: int
    status: str
    took: str
    excerpt: str


def tries(rows: Sequence[Attempt]) -> tuple[Try, ...]:
    """Each attempt in words."""
    return tuple(
        Try(
            moment(row.started_at),
            propagation_mark(row.outcome),
            " ".join(filter(None, (reason_words(row.reason), row.detail))),
            row.call,
            row.calls,
            str(row.status or "no answer" if row.call else ""),
            f"{row.took_ms} ms" if row.took_ms is not None else "",
            row.excerpt,
        )
        for row in rows
    )
