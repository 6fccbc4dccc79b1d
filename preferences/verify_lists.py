"""Comparing the lists with what decisions say, in bounded memory and without a lock: it only reads.

What differs may only be waiting to be marked, or have changed between two reads: it is looked at again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from preferences import clock, selectors
from preferences.models import Identifier, Outbox, Profile
from preferences.standings import LISTED, differing
from preferences.terms import SubjectKind

CHUNK = 500
LOOKS = 3
FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Compared:
    """One part of the work: how many people and addresses, who is listed wrongly, and how many wait."""

    identifiers: int
    wrong: tuple[UUID, ...]
    waiting: int


def verify_lists(start: UUID = FIRST) -> Iterator[Compared]:
    """Compare everybody, part by part; `start` leaves out those with smaller keys."""
    rows = Identifier.objects.filter(kind__in=LISTED).order_by("id").values_list("id", "kind")
    chunk = dict(rows.filter(id__gte=start)[:CHUNK])
    while chunk:
        found = {subject for subject, _, _ in differing(chunk, clock.now())}
        looked = {pk: _look_again(pk, chunk[pk]) for pk in sorted(found)}
        wrong = tuple(pk for pk, waits in looked.items() if waits is False)
        yield Compared(len(chunk), wrong, sum(waits is True for waits in looked.values()))
        chunk = dict(rows.filter(id__gt=max(chunk))[:CHUNK])


def verify_some() -> Compared:
    """Compare a few hundred who stand together somewhere: keys are random."""
    nobody = Compared(0, (), 0)
    some = next(verify_lists(uuid4()), nobody)
    return some if some.identifiers == CHUNK else next(verify_lists(), nobody)


def _look_again(pk: UUID, kind: str) -> bool | None:
    """True: it waits to be marked. False: nobody will mark it. None: it was right after all."""
    for _ in range(LOOKS):
        if not differing({pk: kind}, clock.now()):
            return None
        if _waits(pk):
            return True
    return False


def _waits(pk: UUID) -> bool:
    """Will a row of the outbox, or the clock, bring this identifier up to date?"""
    holders = set(selectors.holders([pk]).get(pk, {})) | set(selectors.survivors([pk]).values())
    held = {each.id for person in selectors.people(holders).values() for each in person.held}
    subjects = [str(each) for each in {pk, *holders, *held}]
    everybody = Outbox.objects.filter(subject_kind=SubjectKind.CATEGORY)
    due = Profile.objects.filter(id__in=holders, next_change_at__lte=clock.now())
    return everybody.exists() or Outbox.objects.filter(subject__in=subjects).exists() or due.exists()
