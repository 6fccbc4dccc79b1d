"""May a message of Heed's own (a sign-in code, a confirmation) go to an address (R21)?

It belongs to no category that anybody could choose, so choices and pauses do not bear on it; restrictions of
the whole address, orders and deaths do. Who has died keeps nobody from it with whom they shared the address.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from preferences import projection
from preferences.answers import Answer, at_address
from preferences.catalogue import Category, Offer
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
    answers = ((each, _answer(identifier_id, each, channel, despite_stop=True)) for each in categories)
    return [each.slug for each, answer in answers if answer.allowed]


def denied(
    identifier_id: UUID, channel: str, *, despite_stop: bool = False, also: UUID | None = None
) -> Reason | None:
    """Why such a message may not go there now; None where it may.

    `despite_stop`: the one text that confirms a STOP, which 47 CFR 64.1200(a)(12) allows after it. `also`:
    somebody whose address it is about to become, so that an order of theirs is asked too.
    """
    answer = _answer(identifier_id, OWN, channel, despite_stop=despite_stop, also=also)
    return None if answer.allowed else answer.reason


def _answer(
    identifier_id: UUID,
    category: Category,
    channel: str,
    *,
    despite_stop: bool,
    also: UUID | None = None,
) -> Answer:
    known = Now()
    address = known.identifiers([identifier_id])[identifier_id]
    if despite_stop:
        others = {key: value for key, value in address.restrictions.items() if key != STOP}
        address = replace(address, restrictions=others)
    holders = dict(known.holders([identifier_id]).get(identifier_id, {}))
    if also:
        holders[also] = True
    people = known.people(holders)
    held_by = [(people[who], current) for who, current in holders.items()]
    living = [(person, current) for person, current in held_by if not person.deceased]
    return at_address(category, channel, address, living or held_by, known.rules())
