"""Verdicts that a draft of the policy is asked about in a second, against only reading the same rows."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import uuid4

from django.utils import timezone

from destinations.models import Destination, Event, Forwarding, Impact
from destinations.services import estimating
from destinations.terms import Purpose
from destinations.tracked import Body
from governance import policy
from governance.facts import facts_of
from governance.mission import BODY
from governance.models import FactsKept
from governance.services import keep_facts
from governance.terms import POLICY
from preferences import selectors
from preferences.catalogue import catalogue
from preferences.models import Source
from preferences.terms import RevisionKind
from tests.benchmarks import people
from tests.benchmarks.comparing import Differs, Line, compared, in_turn
from tests.benchmarks.scene import Scene
from tests.governance.listing import allow
from tests.preferences.preparing import prepared

NAME = "appointment_booked"
RULE: Mapping[str, Any] = {
    "id": "bench",
    "name": "Nothing to marketing",
    "on": True,
    "when": [],
    "then": {"effect": "block"},
    "for": {"purposes": [Purpose.MARKETING.value], "destinations": []},
}
ASKS = [{"kind": "property", "path": "clinic", "op": "equals", "value": "north"}]


def run(scene: Scene) -> list[Line]:
    """Drafts that ask only about people, and one for which each event is opened."""
    allow(NAME, properties={"value": "plain", "clinic": "plain"})
    count = scene.size(20_000, 500)
    _happened(people.partner(), count)
    lines = []
    for words, when, opens in (("people", [], False), ("what events say", ASKS, True)):
        body = {**BODY, "rules": [*BODY["rules"], {**RULE, "when": when}]}
        pairs = in_turn(scene.rounds, partial(_asked, body, count), partial(_read, opens, count))
        lines.append(compared(f"impact, rules about {words}, {scene.on}", pairs, " verdicts/s"))
    for model in (Impact, Forwarding, Event, FactsKept, Destination):
        model.objects.all().delete()
    return lines


def _happened(source: Source, count: int) -> None:
    """Events at one marketing system, of people who said nothing: all blocked by the stance."""
    system = Destination.objects.create(
        slug="bench", name="bench", public_label="bench", connector="webhook", purpose=Purpose.MARKETING
    )
    facts = facts_of(None, catalogue(), selectors.rules_now())
    kept = keep_facts(facts=[facts])[facts.digest]
    now, number = timezone.now(), policy.in_force().number
    events = [
        Event(
            id=uuid4(),
            source=source,
            kind="track",
            name=NAME,
            number=1,
            received_at=now,
            occurred_at=now,
            content_hash=bytes(32),
            body=Body({"value": at, "clinic": "north"}).sealed(),
            routed=True,
        )
        for at in range(count)
    ]
    Event.objects.bulk_create(events, batch_size=500)
    rows = [
        Forwarding(
            event=event,
            destination=system,
            subject=event.id,
            state="blocked",
            outcome="block",
            because="stance",
            policy=number,
            allowed=1,
            hits="0",
            facts_id=kept,
            purpose=system.purpose,
            has_agreement=False,
            judged_at=now,
        )
        for event in events
    ]
    Forwarding.objects.bulk_create(rows, batch_size=500)


def _asked(body: Mapping[str, Any], count: int) -> float:
    """Verdicts in a second."""
    draft = prepared(RevisionKind.POLICY, POLICY, body, "bench")
    started = time.perf_counter()
    estimating.begin(draft=draft, now=timezone.now())
    while estimating.go_on(60):
        pass
    took = time.perf_counter() - started
    if Impact.objects.get(draft=draft).judged != count:
        raise Differs(f"{Impact.objects.get(draft=draft).judged} of {count} were judged")
    return count / took


def _read(opens: bool, count: int) -> float:
    """The same rows in the same chunks, with their sealed bodies where the draft needs them."""
    columns = [*estimating.COLUMNS, *(["event__body"] if opens else [])]
    started, below, seen = time.perf_counter(), 1 << 60, 0
    while rows := list(
        Forwarding.objects.filter(pk__lt=below, facts__isnull=False)
        .order_by("-pk")
        .values_list("routed_at", *columns)[: estimating.CHUNK]
    ):
        below, seen = rows[-1][1], seen + len(rows)
    if seen != count:
        raise Differs(f"{seen} of {count} were read")
    return count / (time.perf_counter() - started)
