"""What may become of a category (R17): which acts weigh, and which marks a publication leaves. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from preferences.catalogue import Category, Offer
from preferences.projection import Choices, resolve
from preferences.terms import Channel, OptInNeeds, State

Body = Mapping[str, Any]


def marked(body: Body, before: Body | None, now: int) -> dict[str, Any]:
    """The body as it is published: what R17 must remember is worked out here, whatever the draft says.

    `required_since`: when it turned required. `turned_on`, of a channel: where its default was moved from out
    to in. A channel that once was offered stays, as removed.
    """
    old = before or {}
    unmarked = {name: value for name, value in body.items() if name != "required_since"}
    since = _required_since(body, before, now)
    was = {offer["channel"]: offer for offer in old.get("offers", ())}
    is_named = {offer["channel"] for offer in body["offers"]}
    gone = [{**offer, "removed": True} for channel, offer in was.items() if channel not in is_named]
    offers = [_marked(offer, was.get(offer["channel"])) for offer in [*body["offers"], *gone]]
    return {**unmarked, "offers": offers, **({"required_since": since} if since else {})}


def _required_since(body: Body, before: Body | None, now: int) -> int:
    """0 where people may choose, and where it was required from its first revision."""
    if not body["required"] or before is None:
        return 0
    return before.get("required_since", 0) if before["required"] else now


def _marked(offer: Body, before: Body | None) -> dict[str, Any]:
    places = sorted({*(before or {}).get("turned_on", ()), *_opened(before, offer)})
    unmarked = {name: value for name, value in offer.items() if name != "turned_on"}
    return {**unmarked, **({"turned_on": places} if places else {})}


def _opened(before: Body | None, after: Body) -> set[str]:
    """Where people who never chose were out and would be in; "" is everywhere else."""
    if before is None:
        return set()
    places = {"", *before.get("elsewhere", ()), *after.get("elsewhere", ())}
    return {place for place in places if _default(after, place) and not _default(before, place)}


def _default(offer: Body, place: str) -> bool:
    return bool(offer.get("elsewhere", {}).get(place, offer["default"]))


def gained(before: Category, after: Category) -> tuple[str, ...]:
    """Channels that were not on offer, and would be."""
    return tuple(channel for channel in after.channels if channel not in before.channels)


def others(category: Category, channel: str) -> tuple[str, ...]:
    """What somebody must be out of to be out of a channel that comes: all that is on offer, or ever was."""
    return tuple(each for each in category.channels or category.offers if each != channel)


def out_of_all_others(choices: Choices, category: Category, channel: str, now: int) -> bool:
    """Is somebody out of all else by choices of their own, and was not asked about this channel?"""
    rest = others(category, channel)
    return (
        bool(rest)
        and _said(choices, category, channel, now) is None
        and all(_said(choices, category, each, now) == State.OUT for each in rest)
    )


def _said(choices: Choices, category: Category, channel: str, now: int) -> State | None:
    standing = resolve(choices, category.slug, channel, wildcards=not category.is_data_use)
    return None if standing is None or 0 < standing.expires <= now else standing.state


def acts(before: Body, after: Body) -> Iterator[str]:
    """What always needs a second person, in words."""
    if after["required"] and not before["required"]:
        yield "people could no longer turn these messages off"
    was = {offer["channel"]: offer for offer in before["offers"]}
    for offer in after["offers"]:
        if places := _opened(was.get(offer["channel"]), offer):
            yield f"people who were never asked would be in{_by(offer['channel'])}{_where(places)}"


def _by(channel: str) -> str:
    return f" by {Channel(channel).label.lower()}" if channel else ""


def _where(places: set[str]) -> str:
    return "" if "" in places else f" in {', '.join(sorted(places))}"


def may_turn_on(before: Category | None, after: Category) -> tuple[str, ...]:
    """The channels on which an answer could turn from denied to allowed. Words and places turn nothing."""
    if before is None or _duties(before) != _duties(after):
        return after.channels
    stood = {channel: _holds(offer) for channel, offer in before.offers.items()}
    return tuple(each for each in after.channels if stood.get(each) != _holds(after.offers[each]))


def _duties(category: Category) -> tuple[object, ...]:
    return category.retired, category.required, category.required_since


def _holds(offer: Offer) -> Offer:
    """What an offer says of those who were not asked: what a yes needs is no part of it."""
    return replace(offer, needs=OptInNeeds.ANY)
