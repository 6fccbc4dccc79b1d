"""Working until nothing is due: mark, lease, send, settle, many systems side by side.

The main thread does database only, threads do HTTP only. Each system has a lane of its own, so that one that
hangs delays nobody else; the drain never waits for a thread, and what still hangs when it leaves is left to
its lease.
"""

import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from django.db import connection
from django.utils import timezone

from destinations import delivery, leases, marking, sending
from destinations.connectors import CONNECTORS
from destinations.contract import Connector
from destinations.forwarding import routing, turns
from destinations.models import Destination
from destinations.sending import Report, Turn
from destinations.terms import DestinationState
from preferences.sql import placeholders, time_in

LOOK_SECONDS = 0.05
STAY_SECONDS = 5.0  # it stays while something falls due within
LEAVE_SECONDS = 40.0  # well before django-q's timeout
TAKE_SECONDS = 18.0  # what is taken later might not be settled before it leaves; the next run takes it
TURN_SECONDS = 0.25
FIRST_ROWS = 10
BEAT_SECONDS = 3.0  # it shows that it lives
LINGER_SECONDS = 0.5  # after the last thing done: a burst goes on, and a new task would take longer to start


class Line(Protocol):
    """What stands in line at a system: preferences, or events."""

    def take(self, destination_id: int, at_most: int) -> Turn[Any] | None: ...
    def settle(self, report: Report[Any]) -> None: ...


def lines_of(connector: Connector | None) -> list[Line]:
    """Preferences first: somebody's no waits for no event."""
    takes = {"preferences": connector is None or connector.takes_preferences}
    takes["events"] = connector is not None and connector.takes_events
    return [line for name, line in (("preferences", PREFERENCES), ("events", EVENTS)) if takes[name]]


PREFERENCES: Line = delivery
EVENTS: Line = turns


class Waiting(NamedTuple):
    """A system that has something to be told. `paced`: at most its rate limit holds that back."""

    destination: int
    due_at: datetime
    paced: bool


class Stands(NamedTuple):
    """How a system stands, as it is read: what is due there, and what holds it back."""

    destination: int
    failures: int
    due: datetime | str | None
    event_due: datetime | str | None
    not_before: datetime | str | None
    facts_after: datetime | str | None
    events_after: datetime | str | None
    a_no_waits: bool | None

    def waiting(self, now: datetime) -> list[Waiting]:
        """Its preferences and its events, so far as any wait."""
        facts_after = None if self.a_no_waits else self.facts_after
        lines = (
            (self.due, [self.not_before, facts_after]),
            (self.event_due, [self.not_before, self.facts_after, self.events_after]),
        )
        return [self._waiting(due, held, now) for due, held in lines if due]

    def _waiting(self, due: datetime | str, held: Sequence[datetime | str | None], now: datetime) -> Waiting:
        since = _instant(due)
        turn = max([since, *(_instant(each) for each in held if each)])
        return Waiting(self.destination, turn, paced=not self.failures and since <= now)


@dataclass(slots=True)
class Lane:
    """The threads of one system."""

    pool: ThreadPoolExecutor
    cap: int
    lines: Sequence[Line]
    running: int = 0
    rows: dict[int, int] = field(default_factory=dict)  # how many are taken in one turn, line by line

    def next(self, destination: int) -> tuple[Line, Turn[Any]] | None:
        """The next turn, of the first line that has one."""
        for line in self.lines if self.running < self.cap else ():
            if (turn := line.take(destination, self.rows.get(id(line), FIRST_ROWS))) is not None:
                return line, turn
        return None

    def learn(self, line: Line, report: Report[Any]) -> None:
        """A turn takes about a quarter of a second: many rows where that is cheap, few where it is slow."""
        if report.turn.batch:
            seconds = max(report.took_ms, 1) / 1000 / len(report.turn.batch)
            before = self.rows.get(id(line), FIRST_ROWS)
            self.rows[id(line)] = max(1, min(2 * before, int(TURN_SECONDS / seconds)))


