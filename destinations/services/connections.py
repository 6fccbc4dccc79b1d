"""Connections: made, changed, let go on, paused."""

import json
from collections.abc import Iterable, Mapping
from copy import copy
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from destinations import credentials, lanes, rates
from destinations.circuit import ANSWERS
from destinations.connectors import CONNECTORS
from destinations.contract import Connector, Rate, missing
from destinations.mappers import check_standing, first_body
from destinations.models import Account, Destination
from destinations.services.disclosing import forget_disclosed, note_disclosed
from destinations.services.waking import wake
from destinations.terms import DestinationState
from preferences import keys, ledger
from preferences.errors import Malformed
from preferences.services import publish
from preferences.terms import RevisionKind, SubjectKind

FAILING = Q(failures__gt=0) | Q(event_failures__gt=0)  # preferences, or events alone
NO_AGREEMENT = "record the agreement (BAA) first: without one no health information goes there"


@transaction.atomic
def save_destination(
    *,
    destination: Destination | None = None,
    connector: str,
    slug: str,
    name: str,
    public_label: str,
    public_labels: Mapping[str, str] | None = None,
    purpose: str,
    state: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    agreement: str = "",
    told_confidential: bool = False,
    rate: str = "",
    reads_back: bool = True,
    author: str,
) -> Destination:
    """Make or change a connection; a blank secret keeps what stands. Everyone's row there is looked at again.

    Where its settings change, another address or list say, what was confirmed before was confirmed elsewhere:
    everyone is told again. Raises Malformed with what is missing.
    """
    saved, before = destination or Destination(slug=slug, connector=connector), copy(destination)
    known = credentials.standing(bytes(saved.secrets)) | {
        key: value for key, value in secrets.items() if value
    }
    check_connection(
        connector=connector, settings=settings, secrets=known, state=state, agreement=agreement, rate=rate
    )
    if told_confidential and not saved.told_confidential:
        saved.confidential_since = timezone.now()
    saved.name, saved.purpose = name, purpose
    saved.public_label, saved.public_labels = public_label, dict(public_labels or {})
    saved.state, saved.settings, saved.agreement = state, dict(settings), agreement
    saved.told_confidential, saved.rate, saved.reads_back = told_confidential, rate, reads_back
    saved.secrets = credentials.lock(known)
    for field, value in ANSWERS.items():
        setattr(saved, field, value)
    _join_account(saved, CONNECTORS[connector], {**settings, **known}, timezone.now())
    saved.save()
    _strictest(saved.account)
    if before and before.settings != saved.settings:
        _tell_anew(before, saved)
    if before:
        if before.told_confidential and not saved.told_confidential:
            note_disclosed(saved)
        check_standing(before=before, after=saved)
    elif CONNECTORS[connector].takes_preferences:
        publish(
            kind=RevisionKind.MAPPER,
            key=saved.slug,
            body=first_body(saved),
            author=author,
            reason="The rows that come with the connector",
        )
    lanes.hasten(saved.pk, timezone.now())
    look_again(saved)
    return saved


def _tell_anew(before: Destination, saved: Destination) -> None:
    """Everyone, whatever was confirmed; where it leads elsewhere, as a place of which nothing is known.

    The moment is taken while the row is locked, so that no turn under the old settings is dated after it.
    """
    again = Destination.objects.filter(pk=saved.pk)
    again.update(again=F("again") + 1)
    if _leads_elsewhere(before, saved):
        again.update(moved_at=timezone.now())
        forget_disclosed(saved)
    saved.refresh_from_db(fields=["again", "moved_at"])


def _leads_elsewhere(before: Destination, saved: Destination) -> bool:
    """Is anything not what it was? A name more in a list of names leaves the others where they are."""
    for name, setting in CONNECTORS[saved.connector].settings.items():
        old, new = (each.settings.get(name) or setting.default for each in (before, saved))
        if not old.items() <= new.items() if setting.many and old else old != new:
            return True
    return False


