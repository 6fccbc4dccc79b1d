"""People who change their mind at a steady rate, over HTTP, and how long it takes until everyone was told."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Count, Min, QuerySet

from destinations.models import Propagation
from destinations.terms import TOLD
from preferences.models import Holding, Outbox
from tests.benchmarks.client import Connection, in_parallel, post_json
from tests.benchmarks.comparing import Differs, percentile
from tests.benchmarks.people import MARKETING, Known
from tests.benchmarks.processes import gunicorn, process
from tests.benchmarks.scene import Scene
from tests.benchmarks.systems import FOUR

CONNECTIONS = 8  # as many as gunicorn has threads
WARM_UP = 10  # people
PATIENCE = 120.0
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, slots=True)
class Heard:
    """When one person's change was answered, and how long the answer took."""

    who: Known
    answered_at: float
    took: float


@contextmanager
def running(scene: Scene) -> Iterator[int]:
    """Heed as it is run: gunicorn and a qcluster; the web's port."""
    log = scene.directory / "worker.log"
    with ExitStack() as stack:
        stack.enter_context(process(["manage.py", "qcluster"], scene.environment, log))
        yield stack.enter_context(gunicorn([], scene.environment, scene.directory))


def arrive(port: int, key: str, people: Sequence[Known], rate: float) -> list[Heard]:
    """Each at their moment, however long the others before them took."""
    heard: list[Heard] = []
    turn = count()
    start = time.perf_counter() + 0.2

    def visitor() -> None:
        connection = Connection(port)
        while (number := next(turn)) < len(people):
            request = opt_out(people[number], key)
            time.sleep(max(0.0, start + number / rate - time.perf_counter()))
            began = time.perf_counter()
            answer = connection.send(request)
            took = time.perf_counter() - began
            heard.append(Heard(people[number], time.time(), took))
            if answer.status != 200 or b'"recorded"' not in answer.body:
                raise Differs(f"HTTP {answer.status}: {answer.body[:300]!r}")
        connection.close()

    in_parallel(CONNECTIONS, visitor)
    if len(heard) != len(people):
        raise Differs(f"{len(heard)} of {len(people)} calls were answered")
    return heard


def reached(heard: Sequence[Heard]) -> float:
    """How many a second were really answered: a rate that Heed cannot keep up with was never measured."""
    moments = [each.answered_at for each in heard]
    return (len(moments) - 1) / max(max(moments) - min(moments), 1e-9)


def warm_up(port: int, key: str, people: Sequence[Known]) -> None:
    """What is just started imports, connects, and forks: that is no part of any figure."""
    told_after(arrive(port, key, people, len(people)))


def opt_out(who: Known, key: str) -> bytes:
    """As Segment's libraries say it."""
    category, channel = MARKETING
    body = {
        "type": "identify",
        "userId": f"u{who.number}",
        "messageId": str(uuid4()),
        "timestamp": datetime.now(UTC).isoformat(),
        "context": {"consent": {"categoryPreferences": {category: {channel: False}}}},
    }
    return post_json("/v1/identify", body, {"Authorization": f"Bearer {key}"})


def told_after(heard: Sequence[Heard], systems: Sequence[str] = FOUR) -> list[float]:
    """Milliseconds from each answer to the last of these systems acknowledged. Waits until all are."""
    rows = _rows_of([each.who.profile_id for each in heard])
    mine = Propagation.objects.filter(identifier__in=rows, destination__slug__in=systems)
    end = time.monotonic() + PATIENCE
    while Outbox.objects.exists() or mine.filter(due_at__isnull=False).exists():
        if time.monotonic() > end:
            raise Differs(f"after {PATIENCE:.0f} s these rows are not told: {_left(mine)}")
        time.sleep(0.25)
    last: dict[UUID, list[float]] = {each.who.profile_id: [] for each in heard}
    for identifier, state, wanted, acknowledged, at in mine.values_list(
        "identifier_id", "state", "wanted", "acknowledged", "acknowledged_at"
    ):
        if state not in TOLD or wanted != acknowledged or at is None:
            raise Differs(f"a row is {state}, {acknowledged} of {wanted} told")
        last[rows[identifier]].append(at.timestamp())
    if any(len(moments) != len(systems) for moments in last.values()):
        raise Differs("somebody has not one row for each system")
    return [(max(last[each.who.profile_id]) - each.answered_at) * 1000 for each in heard]


def _left(rows: QuerySet[Propagation]) -> list[tuple[Any, ...]]:
    """System, state, reason, failures, and how many rows stand so."""
    ways = ("destination__slug", "state", "reason", "failures")
    left = rows.filter(due_at__isnull=False).values_list(*ways)
    return list(left.annotate(rows=Count("id"), due=Min("due_at"), leased=Min("lease_until")))


def _rows_of(people: Sequence[UUID]) -> dict[UUID, UUID]:
    """The identifiers that systems have rows about, with whose they are."""
    held = Holding.objects.filter(profile__in=people, identifier__kind="email", until__isnull=True)
    return dict(held.values_list("identifier_id", "profile_id")) | {pk: pk for pk in people}


def words(figures: Sequence[float]) -> str:
    """`p50 120, p95 310, p99 400`."""
    return ", ".join(f"{name} {percentile(figures, share):.0f}" for name, share in SHARES.items())
