"""Codes asked for and entered. Nothing here takes longer, or asks the database more, for an address we know.

Limits are counted in the rows themselves, so they hold for all processes together: a row is written first and
counted with all others, so that of several at once none slips through.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q
from django_q.tasks import async_task

from destinations import sealing
from portal.digits import are_same, digits
from portal.models import Code
from portal.selectors import CHANNEL_OF
from portal.terms import CodeProblem
from preferences import keys, selectors
from preferences.identity import Named, find, find_or_make
from preferences.models import Holding, Identifier
from preferences.own_messages import denied, reached
from preferences.services import arrived, drop_unused

LASTS = timedelta(minutes=10)
MOST_TRIES = 5
USE = "new address"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PER_HOUR, PER_DAY = 5, 10  # for one address and page: 50 guesses a day at one of a million codes
KEPT = timedelta(days=2)


class TooMany(Exception):
    """So many codes were asked for, for this address or from this network, that none is sent now."""


class Refused(Exception):
    """A code does not let anybody in; `problem` says why, `left` how many tries there are."""

    def __init__(self, problem: CodeProblem, left: int = 0) -> None:
        super().__init__(problem.value)
        self.problem, self.left = problem, left


@dataclass(frozen=True, slots=True)
class Entered:
    """Where a code reached somebody, and whose page that opens: of several people who share the address."""

    address_id: UUID
    people: tuple[UUID, ...]


def ask(*, named: Named, network: str, language: str, now: datetime) -> int:
    """Have a code sent to what somebody entered, if we know it; the row's key. Raises TooMany."""
    fingerprint = keys.fingerprint(named.kind, named.namespace, named.value)
    code = Code(kind=named.kind, address=fingerprint, identifier_id=find([named]).get(named))
    return _ask(code, network, language, now)


def ask_at(*, profile_id: UUID, address_id: UUID, network: str, language: str, now: datetime) -> int:
    """The same to an address of the person whose page is open. Raises TooMany."""
    known = Identifier.objects.only("kind", "fingerprint").get(pk=address_id)
    code = Code(kind=known.kind, address=known.fingerprint, identifier_id=address_id, profile_id=profile_id)
    return _ask(code, network, language, now)


def ask_to_prove(*, profile_id: UUID, named: Named, network: str, language: str, now: datetime) -> int:
    """The same to an address that is to become theirs, whether or not anybody has it. Raises TooMany."""
    fingerprint = keys.fingerprint(named.kind, named.namespace, named.value)
    sealed = sealing.seal(named.value.encode(), USE)
    code = Code(kind=named.kind, address=fingerprint, profile_id=profile_id, sealed=sealed)
    return _ask(code, network, language, now)


def ask_again(*, code_id: int, network: str, language: str, now: datetime) -> int:
    """A new one to where this one went. Raises TooMany, Refused."""
    old = Code.objects.filter(pk=code_id).first()
    if old is None:
        raise Refused(CodeProblem.OVER)
    kept = ("kind", "address", "identifier_id", "profile_id", "sealed")
    code = Code(**{name: getattr(old, name) for name in kept})
    return _ask(code, network, language, now)


def _ask(code: Code, network: str, language: str, now: datetime) -> int:
    code.network, code.language = network, language
    code.nonce, code.key_id = os.urandom(16), keys.current_key().id
    code.created_at, code.until = now, now + LASTS
    code.save(force_insert=True)
    if _too_many(code, now):
        Code.objects.filter(pk=code.pk).delete()
        raise TooMany
    Code.objects.filter(pk=code.pk).update(due_at=now)
    # A hint: where the broker does not answer the sweep sends it, and whoever asked reads what all read.
    transaction.on_commit(lambda: async_task("portal.tasks.send_codes"), robust=True)
    return code.pk


def _too_many(code: Code, now: datetime) -> bool:
    # Anybody can ask at the front door: what they ask for there keeps no code from whose page is open.
    same, within_hour = Q(address=code.address, profile=code.profile_id), Q(created_at__gt=now - HOUR)
    recent = Code.objects.filter(same | Q(network=code.network), created_at__gt=now - DAY)
    counted = recent.aggregate(
        day=Count("pk", filter=same),
        hour=Count("pk", filter=same & within_hour),
        network=Count("pk", filter=Q(network=code.network) & within_hour),
    )
    most: int = settings.HEED_CODES_PER_NETWORK
    return bool(counted["day"] > PER_DAY or counted["hour"] > PER_HOUR or counted["network"] > most)


def enter(*, code_id: int, given: str, now: datetime) -> Entered:
    """Who may come in by this code, once. Raises Refused."""
    usable = Code.objects.filter(pk=code_id, used_at__isnull=True, until__gt=now)
    # Counted before it is looked at: of many at once, no more than these are looked at.
    if not usable.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1):
        raise Refused(CodeProblem.OVER)
    code = Code.objects.get(pk=code_id)
    right = are_same(digits(bytes(code.nonce), code.key_id), given)
    if not right or code.identifier_id is None:
        raise Refused(CodeProblem.WRONG, MOST_TRIES - code.tries)
    entered = let_in(code)
    if entered is None or not usable.update(used_at=now):
        raise Refused(CodeProblem.OVER)
    arrived(identifier_id=entered.address_id)
    return entered


def let_in(code: Code) -> Entered | None:
    """Whom a code to this address may let in now: who holds it, and may be written to there (R8, R21)."""
    if code.identifier_id is None:
        return None
    if code.sealed:
        return _may_prove(code, code.identifier_id)
    held = Holding.objects.filter(identifier=code.identifier_id, until__isnull=True)
    held = held.filter(profile__erased_at__isnull=True, profile__is_anonymous=False)
    people = {*held.values_list("profile_id", flat=True)}
    if code.profile_id:
        people &= {*selectors.survivors([code.profile_id]).values()}
    people = reached(code.identifier_id, CHANNEL_OF[code.kind], people)
    return Entered(code.identifier_id, tuple(sorted(people))) if people else None


def place(code: Code) -> None:
    """Give an address that is to become somebody's its row: never within a request, which would tell."""
    if code.sealed and code.identifier_id is None:
        named = _address_of(code)
        code.identifier_id = find_or_make([named])[named]
        Code.objects.filter(pk=code.pk).update(identifier_id=code.identifier_id)


def typed(code_id: int) -> Named | None:
    """The new address that a code was asked for; None where it is gone."""
    code = Code.objects.filter(pk=code_id).exclude(sealed=b"").first()
    try:
        return _address_of(code) if code else None
    except Refused:
        return None


def _address_of(code: Code) -> Named:
    try:
        return Named(code.kind, "", sealing.unseal(bytes(code.sealed), USE).decode())
    except sealing.Unreadable:
        raise Refused(CodeProblem.OVER) from None


def _may_prove(code: Code, address_id: UUID) -> Entered | None:
    """Only where we may write, by whoever holds it now and by the person who says that it is theirs (R21)."""
    person = selectors.survivors([code.profile_id]).get(code.profile_id) if code.profile_id else None
    if person is None or denied(address_id, CHANNEL_OF[code.kind], also=person):
        return None
    return Entered(address_id, (person,))


@transaction.atomic
def forget(now: datetime) -> None:
    """What nobody counts by any more is deleted, with addresses that became nobody's."""
    old = Code.objects.filter(created_at__lt=now - KEPT)
    placed = set(old.exclude(sealed=b"").exclude(identifier=None).values_list("identifier_id", flat=True))
    old.delete()
    if placed:
        drop_unused(placed)
