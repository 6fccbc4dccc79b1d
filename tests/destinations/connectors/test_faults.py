"""What every connector survives: the right outcome, the right words, nothing lost, no storm."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from destinations.connectors import CONNECTORS
from destinations.contract import Done, Job, Later, Reason, Stuck
from destinations.sandbox import running
from destinations.sandbox.faults import Fault
from tests.destinations.connectors.scenes import ANA, EVENTS, PHONE, SCENES

ELSEWHERE = {
    "hl7": "it speaks MLLP: tests/destinations/connectors/test_hl7.py",
    "manual": "a person acts on it, nothing is called: tests/destinations/test_by_hand.py",
    "owner_email": "it speaks SMTP: tests/destinations/test_by_hand.py",
    "csv": "it writes files: tests/destinations/connectors/test_csv.py",
}
ANY_YES = {"webhook", "webhook's events", "ga4's events"}  # whatever comes with 2xx is a yes there
STAGES = {**SCENES, **{f"{slug}'s events": scene for slug, scene in EVENTS.items()}}
PATIENCE, CALLS_AT_MOST, CALLS_WHILE_IT_LASTS = 0.3, 8, 4
PASSING = {
    "expired": Fault(status=401, times=1),
    "throttled": Fault(status=429, retry_after=7, times=1),
    "down": Fault(status=503, times=1),
    "down though done": Fault(status=502, apply=True, times=1),
    "an HTML page": Fault(garbage=True, times=1),
    "an HTML page though done": Fault(garbage=True, apply=True, times=1),
    "hangs": Fault(hang=True, times=1),
    "hangs though done": Fault(hang=True, apply=True, times=1),
}
LASTING: dict[str, tuple[Fault, type[Later | Stuck], set[Reason]]] = {
    "revoked": (Fault(status=401), Stuck, {Reason.REJECTED_AUTH}),
    "quota": (Fault(status=429, retry_after=7), Later, {Reason.THROTTLED}),
    "down": (Fault(status=503), Later, {Reason.UNAVAILABLE}),
    "an HTML page": (Fault(garbage=True), Later, {Reason.GARBLED}),
    "moved": (Fault(status=302), Stuck, {Reason.REJECTED_CONFIG}),
    "gone": (Fault(status=404), Stuck, {Reason.REJECTED_CONFIG, Reason.REJECTED_AUTH}),
}


def tried(faults: Iterable[str]) -> list[tuple[str, str]]:
    """Every connector with every fault that is one to it."""
    pairs = [(slug, fault) for slug in STAGES for fault in faults]
    return [(slug, fault) for slug, fault in pairs if slug not in ANY_YES or "HTML" not in fault]


every_scene = pytest.mark.parametrize("slug", STAGES)


@pytest.fixture
def scene(stack, slug):
    scene = STAGES[slug]
    sandbox = stack.enter_context(running(scene.made()))
    sandbox.seed(dict(scene.seeds or {}))
    return Stage(scene, sandbox, scene.engine(slug.partition("'")[0], sandbox), scene.told())


class Stage:
    """A scene under way."""

    def __init__(self, scene: Any, sandbox: Any, engine: Any, told: Any) -> None:
        self.scene, self.sandbox, self.engine, self.told = scene, sandbox, engine, told
        self.calls = 0

    def deliver(self, *, again: bool = False, patience: float = 5) -> Any:
        """Once, and then for as long as a job is asked about."""
        outcome = self.engine.again(self.told) if again else self.engine.deliver(self.told, patience=patience)
        self.calls = len(self.engine.calls)
        for _ in range(10):
            if not isinstance(outcome, Job):
                break
            self.told = replace(self.told, job=outcome.token, now=self.told.now + timedelta(minutes=10))
            outcome = self.engine.deliver(self.told, patience=patience)
            self.calls = max(self.calls, len(self.engine.calls))
        return outcome


def test_every_connector_has_a_scene():
    told = {slug for slug, each in CONNECTORS.items() if each.takes_preferences}
    forwarded = {slug for slug, each in CONNECTORS.items() if each.takes_events}

    assert set(SCENES) | set(ELSEWHERE) == told
    assert set(EVENTS) == forwarded


@every_scene
def test_what_is_told_arrives(slug, scene):
    assert isinstance(scene.deliver(), Done)
    assert scene.scene.arrived(scene.sandbox)


@pytest.mark.parametrize("at", [1, 2, 3, 4])
@pytest.mark.parametrize(("slug", "fault"), tried(PASSING))
def test_what_passes_loses_nothing_and_makes_no_storm(slug, scene, fault, at):
    """Whichever call it hits."""
    scene.engine.before[at] = lambda: scene.sandbox.faults.set(PASSING[fault])
    outcome = scene.deliver(patience=PATIENCE if "hangs" in fault else 5)
    if isinstance(outcome, Done):  # it survived, or there were fewer calls
        assert scene.scene.arrived(scene.sandbox)
    assert scene.calls <= CALLS_AT_MOST

    scene.engine.before.clear()
    scene.sandbox.faults.clear()
    assert isinstance(scene.deliver(again=True), Done)
    assert scene.scene.arrived(scene.sandbox)


@pytest.mark.parametrize(("slug", "fault"), tried(LASTING))
def test_what_lasts_is_named_and_not_hammered(slug, scene, fault):
    wrong, kind, reasons = LASTING[fault]
    scene.sandbox.faults.set(wrong)
    outcome = scene.deliver()

    if fault == "gone" and isinstance(outcome, Done):
        assert outcome.absent  # where 404 says that nobody is known
        return
    assert isinstance(outcome, kind)
    assert outcome.reason in reasons
    assert ANA not in outcome.detail
    assert PHONE not in outcome.detail
    assert scene.calls <= CALLS_WHILE_IT_LASTS
    if isinstance(outcome, Later) and fault == "quota":
        assert outcome.after == 7
