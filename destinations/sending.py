"""One turn over HTTP, in a thread of its lane: no database here.

The connector's generator says what to call; the outcome of each row, and the call it rests on, come back.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from django.conf import settings as django_settings

from destinations import credentials, halving, http, ways
from destinations.contract import (
    About,
    Answer,
    Call,
    Connector,
    Delivery,
    Held,
    Later,
    Outcome,
    Reason,
    Result,
    Settings,
    Stuck,
)
from destinations.models import Destination
from destinations.scrubbing import excerpt, pattern
from preferences import keys

log = logging.getLogger(__name__)

CALL_SECONDS = 10.0
DELIVERY_SECONDS = 22.0  # all calls of a turn; well before leases.LEASE ends
_memory: dict[int, dict[str, object]] = {}  # per destination: tokens and the like, for this process


class Ready(Protocol):
    """A row with what is to be told of it: a Wanted, or a Forwarded."""

    @property
    def wanted(self) -> Any: ...


Row = TypeVar("Row", bound=Ready)


@dataclass(frozen=True, slots=True)
class Turn(Generic[Row]):
    """A batch under one lease, ready to be sent. `tell`: the connector's generator for what it holds."""

    destination: Destination
    connector: Connector
    tell: Callable[[Sequence[Any], Settings], Delivery]
    token: UUID
    batch: Sequence[Row]
    started_at: datetime
    charged: int = 0  # calls taken from the account's bucket beforehand


@dataclass(slots=True)
class CallMade:
    """The last call of a turn, so far as it may be kept."""

    what: str = ""
    status: int | None = None
    request_digest: str = ""
    excerpt: str = ""


@dataclass(slots=True)
class Report(Generic[Row]):
    """What came of a turn: an outcome for each row, and the call it rests on."""

    turn: Turn[Row]
    outcomes: dict[str, tuple[Outcome, CallMade]] = field(default_factory=dict)
    last: CallMade = field(default_factory=CallMade)
    claims: Mapping[str, Mapping[str, Held]] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)  # Wanted ids that a call was about
    learnt: dict[str, Mapping[str, Held] | None] = field(
        default_factory=dict
    )  # before halves were told alone
    calls: int = 0
    took_ms: int = 0


class TurnOver(Exception):
    """The time for this turn is over; what is left has its turn next."""


def send(turn: Turn[Row]) -> Report[Row]:
    """Run the connector's generator over HTTP until every row has an outcome, or time is up."""
    started = time.monotonic()
    report: Report[Row] = Report(turn)
    left: list[Sequence[About]] = [[each.wanted for each in turn.batch]]
    while left:
        batch = left.pop(0)
        _tell(batch, report, started)
        left[:0] = halving.halves(batch, report.outcomes, turn.connector.items)
        if any(isinstance(report.outcomes[each.id][0], Later) for each in batch):
            break  # it passes by itself: whoever is left is not called about now
    for each in (each for batch in left for each in batch):
        report.outcomes[each.id] = (_has_its_turn_next(report, each), CallMade())
    report.took_ms = int((time.monotonic() - started) * 1000)
    return report


def _tell(batch: Sequence[About], report: Report[Any], started: float) -> None:
    """An outcome for each of these. Where halves are told alone, what the whole has learnt is kept."""
    report.last, report.claims, report.reached = CallMade(), {}, set()
    for each in batch:
        report.learnt[each.id] = getattr(report.outcomes.pop(each.id, (None,))[0], "held", None)
    try:
        fallback = _run(batch, report, started)
    except credentials.Unreadable:
        fallback = Stuck(Reason.REJECTED_CONFIG, "the credentials can't be read any more: enter them again")
    for each in batch:
        if each.id not in report.outcomes:
            report.outcomes[each.id] = _left_with(fallback, report, each)


