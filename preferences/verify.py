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
from preferences.models import Change, Holding, Identifier, Profile
from preferences.rebuilding import Held, Key, Rebuilt, as_kept, rebuild
from preferences.terms import SubjectKind
from preferences.ties import Chains, ties, unread

LOOKS = 3
ATTRIBUTES = ("jurisdiction", "language", "time_zone")
MODELS: Mapping[SubjectKind, Any] = {SubjectKind.PROFILE: Profile, SubjectKind.IDENTIFIER: Identifier}
COLUMNS = {
    SubjectKind.PROFILE: (
        "id",
        "seq",
        "head",
        "choices",
        "merged_into_id",
        "pauses",
        "order",
        "deceased_at",
        "also_in",
        "link_epoch",
        *ATTRIBUTES,
    ),
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
        chains = _with_parts(self.kind, read)
        held = _holdings(row[0] for row in rows) if self.kind == SubjectKind.PROFILE else {}
        for row in rows:
            chain = read.get(row[0]) or Chain(self.kind, row[0])
            problems = [*chain.problems, *_end(chain, row)]
            # What a broken chain comes to says nothing about the projection.
            if problems := problems or list(_projection(self.kind, row, chains, held.get(row[0], {}))):
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


def _with_parts(kind: SubjectKind, read: Mapping[UUID, Chain]) -> Chains:
    """These chains, and those of everybody who turned out to be one of these people."""
    found = {pk: chain.entered for pk, chain in read.items()}
    while wanted := unread(found):
        more = read_chains(kind, wanted)
        found |= {pk: more[pk].entered if pk in more else [] for pk in wanted}
    return found


def _holdings(people: Iterable[UUID]) -> dict[UUID, dict[Key, tuple[Any, ...]]]:
    """Per person, what the table says that each source says they hold: one query."""
    found: dict[UUID, dict[Key, tuple[Any, ...]]] = {}
    rows = Holding.ever.filter(profile__in=list(people))
    for profile, identifier, source, by_order, until, *rest in rows.values_list(
        "profile_id",
        "identifier_id",
        "source_id",
        "confidential",
        "until",
        "verified_how",
        "void",
        "disowned",
    ):
        found.setdefault(profile, {})[str(identifier), source, by_order] = (until is None, *rest)
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
    kind: SubjectKind, row: Row, chains: Chains, held: Mapping[Key, tuple[Any, ...]]
) -> Iterator[str]:
    rebuilt = rebuild(row[0], chains)
    if kind == SubjectKind.IDENTIFIER:
        if projection.load(row[3]) != rebuilt.restrictions:
            yield "its restrictions are not what its entries come to"
        return
    into = ties(chains.get(row[0], ())).into
    if (row[4] is None) != (into is None):
        yield "its entries say otherwise whether it is part of another person"
    if into is None and held != {key: _as_row(each) for key, each in rebuilt.holdings.items()}:
        yield "what it holds is not what its entries come to"
    if row[9] < rebuilt.links_off:
        yield "links that were switched off are on again"
    yield from _person(row, rebuilt)


def _as_row(held: Held) -> tuple[Any, ...]:
    return held.until is None, held.verified_how, held.void, held.disowned


def _person(row: Row, rebuilt: Rebuilt) -> Iterator[str]:
    _, _, _, choices, _, pauses, order, deceased_at, also_in, _, *attributes = row
    if projection.load(choices) != rebuilt.choices:
        yield "its choices are not what its entries come to"
    if pauses != rebuilt.pauses:
        yield "its pauses are not what its entries come to"
    if order != as_kept(rebuilt.order):
        yield "its order is not what its entries come to"
    if (deceased_at is not None) != rebuilt.deceased[1]:
        yield "its entries say otherwise whether the person has died"
    if also_in != rebuilt.also_in:
        yield "where else they may live is not what its entries come to"
    for name, value in zip(ATTRIBUTES, attributes, strict=True):
        if value != rebuilt.attributes.get(name, ""):
            yield f"its {name.replace('_', ' ')} is not what its entries say"
