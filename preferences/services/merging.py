"""Two records that are one person (R10): merged by staff or a source with the scope, and parted again.

Everything said of either counts for both from then on, for the past too. Parted, each has what points to
them, and what was refused while they were one stays refused for both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from preferences import clock, history, ledger, selectors, slots
from preferences.errors import Malformed, NotFound
from preferences.ledger import Origin, Subject
from preferences.models import Change, Identifier, Profile, Review
from preferences.rebuilding import Rebuilt, rebuild, voided
from preferences.services.recording import lock_profiles
from preferences.services.restating import restate
from preferences.services.reviewing import put_before_staff
from preferences.services.said import Said
from preferences.terms import ADDRESS_KINDS, State, SubjectKind
from preferences.ties import Chains, Entered, Entry, folded, group, in_order, merged, ties

GOES_ALONG = frozenset(
    {"choice", "attribute", "holding", "verified", "proxy", "proxy_end", "pause", "order", "deceased"}
)


@transaction.atomic
def merge(*, survivor_id: UUID, other_id: UUID, said: Said, reason: str) -> UUID:
    """Let two people be one from now on; returns who stands for both. Raises NotFound, Malformed."""
    subjects = lock_profiles([survivor_id, other_id])
    survivor, other = subjects[survivor_id], subjects[other_id]
    now = clock.now()
    _check(survivor, other, reason)
    said = said.with_evidence(reason=reason.strip())
    both = Profile.objects.filter(pk__in=[survivor.id, other.id])
    orders = both.filter(order__isnull=False).count()
    survivor.columns["is_anonymous"] = not both.filter(is_anonymous=False).exists()
    _append(other, [folded(survivor.id)], said, now)
    change = _append(survivor, [merged(other.id)], said, now)
    Profile.objects.filter(Q(pk=other.id) | Q(merged_into=other.id)).update(merged_into=survivor.id)
    for subject in (other, survivor):
        restate(subject, now)
    pair = Q(profile=survivor.id, other=other.id) | Q(profile=other.id, other=survivor.id)
    same = Review.objects.filter(pair, kind=Review.Kind.POSSIBLE_DUPLICATE, settled_at__isnull=True)
    same.update(settled_at=timezone.now(), settled_by=said.who, note="Merged")
    if orders > 1:
        put_before_staff(Review.Kind.TWO_ORDERS, {"profile_id": survivor.id})
    # What one of them refused is owed by systems that know the other, from the day that we know (R18).
    refused = not selectors.people([survivor.id])[survivor.id].is_silent
    people = [(SubjectKind.PROFILE, str(pk)) for pk in (survivor.id, other.id)]
    ledger.hand_over(people, now, denies=refused, change=change)
    transaction.on_commit(slots.on_outbox, robust=True)
    return survivor.id


def _check(survivor: Subject, other: Subject, reason: str) -> None:
    if survivor.id == other.id:
        raise Malformed("these are one person already")
    if not reason.strip():
        raise Malformed("say how you know that these are one person")


@transaction.atomic
def part(*, profile_id: UUID, said: Said, reason: str) -> UUID:
    """Undo the merge by which this person became part of another; returns the other.

    Raises NotFound, Malformed.
    """
    if not reason.strip():
        raise Malformed("say how you know that these are two people")
    survivor = lock_profiles([profile_id])[profile_id]
    if survivor.id == profile_id:
        raise Malformed("this person is not part of another")
    [leaving] = ledger.lock(SubjectKind.PROFILE, [profile_id])
    now = clock.now()
    said = said.with_evidence(reason=reason.strip())
    shared = _shared(survivor.id, profile_id)
    _append(survivor, [shared.part()], said, now)
    _part_from_those_between(survivor, shared, said, now)
    change = _append(leaving, [{"do": "parted", "from": str(survivor.id)}], said, now)
    _copy(leaving, shared, now)
    theirs = group(profile_id, history.people([profile_id])).keys() - {profile_id}
    Profile.objects.filter(pk=profile_id).update(merged_into=None)
    Profile.objects.filter(pk__in=theirs).update(merged_into=profile_id)
    for subject in (survivor, leaving):
        restate(subject, now)
    if shared.has_an_order:  # whose it is, only staff can say
        put_before_staff(Review.Kind.TWO_ORDERS, {"profile_id": profile_id, "other_id": survivor.id})
    ledger.hand_over([(SubjectKind.PROFILE, str(survivor.id))], now, denies=True)
    ledger.hand_over([(SubjectKind.PROFILE, str(profile_id))], now, denies=True, change=change)
    transaction.on_commit(slots.on_outbox, robust=True)
    return survivor.id


def _part_from_those_between(survivor: Subject, shared: "_Shared", said: Said, now: datetime) -> None:
    """Those through whom they came to the survivor may part as well, and then take along none of it."""
    between = ledger.lock(SubjectKind.PROFILE, shared.between) if shared.between else []
    for each in between:
        _append(each, [{**shared.part(), "part_of": str(survivor.id)}], said, now)
    for each in between:
        restate(each, now)


def _copy(leaving: Subject, shared: "_Shared", now: datetime) -> None:
    """What goes along is recorded once more, each change as it came: from where, when, on which wording."""
    copies = dict(shared.copies())
    for pk, change in sorted(Change.objects.select_related("source").in_bulk(copies).items()):
        source = change.source
        origin = Origin(source.pk, source.slug, change.occurred_at, now, change.notice_id)
        ledger.append(leaving, copies[pk], origin)


def _append(subject: Subject, entries: Sequence[Mapping[str, Any]], said: Said, now: datetime) -> int:
    return ledger.append(subject, [said.signed(entry) for entry in entries], said.origin(now))


# --- what was recorded while they were one ---


@dataclass(frozen=True, slots=True)
class _Shared:
    """Recorded while two people were one, and on whose chain; `theirs` point to the one who leaves.

    `between`: those through whom that one became part of the survivor.
    """

    leaving: UUID
    between: Sequence[UUID]
    changes: Sequence[tuple[UUID, Entered]]
    theirs: frozenset[int]
    void: frozenset[int]
    one: Rebuilt

    def part(self) -> dict[str, Any]:
        """Changes that point to who leaves: only what they refuse stays behind."""
        gone = self.theirs - {change.id for _, change in self.changes if self._protects(change)}
        return {"do": "part", "from": str(self.leaving), "changes": sorted(gone)}

    @property
    def has_an_order(self) -> bool:
        """One that was recorded while they were one stands, and is both of theirs from now on."""
        return any(
            entry["do"] == "order" and self._refuses(change, entry)
            for _, change in self.changes
            for entry in change.entries
        )

    def _protects(self, change: Entered) -> bool:
        """By a pause, an order or a report of death that stands."""
        return any(entry["do"] != "choice" and self._refuses(change, entry) for entry in change.entries)

    def copies(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        """Goes along, by change: all that points to who leaves, and every refusal; and whom it names."""
        for owner, change in self.changes:
            if entries := [self._copy(change, each) for each in self._going(change)]:
                yield change.id, [*entries, _named(owner, change)]

    def _copy(self, change: Entered, entry: Entry) -> dict[str, Any]:
        """A no to all but what was allowed beside it is one to all where that yes stays behind."""
        left_out = () if change.id in self.theirs else ("except",)
        kept = {name: value for name, value in entry.items() if name not in left_out}
        return {**kept, "of": entry.get("of", change.id)}

    def _going(self, change: Entered) -> Iterator[Entry]:
        for entry in change.entries:
            theirs = change.id in self.theirs and entry["do"] in GOES_ALONG
            if entry.get("of") not in self.void and (theirs or self._refuses(change, entry)):
                yield entry

    def _refuses(self, change: Entered, entry: Entry) -> bool:
        """Every opt-out; of a pause, an order, a death only what stands: what has ended stays so."""
        match entry["do"]:
            case "choice":
                return bool(entry["state"] == State.OUT)
            case "pause":
                pause = [entry["from"], entry["until"], change.id]
                return pause[0] < pause[1] and self.one.pauses.get(entry["category"]) == pause
            case "order":
                return any(each.change == change.id for each in self.one.orders)
            case "deceased":
                return self.one.deceased == (entry["at"], True)
        return False


def _named(owner: UUID, change: Entered) -> dict[str, Any]:
    """Whom a change names; where nobody is named it is about whoever's chain it stands on."""
    named = next((entry for entry in change.entries if entry["do"] == "named"), None)
    if named:
        return {**named}
    wording = change.entries[0].get("notice")
    return {"do": "named", "profile": str(owner), **({"notice": wording} if wording else {})}


