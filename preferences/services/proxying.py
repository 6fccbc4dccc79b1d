"""People who choose for others (R11): grants, and what somebody says under one, or without."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from preferences import clock, ledger, selectors, slots
from preferences.catalogue import Catalogue, catalogue_at
from preferences.clock import effective, micros
from preferences.errors import Malformed, NotFound
from preferences.ledger import Subject
from preferences.majority import comes_of_age
from preferences.models import Change, Holding, Identifier, Profile, ProxyGrant, Review
from preferences.services.recording import Recorded, check, lock_profiles, meant, record, write
from preferences.services.restating import add
from preferences.services.restricting import held_on_address
from preferences.services.reviewing import put_before_staff
from preferences.services.said import Choice, Said
from preferences.terms import (
    ADDRESS_KINDS,
    ADDRESS_OF,
    ANY,
    Actor,
    IdentifierKind,
    Relation,
    State,
    SubjectKind,
)

LONGEST = timedelta(days=36_525)


@transaction.atomic
def grant_proxy(
    *,
    profile_id: UUID,
    proxy_id: UUID,
    relation: Relation,
    starts: datetime,
    ends: datetime | None,
    categories: Sequence[str],
    said: Said,
    born: date | None = None,
) -> int:
    """Let somebody choose for a person from `starts` until before `ends`; returns the ledger entry.

    `categories` may hold `*` (all messages, none that is sensitive). A parent's grant ends when the child,
    `born` then, comes of age, if not before; the date itself is not kept. Raises NotFound, UnknownCategory,
    Malformed.
    """
    subjects = lock_profiles([profile_id, proxy_id])
    subject, proxy = subjects[profile_id], subjects[proxy_id]
    now = clock.now()
    if subject.id == proxy.id:
        raise Malformed("nobody is their own proxy")
    _check_categories(categories, catalogue_at(subject.catalogue_version))
    if relation == Relation.PARENT:
        of_age = _of_age(subject, born, now)
        ends = min(ends, of_age) if ends else of_age
    if ends is None:
        raise Malformed("say until when: only a parent's grant ends by itself", key="ends")
    if not starts < ends or ends <= now:
        raise Malformed("a grant ends after it begins, and in the future", key="ends")
    if max(now - starts, ends - now) > LONGEST:
        raise Malformed("a grant begins and ends within a hundred years of today", key="ends")
    entry = {
        "do": "proxy",
        "proxy": str(proxy.id),
        "relation": relation.value,
        "from": micros(starts),
        "until": micros(ends),
        "categories": sorted(set(categories)),
    }
    change = add(subject, [entry, *meant(subject, profile_id)], said, now, denies=False)
    transaction.on_commit(slots.on_outbox, robust=True)
    return change


@transaction.atomic
def revoke_proxy(*, grant_id: int, said: Said) -> int:
    """From now on they choose no more; what they chose stands. Raises NotFound, Malformed."""
    found = ProxyGrant.objects.filter(pk=grant_id).values_list("profile_id", "change").first()
    if found is None:
        raise NotFound("there is no such grant")
    subject, now = lock_profiles([found[0]])[found[0]], clock.now()
    if not ProxyGrant.objects.filter(profile=subject.id, change=found[1], ends__gt=now).exists():
        raise Malformed("this grant has ended already")
    entry = {"do": "proxy_end", "grant": found[1], "until": micros(now)}
    change = add(subject, [entry, *meant(subject, _granted_by(found[1]))], said, now, denies=False)
    transaction.on_commit(slots.on_outbox, robust=True)
    return change


def _granted_by(change: int) -> UUID:
    """Who was named in a grant: should they part from who they are one with now, its end goes along."""
    owner, entries = Change.objects.values_list("subject_id", "entries").get(pk=change)
    named = (UUID(each["profile"]) for each in json.loads(entries) if each["do"] == "named")
    return next(named, owner)


def _check_categories(categories: Collection[str], catalogue: Catalogue) -> None:
    if not categories:
        raise Malformed("say for which categories", key="categories")
    for slug in categories:
        check(slug, ANY, catalogue)


def _of_age(subject: Subject, born: date | None, now: datetime) -> datetime:
    if born is None:
        raise Malformed("a parent's grant needs the child's day of birth: it ends when they come of age")
    if born > timezone.localdate(now):
        raise Malformed("the child's day of birth lies in the future", key="born")
    jurisdiction = Profile.objects.values_list("jurisdiction", flat=True).get(pk=subject.id)
    of_age = timezone.make_aware(datetime.combine(comes_of_age(born, jurisdiction), time.min))
    if of_age <= now:
        raise Malformed("a parent's grant ends when the child comes of age: who was born then is", key="born")
    return of_age


# --- choosing for somebody ---


@dataclass(frozen=True, slots=True)
class _Granted:
    """What one proxy may choose, and when."""

    starts: int
    ends: int
    categories: frozenset[str]
    change: int

    def covers(self, category: str, at: int, catalogue: Catalogue) -> bool:
        """Sensitive ones, and uses of data, only if they are named."""
        if not self.starts <= at < self.ends:
            return False
        known = catalogue.category(category)
        by_star = ANY in self.categories and not (known.sensitive or known.is_data_use)
        return by_star or category in self.categories


@transaction.atomic
def record_by_proxy(*, profile_id: UUID, proxy_id: UUID, choices: Sequence[Choice], said: Said) -> Recorded:
    """Record what somebody chose for a person.

    Under a grant it counts like the person's own. Without one an opt-in does not count, and an opt-out is
    held on the person's addresses and put before staff. Whoever turned out to be the person themselves (R10)
    speaks for themselves. Raises NotFound, UnknownCategory, UnknownChannel.
    """
    addresses = lock_addresses(profile_id)
    subject = lock_profiles([profile_id])[profile_id]
    if selectors.survivors([proxy_id]).get(proxy_id) == subject.id:
        return record(profile_id=profile_id, choices=choices, said=said)
    now, known = clock.now(), catalogue_at(subject.catalogue_version)
    said = replace(said, by=Actor.PROXY, who=str(proxy_id))
    grants = _grants(subject, proxy_id)
    recorded = Recorded(subject.id, subject.seq)
    covered: dict[int, list[Choice]] = {}
    for choice in _each_category(choices, known):
        at = micros(effective(choice.state, said.occurred, now) or now)
        grant = next((each.change for each in grants if each.covers(choice.category, at, known)), 0)
        if choice.state == State.IN or grant:
            covered.setdefault(grant, []).append(choice)
        else:
            _hold_on_addresses(subject, addresses, choice, said, now)
    for grant, chosen in covered.items():  # together, so that the more specific of them wins (R1)
        under, named = replace(said, grant=grant), meant(subject, profile_id)
        one = write(subject, under, choices=chosen, entries=named, recorded_at=now)
        recorded.changes += one.changes
        recorded.version = one.version
        recorded.not_counted += one.not_counted
    transaction.on_commit(slots.on_outbox, robust=True)
    return recorded


def lock_addresses(profile_id: UUID) -> list[tuple[Subject, IdentifierKind]]:
    """Identifiers before people: that is the lock order everywhere."""
    who = selectors.survivors([profile_id]).get(profile_id)
    held = Holding.objects.filter(profile=who, until__isnull=True, identifier__kind__in=ADDRESS_KINDS)
    ids = sorted(set(held.values_list("identifier_id", flat=True)))
    kinds = dict(Identifier.objects.filter(id__in=ids).values_list("id", "kind"))
    locked = ledger.lock(SubjectKind.IDENTIFIER, ids) if ids else []
    return [(each, IdentifierKind(kinds[each.id])) for each in locked]


def _grants(subject: Subject, proxy_id: UUID) -> list[_Granted]:
    rows = ProxyGrant.objects.filter(profile=subject.id)
    found = list(rows.values_list("proxy_id", "starts", "ends", "categories", "change"))
    standing = selectors.survivors([proxy_id, *(each[0] for each in found)])
    return [
        _Granted(micros(starts), micros(ends), frozenset(categories), change)
        for proxy, starts, ends, categories, change in found
        if standing.get(proxy) == standing.get(proxy_id)
    ]


def _each_category(choices: Sequence[Choice], catalogue: Catalogue) -> list[Choice]:
    """A wildcard means each category by itself, though no more: what a grant covers may differ (R1, R11)."""
    found: list[Choice] = []
    for choice in choices:
        check(choice.category, choice.channel, catalogue)
        if choice.category != ANY:
            found.append(choice)
            continue
        all_messages = (each for each in catalogue if not (each.is_data_use or each.required or each.retired))
        found += [replace(choice, category=each.slug, said_of=ANY) for each in all_messages]
    return found


def _reaches(kind: IdentifierKind, choice: Choice, catalogue: Catalogue) -> bool:
    """Is it about messages to such an address? Whoever shares a phone has not refused emails to others.

    A letter or a use of data reaches no address that Heed keeps: held on all, lest it be dropped (R7).
    """
    channels = catalogue.category(choice.category).channels if choice.channel == ANY else (choice.channel,)
    kinds = {ADDRESS_OF[each] for each in channels if each in ADDRESS_OF}
    return not kinds or kind in kinds


def _hold_on_addresses(
    subject: Subject,
    addresses: Sequence[tuple[Subject, IdentifierKind]],
    choice: Choice,
    said: Said,
    now: datetime,
) -> None:
    for address, kind in addresses:
        if _reaches(kind, choice, catalogue_at(subject.catalogue_version)):
            held_on_address(address, kind, [choice], said, now)
    details = {"choices": [[choice.category, choice.channel, "no_grant"]]}
    matter = {"profile_id": subject.id, "source": said.source, "details": details}
    put_before_staff(Review.Kind.OPT_OUT_UNPLACED, matter)
