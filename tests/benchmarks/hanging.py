"""The same latencies at 20 people a second, with and without more hanging systems than there are workers."""

import sys
from collections.abc import Sequence

import requests

from destinations.models import Destination
from destinations.services import set_state
from destinations.terms import DestinationState
from tests.benchmarks import people, systems
from tests.benchmarks.arriving import SHARES, WARM_UP, arrive, running, told_after, warm_up, words
from tests.benchmarks.comparing import Differs, Line, compared, percentile
from tests.benchmarks.people import Known
from tests.benchmarks.scene import HANGING, Scene

RATE = 20
AIM = 1.5


def run(scene: Scene) -> list[Line]:
    """The hanging systems are paused and let go on in turn; the floor is Heed itself without them."""
    each = scene.size(2_000, 60) // scene.rounds
    patients = people.patients(WARM_UP + each * scene.rounds * 2)
    systems.connect_the_four(scene, patients)
    known, key = people.settle(patients), people.api_key()
    dead = [
        systems.webhook(scene, f"hang{number}", scene.urls["hang"] + "/hooks/heed", DestinationState.PAUSED)
        for number in range(HANGING)
    ]
    systems.in_sync()
    requests.post(f"{scene.urls['hang']}/_faults", json={"hang": True}, timeout=10).raise_for_status()
    parts = iter([known[start : start + each] for start in range(WARM_UP, len(known), each)])
    with_them: list[list[float]] = []
    without: list[list[float]] = []
    with running(scene) as port:
        warm_up(port, key, known[:WARM_UP])
        for _ in range(scene.rounds):
            _let(dead, DestinationState.LIVE)
            with_them.append(_measured(port, key, next(parts)))
            _let(dead, DestinationState.PAUSED)
            without.append(_measured(port, key, next(parts)))
    _was_called(scene)
    what = f"to the last of four, {RATE} people/s, {HANGING} more hang, {scene.on}"
    pooled = [[one for part in parts for one in part] for parts in (with_them, without)]
    sys.stdout.write(f"{what}: {words(pooled[0])} ms; without them {words(pooled[1])} ms\n")
    return [
        compared(f"{what}: {name}", _pairs(with_them, without, share), " ms", aim=AIM, at_most=True)
        for name, share in SHARES.items()
    ]


def _measured(port: int, key: str, who: Sequence[Known]) -> list[float]:
    return told_after(arrive(port, key, who, RATE))


def _pairs(
    with_them: Sequence[Sequence[float]], without: Sequence[Sequence[float]], share: float
) -> list[tuple[float, float]]:
    return [(percentile(a, share), percentile(b, share)) for a, b in zip(with_them, without, strict=True)]


def _let(dead: Sequence[Destination], state: DestinationState) -> None:
    for each in dead:
        set_state(destination=each, state=state)


def _was_called(scene: Scene) -> None:
    calls = requests.get(f"{scene.urls['hang']}/_requests", timeout=10).json()["requests"]
    if len(calls) < HANGING:
        raise Differs("nobody called the systems that hang")
