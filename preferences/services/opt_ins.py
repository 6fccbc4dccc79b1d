"""Which opt-ins count (R6), and whose word is the person's own. Pure."""

from preferences.catalogue import Category, Offer
from preferences.services.said import Said
from preferences.terms import Actor, OptInNeeds, SourceKind

PERSON_ACTS_HERE = frozenset({SourceKind.PREFERENCE_PAGE, SourceKind.BANNER})


def why_not(category: Category, channel: str, said: Said) -> str:
    """Why an opt-in does not count; empty where it does (R6)."""
    offer = category.offers.get(channel)
    if offer is None or offer.removed:
        return "not_offered"
    if said.by == Actor.PROXY and not said.grant:
        return "no_grant"
    if offer.needs == OptInNeeds.ANY:
        return ""
    if not speaks(said) or (category.honours_signal and not in_person(said)):
        return "not_the_person"
    return _missing(offer, said)


def _missing(offer: Offer, said: Said) -> str:
    if offer.needs == OptInNeeds.PERSON_WITH_NOTICE and said.notice_id is None:
        return "no_notice"
    if offer.needs == OptInNeeds.PERSON_SECOND_STEP and not said.second_step:
        return "no_second_step"
    return ""


def speaks(said: Said) -> bool:
    """Is this the person's own word (R6)? On page or banner, from a source that speaks for them, or shown."""
    return own_word(said) or (said.attached and said.source.kind not in PERSON_ACTS_HERE)


def own_word(said: Said) -> bool:
    """The same without anything that shows it: they said it to us, or where they are logged in."""
    if said.source.kind in PERSON_ACTS_HERE:
        return said.by in (Actor.PERSON, Actor.PROXY)
    return said.source.speaks_for_person


def in_person(said: Said) -> bool:
    """Only the person takes back a privacy signal: no CRM, import or member of staff can (R9)."""
    return said.source.kind in PERSON_ACTS_HERE or said.source.speaks_for_person
