"""What is sent, and what the sandboxes answer, is what the vendors' documentation shows."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from destinations.connectors import CONNECTORS
from destinations.contract import Answer, Call, Job, Wanted
from destinations.sandbox import running
from tests.destinations.connectors import shapes
from tests.destinations.connectors.conftest import Engine
from tests.destinations.connectors.scenes import EVENTS, SCENES
from tests.destinations.connectors.shapes import strays_of_answer, strays_of_call
from tests.destinations.connectors.test_every_connector import every_connector

FIXTURES = Path(__file__).parent / "fixtures"
NOTHING_SAID = {"manual": "a person acts on it: nothing leaves"}
TO_THE_LETTER = {
    "http": "settings describe the call: test_recorded.py",
    "http_address": "settings describe the call: test_recorded.py",
    "owner_email": "a mail is words: test_by_hand.py",
    "csv": "a file of addresses: test_csv.py",
    "hl7": "a message is no JSON: test_recorded.py",
}
SAYS_NOTHING = {"CONNECT "}  # a connection that is opened, and closed
TOLD = [slug for slug in {**SCENES, **EVENTS} if slug not in TO_THE_LETTER]


@cache
def published(slug: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted((FIXTURES / slug).glob("*.json"))]


def shown(call: Call, fixture: dict[str, Any]) -> bool:
    """Is this the call that the fixture is about?"""
    pattern = re.escape(fixture["call"]).replace(r"\*", "[^/]+")
    return re.fullmatch(pattern, f"{call.method} {call.path}") is not None


class Watched(Engine):
    """An engine that keeps what was said and answered."""

    def __init__(self, engine: Engine) -> None:
        self.__dict__ |= engine.__dict__
        self.heard: list[tuple[Call, Answer]] = []

    def _answer(self, session: Any, call: Call, patience: float) -> Answer:
        answer = super()._answer(session, call, patience)
        self.heard.append((call, answer))
        return answer


@pytest.fixture
def said(stack, slug):
    """Everything that passes between Heed and a sandbox: a no, its end, and a test of the connection."""
    scene = {**SCENES, **EVENTS}[slug]
    sandbox = stack.enter_context(running(scene.made()))
    sandbox.seed(dict(scene.seeds or {}))
    engine = Watched(scene.engine(slug, sandbox))
    told = scene.told()
    outcome = engine.deliver(told)
    for _ in range(10):
        if isinstance(outcome, Job):
            told = replace(told, job=outcome.token, now=told.now + timedelta(minutes=10))
            outcome = engine.deliver(told)
    if isinstance(told, Wanted):
        held = {} if isinstance(outcome, Job) else outcome.held or {}
        engine.deliver(replace(told, fields={}, fields_at={}, job="", held=held))
    engine.probe(*[row["target"] for row in CONNECTORS[slug].rows])
    assert engine.heard
    return engine.heard


every_told = pytest.mark.parametrize("slug", TOLD)


@every_connector
def test_each_call_that_it_may_make_is_shown_as_its_vendor_documents_it(connector):
    shown = published(connector.slug)
    assert bool(shown) != (connector.slug in NOTHING_SAID)
    assert set(connector.may_call) - SAYS_NOTHING <= {each["call"] for each in shown}
    assert all(each["source"].startswith("https://") for each in shown)


@every_told
def test_what_is_sent_is_known_to_the_vendor(slug, said):
    for call, _ in said:
        fixtures = [each for each in published(slug) if shown(call, each)]
        assert fixtures, f"{call.method} {call.path} is shown nowhere"
        assert min((strays_of_call(call, each) for each in fixtures), key=len) == [], call.path


@every_told
def test_the_sandbox_answers_nothing_that_the_vendor_would_not(slug, said):
    for call, answer in said:
        fixtures = [each for each in published(slug) if shown(call, each)]
        if answer.ok and fixtures:
            assert min((strays_of_answer(answer.body, each) for each in fixtures), key=len) == [], call.path


@pytest.mark.parametrize(
    ("said", "strays"),
    [
        ({"status": "x", "interests": {"i1": True}}, []),
        ({"status": "x", "colour": "red"}, [".colour is unknown"]),
        ({"status": 1}, [".status is int, not str"]),
        ({"members": [{"email": "a"}, {"mail": "b"}]}, [".members[].mail is unknown"]),
    ],
)
def test_whatever_the_example_has_not_is_a_stray(said, strays):
    shown = {"status": "subscribed", "interests": {"*": False}, "members": [{"email": "e"}]}

    assert list(shapes.strays(said, shown)) == strays
