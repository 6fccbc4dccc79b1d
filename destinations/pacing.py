"""Keeping to an account's rate: its bucket, in a row that all processes share."""

from datetime import datetime, timedelta
from typing import NamedTuple

from destinations import rates
from destinations.contract import Connector, Rate
from destinations.models import Account, Destination
from destinations.rates import Bucket


class Room(NamedTuple):
    """How many rows may be told now, and whether only such that somebody's no waits in."""

    rows: int
    denials_only: bool = False


def allowed(destination: Destination, connector: Connector, rows: int, now: datetime) -> Room:
    """How many of so many rows may be told. None: the lane is held until there is a call to be had."""
    if destination.account_id is None:
        return Room(rows)
    bucket, rate = _bucket(destination.account_id, now)
    free = Bucket(bucket.tokens - rates.kept(rate), bucket.at)
    if wait := rates.seconds_until_one(bucket, rate):
        _hold(destination, not_before=now + timedelta(seconds=wait))
        return Room(0)
    if wait := rates.seconds_until_one(free, rate):
        _hold(destination, facts_after=now + timedelta(seconds=wait))
        return Room(_as_many(rows, bucket, connector), denials_only=True)
    return Room(_as_many(rows, free, connector))


def _hold(destination: Destination, **until: datetime) -> None:
    Destination.objects.filter(pk=destination.pk).update(**until)


def _as_many(rows: int, bucket: Bucket, connector: Connector) -> int:
    return min(rows, max(1, int(bucket.tokens / connector.calls_a_row))) if connector.calls_a_row else rows


def charge(destination: Destination, calls: int, now: datetime) -> None:
    """Take so many calls out of the bucket; what was taken too much is put back with a minus."""
    if destination.account_id is None or not calls:
        return
    bucket, rate = _bucket(destination.account_id, now)
    left = min(rates.holds(rate), bucket.tokens - calls)
    Account.objects.filter(pk=destination.account_id).update(tokens=left, at=bucket.at)


def until_spare(destination: Destination, now: datetime) -> float:
    """Seconds until what can wait may call: what is kept for opt-outs is not for it (`rates.kept`)."""
    account = Account.objects.filter(pk=destination.account_id).first() if destination.account_id else None
    if account is None:
        return 0.0
    rate = Rate(account.calls, account.seconds)
    bucket = rates.filled(Bucket(account.tokens, account.at), rate, now)
    return rates.seconds_until_one(Bucket(bucket.tokens - rates.kept(rate), bucket.at), rate)


def expected(connector: Connector, rows: int) -> int:
    """About how many calls so many rows take: taken out beforehand, so that workers see each other's."""
    return max(1, rows * connector.calls_a_row) if rows else 0


def _bucket(account_id: int, now: datetime) -> tuple[Bucket, Rate]:
    # Locked to the end of the transaction; whoever holds it waits for nobody (leases skip what is locked).
    account = Account.objects.select_for_update().get(pk=account_id)
    rate = Rate(account.calls, account.seconds)
    return rates.filled(Bucket(account.tokens, account.at), rate, now), rate
