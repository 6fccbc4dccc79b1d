"""Events accepted: batches of 100 through the door of `/v1/batch`, against the same rows by a bare driver."""

import json
import time
from itertools import count

from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from destinations.api.batch import Batch
from destinations.models import Event
from preferences.services import publish
from preferences.sql import time_in, uuid_in
from preferences.terms import RevisionKind
from tests.benchmarks import people
from tests.benchmarks.comparing import Differs, Line, compared, in_turn
from tests.benchmarks.floor_events import Floor
from tests.benchmarks.people import Known
from tests.benchmarks.scene import Scene

AIM = 0.4
SIZE = 100  # events in a batch
BOOKED = {
    "name": "appointment_booked",
    "what": "Somebody booked an appointment",
    "class": "plain",
    "categories": ["appointment_reminders"],
    "properties": {"value": "plain", "clinic": "health", "doctor.name": "plain", "context.ip": "identifier"},
}
NUMBERS = count()
Row = tuple[object, ...]


def run(scene: Scene) -> list[Line]:
    """As a partner sends them: from the request's bytes to the answer, no socket between."""
    publish(
        kind=RevisionKind.EVENT, key=str(BOOKED["name"]), body=BOOKED, author="benchmark", reason="Benchmark"
    )
    known = people.settle(people.patients(scene.size(200, 100)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum has by the time that an organisation sends events
    key, batches = people.api_key(), scene.size(40, 4)
    with scene.another_database() as url:
        floor = Floor(url, scene.environment["SQLITE_SYNCHRONOUS"])
        try:
            _same_rows(floor, key, known)
            pairs = in_turn(
                scene.rounds,
                lambda: _product(key, [_batch(known) for _ in range(batches)]),
                lambda: _floor(floor, batches),
            )
        finally:
            floor.close()
    return [compared(f"events in batches of {SIZE}, {scene.on}", pairs, aim=AIM)]


def _batch(known: list[Known]) -> bytes:
    """About 350 bytes an event, half of them of known people."""
    moment = timezone.now().isoformat()
    numbered = [next(NUMBERS) for _ in range(SIZE)]
    calls = [
        {
            "type": "track",
            "event": BOOKED["name"],
            "userId": f"u{known[each % len(known)].number}" if each % 2 else f"stranger-{each}",
            "anonymousId": f"browser-{each % 50}",
            "messageId": f"message-{each}",
            "timestamp": moment,
            "properties": {"value": each, "clinic": "north", "doctor": {"name": "Lee"}},
            "context": {"ip": "203.0.113.7", "library": {"name": "analytics-python", "version": "2.4.0"}},
        }
        for each in numbered
    ]
    return json.dumps({"batch": calls, "sentAt": moment}).encode()


def _product(key: str, bodies: list[bytes]) -> float:
    view, requests = Batch.as_view(), RequestFactory()
    started = time.perf_counter()
    for body in bodies:
        request = requests.post(
            "/v1/batch", body, "application/json", headers={"authorization": f"Bearer {key}"}
        )
        answer = view(request)
        if answer.status_code != 200 or answer.content.count(b'"accepted"') != SIZE:
            raise Differs("not every event was accepted")
    return SIZE * len(bodies) / (time.perf_counter() - started)


def _floor(floor: Floor, batches: int) -> float:
    """Rows that Heed wrote last, under other keys."""
    ready = [_as_rows(SIZE) for _ in range(batches)]
    started = time.perf_counter()
    for rows in ready:
        floor.keep(rows)
    return SIZE * batches / (time.perf_counter() - started)


def _as_rows(most: int, *, anew: bool = True) -> list[Row]:
    rows = []
    for each in Event.objects.order_by("-received_at")[:most]:
        pk = type(each.id)(int=each.id.int ^ (next(NUMBERS) << 64 if anew else 0))
        people_of = [uuid_in(who) if who else None for who in (each.person_id, each.browser_id)]
        moments = (time_in(each.received_at), time_in(each.occurred_at))
        kept = (bytes(each.content_hash), bytes(each.body or b""))
        named = (each.source_id, each.kind, each.name, each.number)
        rows.append((uuid_in(pk), *named, *moments, *kept, *people_of, each.routed, each.conflicts))
    return rows


def _same_rows(floor: Floor, key: str, known: list[Known]) -> None:
    """What Heed wrote of a batch is what the floor writes."""
    _product(key, [_batch(known)])
    floor.keep(_as_rows(SIZE, anew=False))
    mine = [(each.id.hex, each.name, len(bytes(each.body or b""))) for each in Event.objects.order_by("id")]
    if sorted(mine) != sorted(floor.written()):
        raise Differs("the floor's rows and Heed's are not the same: is floor_events.py out of date?")
