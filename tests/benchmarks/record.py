"""One change, recorded: `preferences.services.record` against the same rows by a bare driver."""

import time
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

from django.utils import timezone

from preferences import clock
from preferences.clock import micros
from preferences.models import Change, Outbox, Profile
from preferences.services import Choice, Said, record
from preferences.terms import Actor, State
from tests.benchmarks import people
from tests.benchmarks.comparing import Differs, Line, compared, in_turn
from tests.benchmarks.floor_record import Floor
from tests.benchmarks.listed import POSTGRESQL, SQLITE, SQLITE_NORMAL
from tests.benchmarks.people import MARKETING, Known
from tests.benchmarks.scene import Scene

AIMS = {SQLITE_NORMAL: 0.25, SQLITE: 0.5, POSTGRESQL: 0.8}
# What portal.evidence keeps of a save on the page, and the wording that the form showed.
EVIDENCE = {
    "page": "/p",
    "browser": "Safari",
    "network": "198.51.100.0/24",
    "language": "en",
    "form": "7-5f2c0b9a41d38e76",
}
SEALED = bytes(12 + 16 + 16 + 120)  # so long is it in the ledger: nonce, tag, salt, JSON


def run(scene: Scene) -> list[Line]:
    """With and without evidence."""
    known = people.settle(people.patients(scene.size(200, 20)), [(*MARKETING, State.IN)])
    with scene.another_database() as url:
        floor = Floor(url, scene.environment["SQLITE_SYNCHRONOUS"])
        try:
            return [
                _compared(scene, floor, known, {}, f"record, {scene.on}"),
                _compared(scene, floor, known, EVIDENCE, f"record with evidence, {scene.on}"),
            ]
        finally:
            floor.close()


def _compared(scene: Scene, floor: Floor, known: list[Known], evidence: dict[str, str], what: str) -> Line:
    if not evidence:
        rows = Profile.objects.values_list("id", "seq", "head", "choices")
        floor.settle([(str(pk), seq, bytes(head), choices) for pk, seq, head, choices in rows])
        _same_rows(floor, known)
    for each in known:  # a first evidence makes the person's key
        said = people.said(**evidence)
        record(profile_id=each.profile_id, choices=[Choice(*MARKETING, State.OUT)], said=said)
    count = scene.size(400, 40)
    pairs = in_turn(
        scene.rounds,
        lambda: _product(known, count, evidence),
        lambda: _floor(floor, known, count, SEALED if evidence else None),
    )
    return compared(what, pairs, aim=AIMS[scene.database])


def _product(known: list[Known], count: int, evidence: dict[str, str]) -> float:
    source = people.partner()
    started = time.perf_counter()
    for each, state in islice(
        zip(cycle(known), cycle((State.OUT, State.OUT, State.IN)), strict=False), count
    ):
        said = Said(source, Actor.PERSON, timezone.now(), evidence or None)
        record(profile_id=each.profile_id, choices=[Choice(*MARKETING, state)], said=said)
    return count / (time.perf_counter() - started)


def _floor(floor: Floor, known: list[Known], count: int, evidence: bytes | None) -> float:
    source = people.partner()
    known_as = (source.pk, source.slug)
    started = time.perf_counter()
    for each, state in islice(
        zip(cycle(known), cycle((State.OUT, State.OUT, State.IN)), strict=False), count
    ):
        floor.record(str(each.profile_id), known_as, _entry(state, time.time_ns() // 1000), evidence)
    return count / (time.perf_counter() - started)


def _entry(state: State, at: int) -> dict[str, Any]:
    category, channel = MARKETING
    base = {"do": "choice", "state": state.value, "at": at, "category": category, "channel": channel}
    return base | {"by": Actor.PERSON.value}


def _same_rows(floor: Floor, known: list[Known]) -> None:
    """The same changes at the same moments lead to the same hashes, and to an outbox row each."""
    source, moment = people.partner(), timezone.now()
    last = Change.objects.order_by("-id").values_list("id", flat=True).first() or 0
    Outbox.objects.all().delete()
    for number, each in enumerate(known[:10]):
        at = moment + timedelta(seconds=number)
        state = (State.OUT, State.IN)[number % 2]
        with clock.at(at):
            said = Said(source, Actor.PERSON, at)
            record(profile_id=each.profile_id, choices=[Choice(*MARKETING, state)], said=said)
        floor.record(str(each.profile_id), (source.pk, source.slug), _entry(state, micros(at)), None)
    rows = (
        Change.objects.filter(id__gt=last)
        .order_by("subject_id", "seq")
        .values_list("subject_id", "seq", "hash")
    )
    product = [
        (str(who), seq, bytes(digest).hex(), Outbox.objects.filter(subject=str(who)).count())
        for who, seq, digest in rows
    ]
    if sorted(product) != sorted(floor.written()):
        raise Differs("the floor's ledger and Heed's are not the same: is floor_record.py out of date?")
