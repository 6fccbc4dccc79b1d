"""*Contact me only in these ways* (45 CFR 164.522(b)), as the person says it on their page."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, QueryDict

from destinations import sealing
from portal.addresses import Own, own_addresses
from portal.correcting import said_here
from portal.selectors import Seen, masked_addresses
from portal.visits import Visit
from portal.wording import channel_name, day, way
from preferences import ledger, selectors, services
from preferences.identity import Named
from preferences.models import Change
from preferences.person import Order
from preferences.services import Allowed
from preferences.services.recording import lock_profiles
from preferences.terms import CHANNELS_OF, Channel, Verified
from preferences.words import readable

KEPT, USE = "portal.ordering", "letter"
LONGEST_LETTER, MOST_PROVED = 300, 5


@dataclass(frozen=True, slots=True)
class Way:
    """A channel at an address of theirs, as a box to tick."""

    value: str
    channel: str
    masked: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class OnlyPage:
    """What may be ticked. `since`: an order stands, recorded by the entry `standing`.

    `closed`: nobody gives one for somebody else here.
    """

    ways: tuple[Way, ...]
    letter: str
    texts: bool
    since: str = ""
    standing: int = 0
    in_force: tuple[str, ...] = ()
    closed: bool = False
    problem: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was ticked and written so far, and the new addresses that codes have reached in this visit."""

    ticked: frozenset[str] = frozenset()
    letter: str = ""
    proved: tuple[UUID, ...] = ()

    def with_form(self, form: QueryDict) -> "Wanted":
        """As the person has it now."""
        letter = "\n".join(form.get("letter", "").split("\r\n")).strip()[:LONGEST_LETTER]
        return replace(self, ticked=frozenset(form.getlist("way")), letter=readable(letter))


def remembered(request: HttpRequest, visit: Visit) -> Wanted | None:
    """What waits in this visit; nothing of anybody else's page."""
    kept = request.session.get(KEPT)
    if not kept or kept["whose"] != str(visit.profile_id):
        return None
    return Wanted(frozenset(kept["ticked"]), _unsealed(kept["letter"]), tuple(map(UUID, kept["proved"])))


def keep(request: HttpRequest, visit: Visit, wanted: Wanted) -> None:
    """Until the order is given. A letter's address waits sealed: sessions stand in the database."""
    request.session[KEPT] = {
        "whose": str(visit.profile_id),
        "ticked": sorted(wanted.ticked),
        "letter": base64.b64encode(sealing.seal(wanted.letter.encode(), USE)).decode(),
        "proved": [str(each) for each in wanted.proved],
    }


def remember(request: HttpRequest, visit: Visit, address: UUID) -> None:
    """A code has reached the person there: the order may name it, and it is ticked."""
    wanted = remembered(request, visit) or Wanted()
    proved = tuple(dict.fromkeys([*wanted.proved, address]))[-MOST_PROVED:]
    [own] = _proved([address])
    ticked = wanted.ticked | {value for value, _ in _values(own)}
    keep(request, visit, replace(wanted, proved=proved, ticked=ticked))


def in_force_as_wanted(order: Order | None) -> Wanted:
    """What the order that stands allows, its letters' address too, to be chosen again."""
    if order is None:
        return Wanted()
    letters = ledger.evidence_of(Change.objects.get(pk=order.change)).get("letters_to", [])
    written = "\n".join(letters)[:LONGEST_LETTER] if (Channel.MAIL.value, "") in order.allowed else ""
    return Wanted(frozenset(f"{channel}:{pk}" for channel, pk in order.allowed if pk), written)


def forget(request: HttpRequest) -> None:
    """The order was given."""
    request.session.pop(KEPT, None)


def _unsealed(text: str) -> str:
    try:
        return sealing.unseal(base64.b64decode(text), USE).decode()
    except sealing.Unreadable:
        return ""


def ways(seen: Seen, wanted: Wanted) -> tuple[Way, ...]:
    """Each way in which they may be reached at what they hold, or have shown to be theirs."""
    own = {each.id: each for each in (*own_addresses(seen), *_proved(wanted.proved))}
    return tuple(
        Way(value, channel_name(channel), each.masked, value in wanted.ticked)
        for each in own.values()
        for value, channel in _values(each)
    )


def _values(own: Own) -> Iterator[tuple[str, str]]:
    for channel in Channel:
        if channel in CHANNELS_OF[own.kind]:
            yield f"{channel.value}:{own.id}", channel.value


def _proved(ids: Sequence[UUID]) -> list[Own]:
    found = selectors.identifiers(ids)
    masked = masked_addresses(found)
    return [Own(pk, each.kind, "", masked.get(pk, "")) for pk, each in found.items()]


def in_force(seen: Seen) -> tuple[str, ...]:
    """The ways that the order allows, in words."""
    order = seen.person.order
    if order is None:
        return ()
    return tuple(
        way(channel, seen.masked.get(UUID(pk), "") if pk else "") for channel, pk in sorted(order.allowed)
    )


def since(seen: Seen) -> str:
    """The day of the order that stands."""
    return day(seen.person.order.since) if seen.person.order else ""


@transaction.atomic
def order(
    *, visit: Visit, offered: Sequence[Way], wanted: Wanted, evidence: Mapping[str, Any], now: datetime
) -> int:
    """From now on only these ways; the entry that says so: the one that stands where it says just the same.

    Raises Malformed where there is none.
    """
    pairs = {(channel, pk) for channel, _, pk in _ticked(offered, wanted)}
    pairs |= {(Channel.MAIL.value, "")} if wanted.letter else set()
    person = lock_profiles([visit.profile_id])[visit.profile_id].id  # of two clicks one writes
    standing = selectors.people([person])[person].order
    if standing and pairs == standing.allowed and wanted.letter == in_force_as_wanted(standing).letter:
        return standing.change
    allowed = [*_allowed(offered, wanted)]
    if wanted.letter:
        allowed.append(Allowed(Channel.MAIL.value, text=wanted.letter))
    return services.order(profile_id=visit.profile_id, allowed=allowed, said=said_here(evidence, now))


def _ticked(offered: Sequence[Way], wanted: Wanted) -> list[tuple[str, str, str]]:
    return [each.value.partition(":") for each in offered if each.value in wanted.ticked]


def _allowed(offered: Sequence[Way], wanted: Wanted) -> Iterator[Allowed]:
    pairs = _ticked(offered, wanted)
    ids = [UUID(pk) for _, _, pk in pairs]
    kinds, clear = selectors.identifiers(ids), selectors.plaintexts(ids)
    for channel, _, text in pairs:
        pk = UUID(text)
        if pk in clear:
            verified = Verified.CODE.value if pk in wanted.proved else ""
            yield Allowed(channel, Named(kinds[pk].kind, "", clear[pk]), verified=verified)
