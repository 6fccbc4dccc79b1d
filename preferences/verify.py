"""Proving the ledger: every chain is recomputed, every projection rebuilt and compared. It only reads.

It takes no lock, so that it can run beside everything else: what seems wrong may have changed between two
reads, and is read again, alone, before it is reported.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from preferences import projection
from preferences.chains import CHUNK, Chain, read_chains
from preferences.models import Change, Identifier, Profile
from preferences.projection import Choices
from preferences.rebuilding import Rebuilt
from preferences.terms import SubjectKind

LOOKS = 3
ATTRIBUTES = ("jurisdiction", "language", "time_zone")
MODELS: Mapping[SubjectKind, Any] = {SubjectKind.PROFILE: Profile, SubjectKind.IDENTIFIER: Identifier}
COLUMNS = {
    SubjectKind.PROFILE: ("id", "seq", "head", "choices", "merged_into_id", *ATTRIBUTES),
    SubjectKind.IDENTIFIER: ("id", "seq", "head", "restrictions"),
}
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and with whom: never more than their key."""

    subject: str
    what: str


@dataclass(frozen=True, slots=True)
class Checked:
    """One part of the work: how much was read, and what was found."""

    subjects: int = 0
    changes: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Look:
    """One look at some subjects of a kind."""

    kind: SubjectKind
    changes: int = 0
    wrong: dict[UUID, list[str]] = field(default_factory=dict)

    def at(self, rows: Sequence[Row]) -> None:
        read = read_chains(self.kind, [row[0] for row in rows])
        self.changes += sum(chain.seq for chain in read.values())
        people = _parts(self.kind, read.values())
        for row in rows:
            chain = read.get(row[0]) or Chain(self.kind, row[0])
            problems = [*chain.problems, *_end(chain, row)]
            # What a broken chain comes to says nothing about the projection.
            if problems := problems or list(_projection(self.kind, row, chain.rebuilt, people)):
                self.wrong[row[0]] = problems


def verify() -> Iterator[Checked]:
    """Prove everything, part by part, in bounded memory."""
    for kind in MODELS:
        for rows in _chunks(kind):
            look = _Look(kind)
            look.at(rows)
            yield Checked(len(rows), look.changes, tuple(_confirmed(look)))
        for pk in _nobodys(kind):
            yield Checked(findings=(Finding(f"{kind}:{pk}", "there are entries, but nobody they are about"),))


def _confirmed(look: _Look) -> Iterator[Finding]:
    for pk in look.wrong:
        for _ in range(LOOKS):
            again = _Look(look.kind)
            again.at(list(_rows(look.kind).filter(pk=pk)))
            if not again.wrong:
                break
        else:
            yield from (Finding(f"{look.kind}:{pk}", what) for what in again.wrong[pk])


# --- reading ---


def _rows(kind: SubjectKind) -> Any:
    return MODELS[kind].objects.order_by("id").values_list(*COLUMNS[kind])


def _chunks(kind: SubjectKind) -> Iterator[list[Row]]:
    rows = list(_rows(kind)[:CHUNK])
    while rows:
        yield rows
        rows = list(_rows(kind).filter(id__gt=rows[-1][0])[:CHUNK])


def _nobodys(kind: SubjectKind) -> Iterator[UUID]:
    somebody = Exists(MODELS[kind].objects.filter(pk=OuterRef("subject_id")))
    orphans = Change.objects.filter(~somebody, subject_kind=kind).order_by("subject_id")
    return orphans.values_list("subject_id", flat=True).distinct().iterator(chunk_size=CHUNK)


def _parts(kind: SubjectKind, of: Iterable[Chain]) -> dict[UUID, Rebuilt]:
    """Everybody who turned out to be one of these people, with what their own entries come to."""
    found: dict[UUID, Rebuilt] = {}
    wanted = {part for chain in of for part in chain.rebuilt.parts}
    while wanted:
        found |= {pk: Rebuilt() for pk in wanted}
        found |= {pk: chain.rebuilt for pk, chain in read_chains(kind, wanted).items()}
        wanted = {part for pk in wanted for part in found[pk].parts} - found.keys()
    return found


# --- comparing ---


def _end(chain: Chain, row: Row) -> Iterator[str]:
    """Head and length also stand on the subject's row: else a cut tail would verify."""
    _, seq, head, *_ = row
    if seq > chain.seq:
        yield f"its last entries are gone: {seq} were written, {chain.seq} are left"
    elif seq < chain.seq:
        yield f"its chain goes on to entry {chain.seq}, after its end at {seq}"
    elif bytes(head) != chain.head:
        yield "its chain does not end as it was written"


def _projection(
    kind: SubjectKind, row: Row, rebuilt: Rebuilt, people: Mapping[UUID, Rebuilt]
) -> Iterator[str]:
    kept = projection.load(row[3])
    if kind == SubjectKind.IDENTIFIER:
        if kept != rebuilt.restrictions:
            yield "its restrictions are not what its entries come to"
        return
    if kept != _all_choices(rebuilt, people):
        yield "its choices are not what its entries come to"
    if (row[4] is None) != (rebuilt.into is None):
        yield "its entries say otherwise whether it is part of another person"
    for name, value in zip(ATTRIBUTES, row[5:], strict=True):
        if value != rebuilt.attributes.get(name, ""):
            yield f"its {name.replace('_', ' ')} is not what its entries say"


def _all_choices(rebuilt: Rebuilt, people: Mapping[UUID, Rebuilt]) -> Choices:
    choices: Choices = {}
    seen: set[UUID] = set()
    todo = [rebuilt]
    while todo:
        one = todo.pop()
        projection.merge_choices(choices, one.choices)
        todo += [people[part] for part in one.parts if part not in seen]
        seen |= set(one.parts)
    return choices
