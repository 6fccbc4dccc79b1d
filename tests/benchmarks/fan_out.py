"""CPU for one change with 1, 10 and 50 systems to tell: record must not know of them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from django.utils import timezone

from destinations import delivery, marking
from destinations.models import Destination, Propagation
from preferences.models import Outbox
from preferences.services import Choice, record
from preferences.terms import State
from tests.benchmarks import people, systems
from tests.benchmarks.comparing import Differs, Line
from tests.benchmarks.people import MARKETING, Known
from tests.benchmarks.scene import Scene

FEW, SOME, MANY = 1, 10, 50
NOWHERE = "http://127.0.0.1:9/"  # nothing is sent: the measured part ends with the lease
RECORD_STAYS_FLAT = 1.15


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of this process's CPU for one change (SQLite works in this process, too)."""

    record: float
    mark: float
    lease: float

    @property
    def whole(self) -> float:
        return self.record + self.mark + self.lease


def run(scene: Scene) -> list[Line]:
    """The three sizes in turn, systems coming and going."""
    known = people.settle(people.patients(scene.size(200, 20)))
    Outbox.objects.all().delete()
    costs: dict[int, list[Cost]] = {FEW: [], SOME: [], MANY: []}
    for _ in range(scene.rounds):
        for count, found in costs.items():
            _connect(scene, count)
            _cost(known, count)  # rows that are new are a little dearer: measured is what happens every day
            found.append(_cost(known, count))
    return [line for count in (SOME, MANY) for line in _lines(costs[FEW], costs[count], count)]


def _connect(scene: Scene, count: int) -> None:
    systems.disconnect_all()
    for number in range(count):
        systems.webhook(scene, f"system{number}", NOWHERE)
    Destination.objects.update(in_flight_max=30_000)  # no lane is ever full: nothing is settled here
    Outbox.objects.all().delete()


def _cost(known: Sequence[Known], count: int) -> Cost:
    Propagation.objects.update(lease_token=None, lease_until=None, due_at=None)
    cost = Cost(
        _each(known, lambda: _record(known)),
        _each(known, _mark),
        _each(known, lambda: _lease(len(known) * count)),
    )
    if (
        Outbox.objects.exists()
        or Propagation.objects.filter(lease_token__isnull=False).count() != len(known) * count
    ):
        raise Differs("not every system was marked and leased for everybody")
    return cost


def _each(known: Sequence[Known], work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) / len(known) * 1e6


def _record(known: Sequence[Known]) -> None:
    said = people.said()
    for each in known:
        record(profile_id=each.profile_id, choices=[Choice(*MARKETING, State.OUT)], said=said)


def _mark() -> None:
    while marking.mark(timezone.now()):
        pass


def _lease(rows: int) -> None:
    taken = 0
    for pk in Destination.objects.values_list("id", flat=True):
        while turn := delivery.take(pk, 50):
            taken += len(turn.batch)
    if taken != rows:
        raise Differs(f"{taken} of {rows} rows would have been sent")


def _lines(few: Sequence[Cost], many: Sequence[Cost], count: int) -> list[Line]:
    return [
        _line(
            f"CPU of {step}, {count} systems to 1",
            few,
            many,
            step,
            RECORD_STAYS_FLAT if step == "record" else None,
        )
        for step in ("record", "mark", "lease", "whole")
    ]


def _line(what: str, few: Sequence[Cost], many: Sequence[Cost], step: str, aim: float | None) -> Line:
    pairs = [(getattr(more, step), getattr(one, step)) for more, one in zip(many, few, strict=True)]
    ratios = [more / one for more, one in pairs]
    more, one = (median(column) for column in zip(*pairs, strict=True))
    return Line(
        what, f"{more:,.0f} µs", f"{one:,.0f} µs", median(ratios), min(ratios), max(ratios), aim, True
    )
