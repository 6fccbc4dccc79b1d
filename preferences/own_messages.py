"""May a message of Heed's own (a sign-in code, a confirmation) go to an address (R21)?

It belongs to no category that anybody could choose, so choices and pauses do not bear on it; restrictions of
the whole address, orders and deaths do. Who has died, or asked to be reached elsewhere only, keeps nobody
from it with whom they share the address.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from uuid import UUID

from preferences import projection
from preferences.answers import Answer, at_address, judge
from preferences.catalogue import Category, Offer
from preferences.person import HeldIdentifier, Person
from preferences.selectors import Now
from preferences.terms import ANY, CategoryKind, Channel, Reason, RestrictionKind

STOP = projection.restriction_key({"kind": RestrictionKind.STOP.value, "category": ANY, "channel": ""})
OWN = Category(
    slug="heed",
    kind=CategoryKind.COMMUNICATION,
    order=0,
    marketing=False,
    honours_signal=False,
    sensitive=False,
    required=True,
    retired=False,
    unknown_recipients=True,
    opt_in_expires_days=None,
    offers={channel: Offer(channel, default=True) for channel in Channel.values},
    texts={},
    revision=0,
)


def is_stopped(identifier_id: UUID) -> bool:
    """Does a STOP to all texts stand on this number?"""
    restrictions = Now().identifiers([identifier_id])[identifier_id].restrictions
    return projection.in_force(restrictions.get(STOP, [0, 0, 0, 0]))


def missed(identifier_id: UUID, categories: Iterable[Category], channel: str) -> list[str]:
    """Which of these would go there if no STOP stood, by their slugs."""
    address, held_by, rules = _address(identifier_id, despite_stop=True), _held_by(identifier_id), Now.rules()
    answers = ((each, at_address(each, channel, address, held_by, rules)) for each in categories)
    return [each.slug for each, answer in answers if answer.allowed]


def reached(identifier_id: UUID, channel: str, people: Collection[UUID]) -> set[UUID]:
    """To whom of these such a message may go there now, each by what stands for them alone."""
    address = _address(identifier_id)
    return {each.id for each in Now.people(people).values() if may_go(channel, each, address)}


def may_go(channel: str, person: Person, address: HeldIdentifier) -> bool:
    """May such a message go to that person there now, by what stands for them alone?"""
    return judge(OWN, channel, person, Now.rules(), (address,)).allowed


def denied(
    identifier_id: UUID, channel: str, *, despite_stop: bool = False, also: UUID | None = None
) -> Reason | None:
    """Why such a message may go to nobody there now; None where it may.

    `despite_stop`: the one text that confirms a STOP, which 47 CFR 64.1200(a)(12) allows after it. `also`:
    somebody whose address it is about to become, who must be allowed it themselves.
    """
    address = _address(identifier_id, despite_stop=despite_stop)
    held_by = _held_by(identifier_id, also)
    may = {who.id for who, _ in held_by if may_go(channel, who, address)}
    if any(current and who.id != also and who.id in may for who, current in held_by):
        held_by = [(who, current) for who, current in held_by if who.id == also or who.id in may]
    answer: Answer = at_address(OWN, channel, address, held_by, Now.rules())
    return None if answer.allowed else answer.reason


def _address(identifier_id: UUID, *, despite_stop: bool = False) -> HeldIdentifier:
    address = Now.identifiers([identifier_id])[identifier_id]
    others = {key: value for key, value in address.restrictions.items() if key != STOP}
    return replace(address, restrictions=others) if despite_stop else address


def _held_by(identifier_id: UUID, also: UUID | None = None) -> list[tuple[Person, bool]]:
    """Who holds it, did, or (`also`) is about to: of the first two the dead only where nobody else does."""
    holders = dict(Now.holders([identifier_id]).get(identifier_id, {}))
    if also:
        holders[also] = True
    people = Now.people(holders)
    found = [(people[who], current) for who, current in holders.items()]
    return [each for each in found if each[0].id == also or not each[0].deceased] or found
