"""People told in a second when many wait: `Drain` against `requests` making the same calls."""

import json
import time
from collections import Counter
from collections.abc import Sequence

import requests
from django.utils import timezone

from destinations import marking
from destinations.connectors import CONNECTORS
from destinations.drain import Drain
from destinations.models import Propagation
from destinations.services import save_destination
from destinations.terms import DestinationState, Purpose
from preferences.models import Outbox
from preferences.services import Choice, record
from preferences.terms import State
from tests.benchmarks import people, systems
from tests.benchmarks.comparing import Differs, Line, compared
from tests.benchmarks.floor_drain import Call, replay
from tests.benchmarks.people import MARKETING, Known
from tests.benchmarks.scene import Scene

AIM = 0.7
GROUP = 101


def run(scene: Scene) -> list[Line]:
    """One POST a person (webhook), and lists of addresses (SendGrid)."""
    lines = []
    for slug, first in (("webhook", 0), ("sendgrid", 100_000)):
        _connect(scene, slug)
        count = scene.size(1_000, 60)
        known = people.settle(people.patients(count * scene.rounds, first))
        systems.in_sync()
        pairs = []
        for start in range(0, len(known), count):
            _heard(scene)
            heed = count / _drained(known[start : start + count])
            calls = _heard(scene)
            floor = count / replay(calls, scene.urls["stub"], CONNECTORS[slug].in_flight_max)
            _same(calls, _heard(scene), known[start : start + count])
            pairs.append((heed, floor))
        lines.append(compared(f"drain to {slug}, {scene.on}", pairs, " people/s", aim=AIM))
        systems.disconnect_all()
    return lines


def _connect(scene: Scene, slug: str) -> None:
    if slug == "webhook":
        systems.webhook(scene, slug, scene.urls["stub"] + "/hook")
        return
    save_destination(
        slug=slug,
        connector=slug,
        name="SendGrid",
        public_label="Our email service",
        purpose=Purpose.MARKETING,
        state=DestinationState.LIVE,
        settings={"base_url": scene.urls["stub"], "groups": {MARKETING[0]: GROUP}},
        secrets={"api_key": "SG.benchmark"},
        agreement="a benchmark: invented people only",
        reads_back=False,  # the stub keeps nothing that could be read
        author="benchmark",
    )


def _drained(known: Sequence[Known]) -> float:
    """Seconds to tell that everyone of these opted out; the backlog is there before."""
    said = people.said()
    for each in known:
        record(profile_id=each.profile_id, choices=[Choice(*MARKETING, State.OUT)], said=said)
    while marking.mark(timezone.now()):
        pass
    waiting = Propagation.objects.filter(due_at__isnull=False)
    if waiting.count() != len(known) or Outbox.objects.exists():
        raise Differs(f"{waiting.count()} rows wait for {len(known)} people")
    started = time.perf_counter()
    Drain(linger=0.0).run()
    took = time.perf_counter() - started
    if waiting.exists():
        raise Differs("the drain left before everyone was told")
    return took


def _heard(scene: Scene) -> list[Call]:
    log = requests.get(f"{scene.urls['stub']}/_log", timeout=30).json()
    return [(method, path, headers, body) for method, path, headers, body in log]


def _same(heed: Sequence[Call], floor: Sequence[Call], known: Sequence[Known]) -> None:
    """Both sides made the same calls, and those named everybody."""
    if Counter(map(json.dumps, heed)) != Counter(map(json.dumps, floor)):
        raise Differs("the floor did not make the calls that Heed made")
    said = "".join(body for _, _, _, body in heed)
    if any(each.email not in said for each in known):
        raise Differs("somebody was not named to the stub")