def _run(batch: Sequence[About], report: Report[Any], started: float) -> Outcome:
    """Drive the generator; returns what became of the rows that it gave no result for. Raises Unreadable."""
    turn = report.turn
    settings = settings_for(turn.destination, turn.connector)
    delivery = turn.tell(batch, settings)
    way = way_to(turn.destination, turn.connector)
    answer: Answer | None = None
    try:
        while True:
            step, answer = delivery.send(answer), None
            if isinstance(step, Result):
                report.outcomes[step.wanted.id] = (step.outcome, report.last)
            else:
                answer = _call(step, way, started, report)
    except StopIteration:
        return _given_none(batch, report)
    except http.NoAnswer as lost:
        reason = Reason.NO_ANSWER if lost.sent else Reason.UNAVAILABLE
        return Later(reason, None, str(lost), unknown=lost.sent)
    except http.Blocked as blocked:
        return Stuck(Reason.BLOCKED, str(blocked))
    except TurnOver:
        return Later(Reason.TURN_OVER, 0.0)
    except Exception as error:
        # A connector's own fault must not take the lane down; staff see it, the log names the type only.
        log.error("connector failed", extra={"connector": turn.connector.slug, "error": type(error).__name__})
        return Stuck(Reason.BROKEN, type(error).__name__)
    finally:
        delivery.close()


def _given_none(batch: Sequence[About], report: Report[Any]) -> Outcome:
    """Events that come after one that has to wait are given no result; anything else is a fault."""
    given = [report.outcomes[each.id][0] for each in batch if each.id in report.outcomes]
    if any(isinstance(outcome, Later) for outcome in given):
        return Later(Reason.TURN_OVER, 0.0)
    return Stuck(Reason.BROKEN, "the connector gave no result")


def _left_with(fallback: Outcome, report: Report[Any], each: About) -> tuple[Outcome, CallMade]:
    """How a row ends that was given no result: what its calls have written, or may have, is known.

    Whom no call was about has lost nothing with the answer to one, and has its turn next.
    """
    if isinstance(fallback, Later) and each.id not in report.reached:
        return _has_its_turn_next(report, each), CallMade()
    claims = report.claims.get(each.id, report.learnt[each.id])
    if claims is not None and isinstance(fallback, Later | Stuck):
        return replace(fallback, held=claims), report.last
    return fallback, report.last


def _has_its_turn_next(report: Report[Any], each: About) -> Later:
    return Later(Reason.TURN_OVER, 0.0, held=report.learnt[each.id])


def _call(call: Call, way: http.Way, started: float, report: Report[Any]) -> Answer:
    deadline = min(time.monotonic() + CALL_SECONDS, started + DELIVERY_SECONDS)
    if deadline <= time.monotonic():
        raise TurnOver
    report.last = made = call_made(call)
    report.calls += 1
    report.reached.update(call.claims)
    try:
        answer = ways.send(call, way, deadline)
    except http.NoAnswer as lost:
        if lost.sent:
            report.claims = call.claims
        if not call.claims:  # a sign-in, or a list: it was about everybody
            report.reached.update(each.wanted.id for each in report.turn.batch)
        raise
    report.claims = call.claims
    made.status, made.excerpt = answer.status, excerpt(answer)
    return answer


def call_made(call: Call) -> CallMade:
    """What of a call may be kept."""
    content = json.dumps(
        [call.json, dict(call.form or {}), (call.body or b"").decode("latin-1")], default=str
    )
    # Keyed: whoever guesses at an address must not be able to try it against what was sent.
    digest = keys.keyed_digest("request", content.encode()).hex()
    return CallMade(f"{call.method} {pattern(call.path)}", None, digest)


def settings_for(destination: Destination, connector: Connector) -> Settings:
    """What a connector is given to work with. Raises credentials.Unreadable."""
    values = {name: setting.default for name, setting in connector.settings.items()}
    values |= destination.settings | credentials.unlock(bytes(destination.secrets))
    memory = _memory.setdefault(destination.pk, {})
    return Settings(values, memory, reads_back=connector.reads_back and destination.reads_back)


def way_to(destination: Destination, connector: Connector) -> http.Way:
    """Where this destination's calls may go. Raises credentials.Unreadable."""
    default = connector.settings["base_url"].default if "base_url" in connector.settings else ""
    base_url = destination.settings.get("base_url") or default
    allowed = frozenset(django_settings.HEED_PRIVATE_HOSTS.get(destination.slug, ()))
    return http.Way(base_url, connector.allowed(settings_for(destination, connector)), allowed)
