"""The worker is killed while it asks a draft what it would have done: each event counts once all the same."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytestmark = pytest.mark.soak
ROOT = Path(__file__).resolve().parents[3]
EVENTS, KILLS, PATIENCE = 15_000, 3, 120
HAPPENED = f"""
import json, uuid
from datetime import timedelta
from django.utils import timezone
from destinations.mapping.samples import person_of
from destinations.models import Destination, Event, Forwarding
from destinations.services.estimating import begin
from governance import policy
from governance.facts import facts_of
from governance.mission import BODY, consent, rule
from governance.services import keep_facts
from governance.terms import Effect, Is
from preferences.catalogue import catalogue
from preferences.models import Source
from preferences.selectors import rules_now
from tests.preferences.preparing import prepared
from tests.governance.listing import BOOKED, allow

number, now, source = allow().number, timezone.now(), Source.objects.first()
said = {{"appointment_reminders:email": "opted_in"}}, {{"appointment_reminders:*": "opted_out"}}
facts = [facts_of(person_of({{"said": each}}, "main"), catalogue(), rules_now()) for each in said]
kept = [keep_facts(facts=facts)[each.digest] for each in facts]
systems = [
    Destination.objects.create(slug=slug, name=slug, public_label=slug, connector="webhook", purpose=purpose)
    for slug, purpose in (("desk", "appointments"), ("mail", "marketing"))
]
events = Event.objects.bulk_create(
    [
        Event(id=uuid.uuid4(), source=source, kind="track", name=BOOKED, number=number, received_at=now,
              occurred_at=now, content_hash=b"", routed=True)
        for _ in range({EVENTS})
    ],
    batch_size=500,
)
Forwarding.objects.bulk_create(
    [
        Forwarding(event=event, destination=system, subject=event.pk, state="sent", outcome="forward",
                   because="rule", policy=1, allowed=number, hits="0", facts_id=kept[at % 3 == 0],
                   purpose=system.purpose, has_agreement=True, judged_at=now, settled_at=now,
                   routed_at=now - timedelta(days=20 * at / {EVENTS}))
        for at, event in enumerate(events)
        for system in systems
    ],
    batch_size=500,
)
rules = [
    rule("closed", "Closed", [], Effect.BLOCK, ["appointments"]),
    rule("open", "Open", [consent("appointment_reminders", Is.OPTED_IN, "any")], Effect.ALLOW, ["marketing"]),
]
body = {{**BODY, "rules": [*BODY["rules"], *rules]}}
draft = prepared("policy", "policy", body, "ann")
begin(draft=draft, now=timezone.now())
print(json.dumps({{system.slug: system.pk for system in systems}}))
"""


class Known(NamedTuple):
    """How far the estimate is, as its row says."""

    judged: int
    counts: dict[str, dict[str, int]]
    samples: dict[str, dict[str, list[int]]]
    is_over: bool


class Heed:
    """A Heed on a SQLite file of its own, and the process group of its worker."""

    def __init__(self, data: Path) -> None:
        self.database = data / "heed.sqlite3"
        self.environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "SQLITE_SYNCHRONOUS": "OFF",
            "REDIS_URL": "",
            "LOG_LEVEL": "ERROR",
        }
        self.worker: subprocess.Popen[bytes] | None = None

    def manage(self, *words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def works(self) -> None:
        command = [sys.executable, "manage.py", "qcluster"]
        self.worker = subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True)

    def kill(self) -> None:
        if self.worker:
            os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker.wait()
            self.worker = None

    def known(self) -> Known:
        query = "SELECT judged, counts, samples, finished_at IS NOT NULL FROM destinations_impact"
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)) as connection:
            judged, counts, samples, is_over = connection.execute(query).fetchone()
        return Known(judged, json.loads(counts), json.loads(samples), bool(is_over))

    def wait(self, judged: int) -> Known:
        """Until more than that many are judged, or all are."""
        deadline = time.monotonic() + PATIENCE
        while True:
            known = self.known()
            if known.is_over or known.judged > judged:
                return known
            assert time.monotonic() < deadline, known
            time.sleep(0.002)


@pytest.fixture
def heed(tmp_path: Path) -> Any:
    made = Heed(tmp_path)
    made.manage("migrate", "--verbosity", "0")
    yield made
    made.kill()


def test_an_estimate_that_is_killed_goes_on_and_counts_each_event_once(heed: Heed) -> None:
    systems = json.loads(heed.manage("shell", "--no-imports", "-c", HAPPENED).splitlines()[-1])
    seen = [0]
    for _ in range(KILLS):
        heed.works()
        heed.wait(seen[-1])
        heed.kill()
        seen.append(heed.known().judged)
    assert 0 < seen[1] < seen[2] < 2 * EVENTS, "a kill came in its midst, and what was judged stayed so"

    heed.works()
    known = heed.wait(2 * EVENTS)

    yes = EVENTS - len(range(0, EVENTS, 3))
    assert known.is_over
    assert known.judged == 2 * EVENTS
    assert known.counts == {
        str(systems["desk"]): {"blocked": yes, "same": EVENTS - yes},
        str(systems["mail"]): {"released": yes, "same": EVENTS - yes},
    }
    assert {kind for each in known.samples.values() for kind in each} == {"blocked", "released"}
    assert all(len(set(rows)) == 3 for each in known.samples.values() for rows in each.values())
