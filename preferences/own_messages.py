"""May a message of Heed's own (a sign-in code, a confirmation) go to an address (R21)?

It belongs to no category that anybody could choose, so choices and pauses do not bear on it; restrictions of
the whole address, orders and deaths do.
"""

from dataclasses import replace
from uuid import UUID

from preferences.answers import at_address
from preferences.catalogue import Category, Offer
from preferences.selectors import Now
from preferences.terms import CategoryKind, Channel, Reason, RestrictionKind

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


def denied(identifier_id: UUID, channel: str, *, despite_stop: bool = False) -> Reason | None:
    """Why such a message may not go there now; None where it may.

    `despite_stop`: the one text that confirms a STOP, which 47 CFR 64.1200(a)(12) allows after it.
    """
    known = Now()
    address = known.identifiers([identifier_id])[identifier_id]
    if despite_stop:
        stop = f"{RestrictionKind.STOP}:"
        others = {key: value for key, value in address.restrictions.items() if not key.startswith(stop)}
        address = replace(address, restrictions=others)
    holders = known.holders([identifier_id]).get(identifier_id, {})
    people = known.people(holders)
    answer = at_address(
        OWN, channel, address, [(people[who], current) for who, current in holders.items()], known.rules()
    )
    return None if answer.allowed else answer.reason