def _shared(survivor: UUID, leaving: UUID) -> _Shared:
    chains = history.people([survivor])
    members = group(survivor, chains)
    if leaving not in members:
        raise NotFound("there is no such merge")
    void = voided(change for changes in chains.values() for change in changes)
    above = dict(_above(leaving, members, chains))
    since = [
        (owner, change)
        for owner, change in in_order(above, chains)
        if change.id > above[owner] and change.id not in void
    ]
    points = _Pointing(leaving, survivor, members[leaving], chains)
    theirs = frozenset(each.id for _, each in since if points.to_leaving(each))
    return _Shared(leaving, [*above][:-1], since, theirs, void, rebuild(survivor, chains))


def _above(person: UUID, members: Mapping[UUID, int], chains: Chains) -> Iterator[tuple[UUID, int]]:
    """Those whom a person became part of, the nearest first, each with the change since when they are one."""
    since = 0
    while by := members[person]:
        since = max(since, by)
        person = next(pk for pk in members if ties(chains[pk]).parts.get(person) == by)
        yield person, since


class _Pointing:
    """Whom an entry means, by what it was named by, among two people who were one."""

    def __init__(self, leaving: UUID, staying: UUID, merged_by: int, chains: Chains) -> None:
        before = {pk: [each for each in own if each.id <= merged_by] for pk, own in chains.items()}
        own = group(leaving, chains)
        self.names = {str(pk) for pk in own}
        self.theirs = {pk for pk, *_ in rebuild(leaving, before).holdings}
        others = {pk: own_chain for pk, own_chain in before.items() if pk not in own}
        self.others = {pk for pk, *_ in rebuild(staying, others).holdings}
        strong = Identifier.objects.filter(pk__in=self.theirs | self.others)
        self.strong = {str(pk) for pk in strong.exclude(kind__in=ADDRESS_KINDS).values_list("pk", flat=True)}

    def to_leaving(self, change: Entered) -> bool:
        """A number decides before an address; what points to both stays where it is."""
        named = next((entry for entry in change.entries if entry["do"] == "named"), None)
        if named is None:
            return False
        if "profile" in named:
            return named["profile"] in self.names
        return self._by(set(named["identifiers"]))

    def _by(self, identifiers: set[str]) -> bool:
        numbers = identifiers & self.strong
        named = numbers or identifiers
        return bool(named & self.theirs) and not named & self.others
