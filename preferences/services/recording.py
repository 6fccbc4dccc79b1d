"""Recording what a person wants: from choices as they were said to entries, projection and outbox."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from preferences import clock, ledger, projection, selectors, slots
from preferences.catalogue import Catalogue, Category, catalogue_at
from preferences.clock import effective, micros
from preferences.errors import Forgotten, NotFound
from preferences.ledger import Subject
from preferences.models import Holding, Review
from preferences.services.opt_ins import why_not
from preferences.services.reviewing import put_before_staff
from preferences.services.said import Choice, Said
from preferences.sql import time_in
from preferences.terms import (
    ANY,
    NO_CHANNEL,
    State,
    SubjectKind,
    Verified,
)


@dataclass(frozen=True, slots=True)
class NotCounted:
    """An opt-in that was recorded but does not count, and why."""

    category: str
    channel: str
    why: str


@dataclass(slots=True)
class Recorded:
    """What came of it. `changes`: what somebody says for another person is one for each of their grants."""

    profile_id: UUID | None = None
    version: int = 0
    changes: list[int] = field(default_factory=list)
    not_counted: list[NotCounted] = field(default_factory=list)

    @property
    def change(self) -> int | None:
        """The last one."""
        return self.changes[-1] if self.changes else None


@transaction.atomic
def record(
    *, profile_id: UUID, choices: Sequence[Choice], said: Said, reached_at: UUID | None = None
) -> Recorded:
    """Record what one known person chose. `reached_at`: the address whose link brought them, now verified.

    Raises NotFound, UnknownCategory, UnknownChannel; then nothing is written.
    """
    return record_on(lock_profiles([profile_id])[profile_id], profile_id, choices, said, reached_at)


def record_on(
    subject: Subject,
    person: UUID,
    choices: Sequence[Choice],
    said: Said,
    reached_at: UUID | None = None,
    *,
    how: Verified = Verified.LINK,
) -> Recorded:
    """The same for `person`, whose subject the caller has locked; `how` they were reached there.

    Raises UnknownCategory, UnknownChannel.
    """
    now = clock.now()
    entries = _verify(subject, reached_at, now, how) if reached_at and choices else []
    if choices:
        entries += meant(subject, person)
    recorded = write(subject, said, choices=choices, entries=entries, recorded_at=now)
    transaction.on_commit(slots.on_outbox, robust=True)
    return recorded


def meant(subject: Subject, person: UUID) -> list[dict[str, Any]]:
    """Whom it was recorded for by name, should the two part again (R10)."""
    return [{"do": "named", "profile": str(person)}] if subject.id != person else []


@transaction.atomic
def reached(*, profile_id: UUID, address_id: UUID, how: Verified, said: Said) -> None:
    """They could be reached at an address of theirs: it is verified, where it was not. Raises NotFound."""
    subject, now = lock_profiles([profile_id])[profile_id], clock.now()
    write(subject, said, entries=_verify(subject, address_id, now, how), recorded_at=now)
    transaction.on_commit(slots.on_outbox, robust=True)


def _verify(subject: Subject, identifier: UUID, now: datetime, how: Verified) -> list[dict[str, Any]]:
    held = Holding.objects.filter(profile=subject.id, identifier=identifier, until__isnull=True)
    if not held.filter(verified_at__isnull=True).update(verified_at=now, verified_how=how):
        return []
    return [{"do": "verified", "identifier": str(identifier), "verified": how.value}]


def lock_profiles(ids: Iterable[UUID]) -> dict[UUID, Subject]:
    """Lock people in key order; under the key of one who was merged, the survivor.

    Raises NotFound, and Forgotten (R19): nothing is written about somebody who was.

    Who is part of another is never locked before that one: merging and parting write to both.
    """
    wanted = set(ids)
    stand_for = {pk: pk for pk in wanted} if len(wanted) == 1 else _stand_for(wanted)
    while True:
        keys = sorted(set(stand_for.values()))
        locked = {each.id: each for each in ledger.lock(SubjectKind.PROFILE, keys, standing=True)}
        if any(each.erased for each in locked.values()):
            raise Forgotten
        if stand_for.keys() == locked.keys():
            return locked
        # Somebody is part of another, or was when we looked: nobody changes that while we hold the other.
        seen, stand_for = stand_for, _stand_for(wanted)
        if seen == stand_for and len(locked) == len(keys):
            return {pk: locked[survivor] for pk, survivor in stand_for.items()}


def _stand_for(ids: Collection[UUID]) -> dict[UUID, UUID]:
    found = selectors.survivors(ids)
    if len(found) < len(ids):
        raise NotFound("there is no such person")
    if selectors.forgotten(ids):
        raise Forgotten
    return found


def write(
    subject: Subject,
    said: Said,
    *,
    choices: Sequence[Choice] = (),
    entries: Sequence[Mapping[str, Any]] = (),
    recorded_at: datetime | None = None,
) -> Recorded:
    """Append one change with these choices and further entries to a locked person, and hand it over."""
    now = recorded_at or clock.now()
    chosen = list(choice_entries(choices, catalogue_at(subject.catalogue_version), said, now))
    everything = [said.signed(entry) for entry in (*chosen, *entries)]
    recorded = Recorded(subject.id, subject.seq)
    if not everything:
        return recorded
    change = ledger.append(subject, everything, said.origin(now))
    recorded.changes.append(change)
    for entry in chosen:
        if entry.get("counted", True):
            projection.place_choice(subject.projection, entry, change)
    if ends := projection.next_change(subject.projection, subject.pauses, clock.micros(now)):
        subject.columns["next_change_at"] = time_in(clock.instant(ends))
    ledger.finish(subject)
    denies = any(entry["state"] == State.OUT for entry in chosen)
    ledger.hand_over([(SubjectKind.PROFILE, str(subject.id))], now, denies=denies, change=change)
    recorded.version = subject.seq
    recorded.not_counted = [
        NotCounted(entry["category"], entry["channel"], entry["why"]) for entry in chosen if "why" in entry
    ]
    if recorded.not_counted:
        _put_before_staff(subject, said, recorded)
    return recorded


def choice_entries(
    choices: Sequence[Choice], catalogue: Catalogue, said: Said, recorded_at: datetime
) -> Iterator[dict[str, Any]]:
    """Choices as the ledger keeps them: checked, opt-ins by `*` expanded, each with what it counts from."""
    entries = [entry for choice in choices for entry in _entries(choice, catalogue, said, recorded_at)]
    counted_in = [
        (f"{entry['category']}:{entry['channel']}", entry.get("via"))
        for entry in entries
        if entry["state"] == State.IN and entry.get("counted", True)
    ]
    for entry in entries:
        pattern = f"{entry['category']}:{entry['channel']}"
        if entry["state"] == State.OUT and ANY in pattern:
            # Inside one change the more specific entry wins (R1): the wildcard leaves those cells out.
            exceptions = {
                cell
                for cell, via in counted_in
                if projection.narrower(cell, pattern) and projection.narrower(via or cell, pattern)
            }
            if exceptions:
                entry["except"] = sorted(exceptions)
        yield entry


def _entries(
    choice: Choice, catalogue: Catalogue, said: Said, recorded_at: datetime
) -> Iterator[dict[str, Any]]:
    check(choice.category, choice.channel, catalogue)
    at = effective(choice.state, said.occurred, recorded_at)
    base: dict[str, Any] = {"do": "choice", "state": choice.state.value, "at": micros(at or recorded_at)}
    if choice.state == State.OUT:
        yield {**base, "category": choice.category, "channel": _own_channel(choice, catalogue)}
        return
    breadth = f"{choice.said_of or choice.category}:{choice.channel}"
    for category, channel in _expanded(choice, catalogue):
        entry = {**base, "category": category.slug, "channel": channel}
        if ANY in breadth and not category.is_data_use:
            entry["via"] = breadth
        if category.opt_in_expires_days:
            entry["until"] = entry["at"] + category.opt_in_expires_days * 86_400_000_000
        why = "no_date" if at is None else why_not(category, channel, said)
        if why:
            entry |= {"counted": False, "why": why}
        yield entry


def check(category: str, channel: str, catalogue: Catalogue) -> None:
    """Raises UnknownCategory, UnknownChannel."""
    if category != ANY:
        catalogue.check_channel(catalogue.category(category), channel)
    elif channel != ANY:
        catalogue.check_channel(next(each for each in catalogue if not each.is_data_use), channel)


def _own_channel(choice: Choice, catalogue: Catalogue) -> str:
    if choice.category != ANY and catalogue.category(choice.category).is_data_use:
        return NO_CHANNEL
    return choice.channel


def _expanded(choice: Choice, catalogue: Catalogue) -> Iterator[tuple[Category, str]]:
    """The cells that an opt-in means: by `*`, what is on offer now (R1)."""
    if choice.category != ANY:
        category = catalogue.category(choice.category)
        if category.is_data_use:
            yield category, NO_CHANNEL
        elif choice.channel != ANY:
            yield category, choice.channel
        else:
            yield from ((category, channel) for channel in category.channels)
        return
    for category, channel in catalogue.grid:
        if not category.is_data_use and not category.required and choice.channel in (ANY, channel):
            yield category, channel


def _put_before_staff(subject: Subject, said: Said, recorded: Recorded) -> None:
    choices = [[each.category, each.channel, each.why] for each in recorded.not_counted]
    put_before_staff(
        Review.Kind.OPT_IN_NOT_COUNTED,
        {"profile_id": subject.id, "source": said.source},
        details={"change": recorded.change, "choices": choices},
    )