def check_connection(
    *,
    connector: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    state: str,
    agreement: str,
    rate: str = "",
) -> None:
    """Could a connection be saved so? Raises Malformed with what is missing."""
    declared = CONNECTORS.get(connector)
    if declared is None:
        raise Malformed(f"there is no connector {connector!r}; there are {', '.join(CONNECTORS)}")
    if lacks := missing(declared.settings, settings, secrets):
        raise Malformed(f"{lacks.label} is missing")
    if state == DestinationState.LIVE and declared.health_information and not agreement:
        raise Malformed(NO_AGREEMENT)
    try:
        rates.parsed(rate) if rate else None
    except ValueError as words:
        raise Malformed(str(words)) from None


# --- the account whose calls are counted together ---


def rate_of(system: Destination) -> Rate | None:
    """What this system may be called: as staff set it, else as its kind declares."""
    known = CONNECTORS.get(system.connector)
    return rates.parsed(system.rate) if system.rate else known.rate if known else None


def _join_account(saved: Destination, connector: Connector, values: Mapping[str, Any], now: datetime) -> None:
    rate = rate_of(saved)
    if rate is None:
        saved.account = None
        return
    names = {"tokens": rates.holds(rate), "at": now, "calls": rate.calls, "seconds": rate.seconds}
    key = keys.keyed_digest(
        "account", json.dumps([connector.slug, *_whose(connector, values)]).encode()
    ).hex()
    saved.account, _ = Account.objects.get_or_create(key=key, defaults=names)


def _whose(connector: Connector, values: Mapping[str, Any]) -> Iterable[str]:
    """Of an address only the host: two paths there are one account."""
    for name in connector.account:
        value = str(values.get(name) or connector.settings[name].default)
        yield urlsplit(value).netloc if name == "base_url" else value


def _strictest(account: Account | None) -> None:
    """Several systems on one account keep to the lowest rate that any of them was given."""
    if account is None:
        return
    rate = min(filter(None, map(rate_of, account.destination_set.all())), key=rates.per_second)
    Account.objects.filter(pk=account.pk).update(calls=rate.calls, seconds=rate.seconds)


# --- running ---


def look_again(destination: Destination) -> None:
    """Mark everyone at one system: only what differs is sent. Bulk, in chunks, by the engine."""
    ledger.hand_over([(SubjectKind.DESTINATION, destination.slug)], timezone.now(), denies=False)
    transaction.on_commit(wake, robust=True)


def check_agreement(destination: Destination) -> None:
    """Raises Malformed where a system may not go live: no agreement is on record."""
    known = CONNECTORS.get(destination.connector)
    if not destination.agreement and (known is None or known.health_information):
        raise Malformed(NO_AGREEMENT)


@transaction.atomic
def set_state(*, destination: Destination, state: DestinationState) -> None:
    """Pause a system, rehearse what it would be told, or let it go on: what has waited is sent then."""
    if state == DestinationState.LIVE:
        check_agreement(destination)
    before = Destination.objects.select_for_update().get(pk=destination.pk).state
    Destination.objects.filter(pk=destination.pk).update(state=state, **ANSWERS)
    lanes.hasten(destination.pk, timezone.now())
    if before == DestinationState.SHADOW != state:
        look_again(destination)  # what was only rehearsed is due again
    transaction.on_commit(wake, robust=True)


@transaction.atomic
def try_now(*, destination: Destination) -> None:
    """Whatever the circuit breaker says: one row is tried at once, and one answer lets everyone go on."""
    Destination.objects.filter(pk=destination.pk).update(not_before=None, events_after=None)
    lanes.hasten(destination.pk, timezone.now())
    transaction.on_commit(wake, robust=True)


@transaction.atomic
def has_answered(*, destination: Destination) -> None:
    """A test of the connection was answered: where it was left alone, everyone's turn comes."""
    failing = Destination.objects.filter(FAILING, pk=destination.pk)
    if failing.update(**ANSWERS):
        lanes.hasten(destination.pk, timezone.now())
        transaction.on_commit(wake, robust=True)
