"""Events forwarded in a second when many wait, each judged on its way: `Drain` against `requests` alone."""

import json
import time
from collections import Counter
from collections.abc import Sequence

import requests
from django.utils import timezone

from destinations.connectors import CONNECTORS
from destinations.drain import Drain
from destinations.forwarding.routing import route
from destinations.models import Destination, Event, Forwarding
from destinations.services import save_destination
from destinations.services.tracking import track
from destinations.terms import DestinationState, ForwardingState, Purpose
from destinations.tracked import Tracked
from governance.mission import BODY
from governance.terms import POLICY
from preferences import identity
from preferences.services import publish
from preferences.terms import IdentifierKind, RevisionKind
from tests.benchmarks import people, systems
from tests.benchmarks.comparing import Differs, Line, compared
from tests.benchmarks.floor_drain import Call, replay
from tests.benchmarks.people import PARTNER, Known
from tests.benchmarks.scene import Scene
from tests.governance.listing import allow

AIM = 0.4
NAME = "appointment_booked"


def run(scene: Scene) -> list[Line]:
    """One POST an event (webhook), and hundreds in one (Segment)."""
    _rules()
    lines = []
    for slug, first in (("webhook", 0), ("segment", 100_000)):
        count = scene.size(500, 60)
        known = people.settle(people.patients(count * scene.rounds, first))
        systems.in_sync()
        _connect(scene, slug)
        systems.in_sync()
        pairs = []
        for start in range(0, len(known), count):
            _heard(scene)
            heed = count / _forwarded(known[start : start + count])
            calls = _heard(scene)
            floor = count / replay(calls, scene.urls["stub"], CONNECTORS[slug].in_flight_max)
            _same(calls, _heard(scene))
            pairs.append((heed, floor))
        lines.append(compared(f"forward to {slug}, {scene.on}", pairs, " events/s", aim=AIM))
        _disconnect()
    return lines


def _rules() -> None:
    """The policy from the start, with a stance under which these events pass."""
    allow(NAME, properties={"value": "plain", "clinic": "plain"})
    body = {**BODY, "stances": {**BODY["stances"], "other": "allow"}}
    publish(
        kind=RevisionKind.POLICY,
        key=POLICY,
        body=body,
        author="benchmark",
        reason="Benchmark",
        approved_by="another",
    )


def _connect(scene: Scene, slug: str) -> None:
    if slug == "webhook":
        systems.webhook(scene, slug, scene.urls["stub"] + "/hook")
        return
    save_destination(
        slug=slug,
        connector=slug,
        name="Segment",
        public_label="Our statistics",
        purpose=Purpose.OTHER,
        state=DestinationState.LIVE,
        settings={"base_url": scene.urls["stub"], "namespace": PARTNER},
        secrets={"write_key": "benchmark"},
        agreement="a benchmark: invented people only",
        author="benchmark",
    )


def _forwarded(known: Sequence[Known]) -> float:
    """Seconds to judge and send one event of each of these; all of them wait before."""
    now = timezone.now()
    for start in range(0, len(known), 100):
        track(source=people.partner(), events=[_event(each) for each in known[start : start + 100]], now=now)
    while route(timezone.now()):
        pass
    waiting = Forwarding.objects.filter(due_at__isnull=False)
    if waiting.count() != len(known):
        raise Differs(f"{waiting.count()} events wait for {len(known)} people")
    started = time.perf_counter()
    Drain(linger=0.0).run()
    took = time.perf_counter() - started
    if waiting.exists() or Forwarding.objects.exclude(state=ForwardingState.SENT).exists():
        states = Counter(Forwarding.objects.values_list("state", "reason", "detail"))
        raise Differs(f"not everything was sent: {states}")
    return took


def _event(known: Known) -> Tracked:
    who = identity.named(IdentifierKind.EXTERNAL_ID, f"u{known.number}", PARTNER)
    return Tracked(
        kind="track",
        name=NAME,
        occurred_at=timezone.now(),
        identifiers=(who,),
        properties={"value": 40, "clinic": "North"},
        content=str(known.number).encode(),
        message_id=f"m{known.number}",
    )


def _heard(scene: Scene) -> list[Call]:
    log = requests.get(f"{scene.urls['stub']}/_log", timeout=30).json()
    return [(method, path, headers, body) for method, path, headers, body in log]


def _same(heed: Sequence[Call], floor: Sequence[Call]) -> None:
    """Both sides made the same calls."""
    if Counter(map(json.dumps, heed)) != Counter(map(json.dumps, floor)):
        raise Differs("the floor did not make the calls that Heed made")


def _disconnect() -> None:
    for model in (Forwarding, Event):
        model.objects.all().delete()
    systems.disconnect_all()
    if Destination.objects.exists():
        raise Differs("a system is still connected")
