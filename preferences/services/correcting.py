"""Addresses that a person corrects: a new one that a code has reached, and one that is no longer theirs.

What was chosen stays with the person; what stands on an address stays with the address (R16). A former
address still carries the person's noes, and no yes.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction

from preferences import clock, ledger, selectors, slots
from preferences.errors import Forbidden, NotFound
from preferences.ledger import Subject
from preferences.models import Holding, Profile, ProxyGrant
from preferences.services.recording import lock_profiles, meant
from preferences.services.restating import add
from preferences.services.said import Said
from preferences.terms import ADDRESS_KINDS, Actor, Relation, SubjectKind, Verified

# Who stands in the person's place in everything (45 CFR 164.502(g)); a caregiver chooses messages only.
IN_THEIR_PLACE = frozenset({Relation.PARENT, Relation.REPRESENTATIVE})


@transaction.atomic
def correct_address(
    *, profile_id: UUID, new: UUID | None, old: UUID | None, said: Said, proxy_id: UUID | None = None
) -> int | None:
    """The person is reached at `new`, which a code has shown, and no longer at `old`; either may be left out.

    `proxy_id`: who says so for them. Returns the entry; None where nothing was left to say. Raises NotFound,
    and Forbidden under an order (it names the only addresses, and staff change it) or without authority.
    """
    moved = sorted({pk for pk in (new, old) if pk})
    ledger.lock(SubjectKind.IDENTIFIER, moved)  # before people: that is the lock order everywhere
    subject, now = lock_profiles([profile_id])[profile_id], clock.now()
    if Profile.objects.filter(pk=subject.id, order__isnull=False).exists():
        raise Forbidden("an order names the only addresses that may be used: staff change it")
    if proxy_id:
        said = replace(said, by=Actor.PROXY, who=str(proxy_id), grant=_grant(subject, proxy_id))
    entries = [*_taken_up(new), *_given_up(subject, old, new)]
    if not entries:
        return None
    change = add(subject, [*entries, *meant(subject, profile_id)], said, now, denies=False)
    ledger.hand_over([(SubjectKind.IDENTIFIER, str(pk)) for pk in moved], now, denies=False)
    transaction.on_commit(slots.on_outbox, robust=True)
    return change


def _taken_up(new: UUID | None) -> Iterator[dict[str, Any]]:
    if new:
        yield {"do": "holding", "identifier": str(new), "held": True, "verified": Verified.CODE.value}


def _given_up(subject: Subject, old: UUID | None, new: UUID | None) -> Iterator[dict[str, Any]]:
    """By every source, and whatever their lists go on saying."""
    held = Holding.objects.filter(
        profile=subject.id, identifier=old, identifier__kind__in=ADDRESS_KINDS, until__isnull=True
    )
    if old and old != new and held.exists():
        yield {"do": "holding", "identifier": str(old), "held": False, "all": True, "disowned": True}


def may_correct(profile_id: UUID, proxy_id: UUID) -> bool:
    """May somebody correct the addresses of a person they look after, now?"""
    return _standing_in(profile_id, proxy_id) is not None


def _grant(subject: Subject, proxy_id: UUID) -> int:
    found = _standing_in(subject.id, proxy_id)
    if found is None:
        raise Forbidden("only a parent or a personal representative corrects somebody else's addresses")
    return found


def _standing_in(profile_id: UUID, proxy_id: UUID) -> int | None:
    now = clock.now()
    running = ProxyGrant.objects.filter(
        profile=profile_id, relation__in=IN_THEIR_PLACE, starts__lte=now, ends__gt=now
    )
    rows = list(running.order_by("pk").values_list("proxy_id", "change"))
    standing = selectors.survivors([proxy_id, *(each for each, _ in rows)])
    if proxy_id not in standing:
        raise NotFound("there is no such person")
    return next((change for each, change in rows if standing[each] == standing[proxy_id]), None)
