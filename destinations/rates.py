"""How fast an account may be called: a bucket of tokens, as pure arithmetic. A vendor's Retry-After beats it.

A call costs a token, tokens flow in at the account's rate. How many calls a batch takes is known only when it
is over, so a bucket may fall below nothing, and is then waited for. Its last fifth is for opt-outs alone.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from destinations.contract import Rate

SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
KEPT = 0.2  # the share of a full bucket that only opt-outs may use
FULL_AFTER = 10.0  # seconds, or a 24th of the span: what may be called at once after a silence


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many tokens there were at a moment."""

    tokens: float
    at: datetime


def parsed(text: str) -> Rate:
    """`600/minute`. Raises ValueError."""
    found = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(second|minute|hour|day)s?\s*", text)
    if not found or not int(found[1]):
        raise ValueError("write a rate as 5/second, 600/minute, 1000/hour or 100000/day")
    return Rate(int(found[1]), SECONDS[found[2]])


def in_words(rate: Rate) -> str:
    """`600 calls a minute`."""
    named = next((name for name, seconds in SECONDS.items() if seconds == rate.seconds), "")
    return f"{rate.calls:,} calls {f'a {named}' if named else f'in {rate.seconds} seconds'}"


def per_second(rate: Rate) -> float:
    return rate.calls / rate.seconds


def holds(rate: Rate) -> float:
    """What a full bucket holds: never less than one call, never more than the vendor's own span allows."""
    return max(1.0, per_second(rate) * min(rate.seconds, max(FULL_AFTER, rate.seconds / 24)))


def filled(bucket: Bucket, rate: Rate, now: datetime) -> Bucket:
    """As it stands now. A clock that runs backwards adds nothing."""
    passed = max((now - bucket.at).total_seconds(), 0.0)
    return Bucket(min(holds(rate), bucket.tokens + passed * per_second(rate)), max(now, bucket.at))


def kept(rate: Rate) -> float:
    """What only opt-outs may use. Where a bucket holds one call, that is for whoever comes first."""
    return min(KEPT * holds(rate), holds(rate) - 1.0)


def seconds_until_one(bucket: Bucket, rate: Rate) -> float:
    """How long until a call may be made; 0: now."""
    return max(1.0 - bucket.tokens, 0.0) / per_second(rate)
