"""Writing a person's rows anew from nothing but the ledger: after a void, a merge, an order, a pause."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from preferences import history, ledger, projection
from preferences.clock import instant, micros
from preferences.ledger import Subject
from preferences.models import Holding, ProxyGrant
from preferences.rebuilding import Grant, Held, Key, Rebuilt, as_kept, rebuild
from preferences.services.said import Said
from preferences.sql import time_in
from preferences.terms import SubjectKind
from preferences.ties import group, ties

ATTRIBUTES = ("jurisdiction", "language", "time_zone")


def add(
    subject: Subject, entries: Sequence[Mapping[str, Any]], said: Said, now: datetime, *, denies: bool = True
) -> int:
    """Append one change to a locked person's chain, write their rows anew, and hand them over."""
    change = ledger.append(subject, [said.signed(entry) for entry in entries], said.origin(now))
    restate(subject, now)
    ledger.hand_over([(SubjectKind.PROFILE, str(subject.id))], now, denies=denies, change=change)
    return change


def restate(subject: Subject, now: datetime) -> Rebuilt:
    """What everything recorded about a locked person comes to, written to their rows."""
    chains = history.people([subject.id])
    rebuilt = rebuild(subject.id, chains)
    is_part = ties(chains[subject.id]).into is not None
    died_at, died = rebuilt.deceased
    changes_at = projection.next_change(rebuilt.choices, rebuilt.pauses, micros(now))
    subject.projection, subject.pauses = rebuilt.choices, rebuilt.pauses
    subject.columns |= {
        "pauses": json.dumps(rebuilt.pauses),
        "order": json.dumps(as_kept(rebuilt.order)) if as_kept(rebuilt.order) else None,
        "deceased_at": time_in(instant(died_at)) if died else None,
        "next_change_at": time_in(instant(changes_at)) if changes_at else None,
        "also_in": json.dumps(rebuilt.also_in),
        **{name: rebuilt.attributes.get(name, "") for name in ATTRIBUTES},
    }
    ledger.finish(subject)
    _hold(subject.id, {} if is_part else rebuilt.holdings)
    _grant(subject.id, {} if is_part else _to_others(rebuilt.grants, group(subject.id, chains)))
    return rebuilt


def _hold(person: UUID, holdings: Mapping[Key, Held]) -> None:
    rows = Holding.ever.filter(profile=person).values_list("id", "identifier_id", "source_id", "confidential")
    gone = [pk for pk, identifier, *said in rows if (str(identifier), *said) not in holdings]
    Holding.ever.filter(pk__in=gone).delete()
    put_holdings([_holding(person, key, held) for key, held in holdings.items()])


def put_holdings(holdings: Sequence[Holding]) -> None:
    """Each as it is to stand, whether or not that source has said before that the person holds it."""
    Holding.ever.bulk_create(
        holdings,
        update_conflicts=True,
        unique_fields=["identifier", "profile", "source", "confidential"],
        update_fields=["since", "until", "verified_at", "verified_how", "void", "disowned"],
    )


def _holding(person: UUID, key: Key, held: Held) -> Holding:
    identifier, source, by_order = key
    return Holding(
        profile_id=person,
        identifier_id=UUID(identifier),
        source_id=source,
        confidential=by_order,
        since=instant(held.since),
        until=None if held.until is None else instant(held.until),
        verified_at=None if held.verified_at is None else instant(held.verified_at),
        verified_how=held.verified_how,
        void=held.void,
        disowned=held.disowned,
    )


def _to_others(grants: Mapping[int, Grant], themselves: Collection[UUID]) -> dict[int, Grant]:
    """A proxy who turned out to be the person needs no grant, for as long as they are one (R10)."""
    return {change: grant for change, grant in grants.items() if grant.proxy not in themselves}


def _grant(person: UUID, grants: Mapping[int, Grant]) -> None:
    ProxyGrant.objects.filter(profile=person).exclude(change__in=grants).delete()
    ProxyGrant.objects.bulk_create(
        [
            ProxyGrant(
                profile_id=person,
                proxy_id=grant.proxy,
                relation=grant.relation,
                starts=instant(grant.starts),
                ends=instant(grant.ends),
                categories=grant.categories,
                change=change,
            )
            for change, grant in grants.items()
        ],
        update_conflicts=True,
        unique_fields=["profile", "proxy", "change"],
        update_fields=["ends"],
    )