@dataclass(slots=True)
class Drain:
    """One run, in the foreground of whoever calls it."""

    linger: float = LINGER_SECONDS  # 0: wait for nobody, not even for the end of another's lease
    progress: Callable[[int], None] = lambda told: None
    beat: Callable[[], None] = lambda: None
    makes_way: Callable[[], bool] = lambda: False  # for somebody who waits for this worker
    taking: bool = True  # then it settles what it has begun, and leaves
    lanes: dict[int, Lane] = field(default_factory=dict)
    reports: "queue.SimpleQueue[tuple[int, Line, Report[Any]]]" = field(default_factory=queue.SimpleQueue)
    told: int = 0

    def run(self) -> int:
        """Drain until nothing is due soon; returns how many rows were settled."""
        started = busy = beaten = time.monotonic()
        try:
            while (elapsed := time.monotonic() - started) < LEAVE_SECONDS:
                self.taking = self.taking and elapsed < TAKE_SECONDS
                worked = self._mark() + (self._lease() if self.taking else 0)
                worked += self._settle(0.0 if worked else LOOK_SECONDS)
                if time.monotonic() - beaten > BEAT_SECONDS:
                    self.beat()
                    self.taking = self.taking and not self.makes_way()
                    beaten = time.monotonic()
                if not (self.taking or self._calls()):
                    break
                if worked:
                    busy = time.monotonic()
                elif self._may_leave(time.monotonic() - busy, left=TAKE_SECONDS - elapsed):
                    break
        finally:
            for lane in self.lanes.values():
                lane.pool.shutdown(wait=False, cancel_futures=True)
        return self.told

    def _mark(self) -> int:
        now = timezone.now()
        return marking.mark(now) + routing.route(now)

    def _lease(self) -> int:
        taken = 0
        now = timezone.now()
        for destination in dict.fromkeys(each.destination for each in self._due(now) if each.due_at <= now):
            taken += self._fill(destination)
        return taken

    def _fill(self, destination: int) -> int:
        """Start as many deliveries of one system as its lane has room for."""
        lane = self.lanes.get(destination) or self._open(destination)
        taken = 0
        while self.taking and (found := lane.next(destination)) is not None:
            line, turn = found
            taken += 1
            if turn.batch:
                lane.running += 1
                lane.pool.submit(self._send, destination, line, turn)
        return taken

    def _open(self, destination: int) -> Lane:
        row = Destination.objects.only("connector", "in_flight_max").get(pk=destination)
        connector = CONNECTORS.get(row.connector)
        cap = row.in_flight_max or (connector.in_flight_max if connector else 1)
        pool = ThreadPoolExecutor(cap, thread_name_prefix="lane")
        self.lanes[destination] = Lane(pool, cap, lines_of(connector))
        return self.lanes[destination]

    def _send(self, destination: int, line: Line, turn: Turn[Any]) -> None:
        """In a thread: no database here."""
        self.reports.put((destination, line, sending.send(turn)))

    def _settle(self, wait: float) -> int:
        """Write what has come back, waiting that many seconds for the first."""
        settled = 0
        while True:
            try:
                come = self.reports.get(timeout=wait) if wait else self.reports.get_nowait()
            except queue.Empty:
                return settled
            destination, line, report = come
            self.lanes[destination].running -= 1
            self.lanes[destination].learn(line, report)
            line.settle(report)
            settled += 1
            self.told += len(report.turn.batch)
            self.progress(self.told)
            settled += self._fill(destination)
            wait = 0.0

    def _due(self, now: datetime) -> list[Waiting]:
        """Each system that waits for something, unless paused, and when its turn comes: an index seek or two.

        One whose connector was removed waits for the connector, and nobody here for it.
        """
        rows = "FROM destinations_propagation p WHERE p.destination_id = d.id"
        events = "FROM destinations_forwarding f WHERE f.destination_id = d.id"
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, failures, due, event_due, not_before, facts_after, events_after, a_no_waits FROM"  # noqa: S608
                " (SELECT d.id, d.failures, d.not_before, d.facts_after, d.events_after,"
                f" (SELECT min(p.due_at) {rows} AND p.due_at IS NOT NULL) AS due,"
                f" (SELECT min(f.due_at) {events} AND f.due_at IS NOT NULL) AS event_due,"
                f" CASE WHEN d.facts_after > %s THEN EXISTS (SELECT 1 {rows}"
                " AND p.deadline_at IS NOT NULL AND p.due_at <= %s) END AS a_no_waits"
                " FROM destinations_destination d WHERE d.state <> %s"
                f" AND d.connector IN ({placeholders(len(CONNECTORS))})) AS waiting"
                " WHERE due IS NOT NULL OR event_due IS NOT NULL",
                [time_in(now), time_in(now), DestinationState.PAUSED.value, *CONNECTORS],
            )
            found = [Stands(*each) for each in cursor.fetchall()]
        return [each for one in found for each in one.waiting(now)]

    def _calls(self) -> bool:
        return any(lane.running for lane in self.lanes.values())

    def _may_leave(self, idle: float, *, left: float) -> bool:
        """`left`: for how many seconds it could still take something."""
        if self._calls():
            return False
        now = timezone.now()
        if idle < self.linger or any(
            each.due_at <= self._stays_until(each, now, left) for each in self._due(now)
        ):
            return False
        return not (self.linger and leases.anybody_calls(now))

    def _stays_until(self, each: Waiting, now: datetime, left: float) -> datetime:
        """Whoever leaves while a system waits for its rate limit leaves that unused until the next sweep."""
        patient = each.paced and self.linger
        return now + timedelta(seconds=max(left, STAY_SECONDS) if patient else STAY_SECONDS)


def _instant(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else timezone.make_aware(moment, timezone.get_fixed_timezone(0))
