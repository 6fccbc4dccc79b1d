"""A rehearsal: what would be called, were the system live. Nothing leaves, and nothing is confirmed.

The connector's own generator runs, and is answered as by a system that knows the person and holds nothing yet
(`Connector.rehearse`): the real one may make fewer calls, or need more.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, F, Value, When

from destinations import credentials
from destinations.contract import (
    Answer,
    Call,
    Connector,
    Delivery,
    Later,
    Outcome,
    Reason,
    Settings,
    Stuck,
    Wanted,
)
from destinations.models import Attempt, Destination, Propagation
from destinations.payloads import Prepared
from destinations.sending import CallMade, call_made, settings_for
from destinations.terms import PropagationState

CALLS_MAX = 40
UNREADABLE = "the credentials can't be read any more: enter them again"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The calls for one row, and how it ends if they are answered well."""

    calls: tuple[CallMade, ...]
    outcome: Outcome | None

    @property
    def in_words(self) -> str:
        """`GET /lists, PUT /lists/*/members/* (3 times)`."""
        counted = Counter(each.what for each in self.calls)
        return ", ".join(f"{what} ({times} times)" if times > 1 else what for what, times in counted.items())


def rehearse(
    destination: Destination, connector: Connector, batch: Sequence[Prepared], now: datetime
) -> None:
    """Write down what would be called for each of these rows, which the caller has locked.

    `acknowledged`, the digest and the age of an opt-out stay as they are. A lease that had run out was a real
    call of which nobody knows the end: that is kept, for when the system goes live again.
    """
    Attempt.objects.bulk_create(_attempt(destination, connector, each, now) for each in batch)
    Propagation.objects.filter(pk__in=[each.row.id for each in batch]).update(
        state=PropagationState.SHADOW,
        reason="",
        detail="",
        due_at=None,
        unknown_at=Case(When(lease_token__isnull=False, then=Value(now)), default=F("unknown_at")),
        lease_token=None,
        lease_until=None,
    )


def _attempt(destination: Destination, connector: Connector, each: Prepared, now: datetime) -> Attempt:
    found = _rehearsed(destination, connector, each)
    wrong = found.outcome if isinstance(found.outcome, Later | Stuck) else None
    return Attempt(
        propagation_id=each.row.id,
        token=uuid.uuid4(),
        leased=each.row.wanted,
        started_at=now,
        outcome=PropagationState.SHADOW,
        reason=wrong.reason if wrong else "",
        detail=wrong.detail[:200] if wrong else "",
        call=found.in_words[:200],
        calls=len(found.calls),
        request_digest=found.calls[-1].request_digest if found.calls else "",
    )


def _rehearsed(destination: Destination, connector: Connector, each: Prepared) -> Rehearsal:
    calls: list[CallMade] = []
    outcome: Outcome | None = None
    try:
        declared = settings_for(destination, connector)
        settings = Settings(
            declared.values
        )  # no session is borrowed, and what is not written is not read back
        for step in steps(connector, each.wanted, settings):
            if isinstance(step, Call):
                calls.append(call_made(step))
            else:
                outcome = step
    except credentials.Unreadable:
        outcome = Stuck(Reason.REJECTED_CONFIG, UNREADABLE)
    except Exception as error:  # a connector's own fault, as in destinations.sending
        outcome = Stuck(Reason.BROKEN, type(error).__name__)
    return Rehearsal(tuple(calls), outcome)


def steps(connector: Connector, wanted: Wanted, settings: Settings) -> Iterator[Call | Outcome]:
    """What a connector would do about one row, answered by itself."""
    delivery = connector.deliver([wanted], settings)
    return played(delivery, lambda call: connector.rehearse(call, wanted, settings), CALLS_MAX)


def played(delivery: Delivery, answered: Callable[[Call], Answer], at_most: int) -> Iterator[Call | Outcome]:
    """The calls and outcomes of a delivery, so many at most, where each call is answered like that."""
    step = next(delivery, None)
    for _ in range(at_most):
        if step is None:
            break
        if isinstance(step, Call):
            yield step
            answer = answered(step)
        else:
            yield step.outcome
            answer = None
        try:
            step = delivery.send(answer)
        except StopIteration:
            break
    delivery.close()
