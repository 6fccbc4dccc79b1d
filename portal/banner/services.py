"""What a visitor of a website can do, and what staff do to put a banner there."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from portal.banner import selectors
from portal.banner.said import Posted
from portal.banner.selectors import Shown
from portal.signals import GPC
from preferences import identity, services
from preferences.catalogue import catalogue
from preferences.errors import Malformed
from preferences.models import ApiKey, Source
from preferences.services import Call, Choice, IssuedKey, Said
from preferences.terms import ANY, NO_CHANNEL, Actor, IdentifierKind, Scope, SourceKind, State


def choose(*, key: ApiKey, posted: Posted, place: str, evidence: Mapping[str, Any]) -> bool:
    """Record what somebody chose in a browser, and say whether that changed anything. Raises Refused.

    A yes to what the banner did not ask is refused; what else was said with it counts: nobody may drop a no.
    Posted again, nothing is written. The anonymous person joins a known one at a partner's identify of both.
    """
    shown = selectors.shown_by(key.source.slug, posted.shown, place)
    unasked = _unasked(posted, shown)
    others = {slug: yes for slug, yes in posted.choices.items() if slug not in unasked}
    heard = replace(posted, choices=others)
    if unasked and not (heard.choices or heard.signal):
        raise _refused(unasked)
    said = Said(
        source=key.source,
        by=Actor.PERSON,
        occurred=posted.occurred,
        evidence={**evidence, "shown": posted.shown, "place": place, "signal": posted.signal},
        notice_id=_notice_id(shown) if shown else None,
        # The banner asks twice wherever that is needed, before it posts a yes at all.
        second_step=True,
    )
    outcome = services.identify(call=_call(heard, despite=False), said=said)
    changed = outcome.changed
    if posted.despite:
        told = replace(said, despite=GPC)
        changed |= services.identify(call=_call(heard, despite=True), said=told).changed
    if posted.signal and outcome.profile_id:
        # Of its own and after it: a repeat says it again, where it did not get this far (R9).
        signalled = services.signal(profile_id=outcome.profile_id, kind=GPC, said=said)
        changed |= signalled.change is not None
    if unasked:
        raise _refused(unasked)
    return changed


def _unasked(posted: Posted, shown: Shown | None) -> set[str]:
    """Nobody is opted in to what the banner did not ask them, or by a wording that can't be told any more."""
    asked = {each["slug"] for each in shown.categories} if shown else set()
    return {slug for slug, yes in posted.choices.items() if yes and slug not in asked}


def _refused(unasked: set[str]) -> Malformed:
    words = f"the banner that was shown does not ask about {', '.join(sorted(unasked))[:100]}"
    return Malformed(words, key="choices")


def _call(posted: Posted, *, despite: bool) -> Call:
    known = catalogue()
    choices = tuple(
        Choice(slug, NO_CHANNEL if known.category(slug).is_data_use else ANY, State.IN if yes else State.OUT)
        for slug, yes in sorted(posted.choices.items())
        if (slug in posted.despite) == despite
    )
    return Call(
        identifiers=(identity.named(IdentifierKind.ANONYMOUS_ID, posted.browser),),
        choices=choices,
        message_id=f"{posted.message_id}{':despite' if despite else ''}" if posted.message_id else "",
        content=json.dumps([[each.category, each.state] for each in choices]).encode(),
        problems=posted.problems,
    )


def _notice_id(shown: Shown) -> int:
    return services.notice_shown(key=f"banner.{shown.key}.{shown.language}", body=shown.notice).pk


@transaction.atomic
def website_key(*, slug: str, name: str, by: str, key_id: str | None = None) -> IssuedKey:
    """A key for one website: it speaks of browsers only. Raises Refused where the name or the id is taken."""
    source, _ = Source.objects.get_or_create(slug=slug, defaults={"name": name, "kind": SourceKind.BANNER})
    if source.kind != SourceKind.BANNER:
        raise Malformed(
            f"{slug} is the short name of a source that is no banner: name the banner differently"
        )
    return services.issue_key(
        source=source, name=name, scopes=[Scope.WRITE_ANONYMOUS], created_by=by, key_id=key_id
    )
