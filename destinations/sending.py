"""One turn over HTTP, in a thread of its lane: no database here.

The connector's generator says what to call; the outcome of each row, and the call it rests on, come back.
"""

import hashlib
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings as django_settings

from destinations import credentials, http
from destinations.connectors import CONNECTORS
from destinations.contract import Answer, Call, Connector, Later, Outcome, Reason, Result, Settings, Stuck
from destinations.models import Destination
from destinations.payloads import Prepared
from destinations.scrubbing import excerpt, pattern

log = logging.getLogger(__name__)

CALL_SECONDS = 10.0
DELIVERY_SECONDS = 22.0  # all calls of a turn; well before leases.LEASE ends
_memory: dict[int, dict[str, object]] = {}  # per destination: tokens and the like, for this process


@dataclass(frozen=True, slots=True)
class Turn:
    """A batch under one lease, ready to be sent."""

    destination: Destination
    connector: Connector
    token: UUID
    batch: Sequence[Prepared]
    started_at: datetime


@dataclass(slots=True)
class CallMade:
    """The last call of a turn, so far as it may be kept."""

    what: str = ""
    status: int | None = None
    request_digest: str = ""
    excerpt: str = ""


@dataclass(slots=True)
class Report:
    """What came of a turn: an outcome for each row, and the call it rests on."""

    turn: Turn
    outcomes: dict[str, tuple[Outcome, CallMade]] = field(default_factory=dict)
    calls: int = 0
    took_ms: int = 0


def send(turn: Turn) -> Report:
    """Run the connector's generator over HTTP until every row has an outcome, or time is up."""
    started = time.monotonic()
    report = Report(turn)
    made = CallMade()
    fallback: Outcome = Stuck(Reason.BROKEN, "the connector gave no result")
    delivery = turn.connector.deliver([each.wanted for each in turn.batch], _settings(turn))
    way = way_to(turn.destination, turn.connector)
    answer: Answer | None = None
    try:
        while True:
            step = delivery.send(answer)
            answer = None
            if isinstance(step, Result):
                report.outcomes[step.wanted.id] = (step.outcome, made)
            else:
                made = _call_made(step)
                answer = _call(step, way, started, report, made)
    except StopIteration:
        pass
    except http.NoAnswer as lost:
        fallback = Later(
            Reason.NO_ANSWER if lost.sent else Reason.UNAVAILABLE, None, str(lost), unknown=lost.sent
        )
    except http.Blocked as blocked:
        fallback = Stuck(Reason.BLOCKED, str(blocked))
    except Exception as error:
        # A connector's own fault must not take the lane down; staff see it, the log names the type only.
        log.error("connector failed", extra={"connector": turn.connector.slug, "error": type(error).__name__})
        fallback = Stuck(Reason.BROKEN, type(error).__name__)
    finally:
        delivery.close()
    for each in turn.batch:
        report.outcomes.setdefault(each.wanted.id, (fallback, made))
    report.took_ms = int((time.monotonic() - started) * 1000)
    return report


def _call(call: Call, way: http.Way, started: float, report: Report, made: CallMade) -> Answer:
    deadline = min(time.monotonic() + CALL_SECONDS, started + DELIVERY_SECONDS)
    if deadline <= time.monotonic():
        raise http.NoAnswer("the time for this turn is over", sent=False)
    report.calls += 1
    answer = http.send(call, way, deadline)
    made.status = answer.status
    made.excerpt = excerpt(answer)
    return answer


def _call_made(call: Call) -> CallMade:
    content = json.dumps(
        [call.json, dict(call.form or {}), (call.body or b"").decode("latin-1")], default=str
    )
    return CallMade(f"{call.method} {pattern(call.path)}", None, hashlib.sha256(content.encode()).hexdigest())


def _settings(turn: Turn) -> Settings:
    declared = turn.connector.settings
    values = {name: setting.default for name, setting in declared.items()}
    values |= turn.destination.settings | credentials.unlock(turn.destination.secrets)
    return Settings(values, _memory.setdefault(turn.destination.pk, {}))


def way_to(destination: Destination, connector: Connector) -> http.Way:
    """Where this destination's calls may go."""
    default = connector.settings["base_url"].default if "base_url" in connector.settings else ""
    base_url = destination.settings.get("base_url") or default
    allowed = frozenset(django_settings.HEED_PRIVATE_HOSTS.get(destination.slug, ()))
    return http.Way(base_url.rstrip("/"), connector.may_call, allowed)


def host_of(destination: Destination) -> str:
    """The host that staff see: never a path, which may hold a secret."""
    return urlsplit(way_to(destination, CONNECTORS[destination.connector]).base_url).netloc
