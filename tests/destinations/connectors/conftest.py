"""A stand-in for the engine: it runs a delivery over real HTTP, and lets out only what was declared."""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from destinations import http, mllp
from destinations.contract import (
    Answer,
    Call,
    Checked,
    Connector,
    Field,
    Forwarded,
    Held,
    Identified,
    Later,
    Result,
    Settings,
    Wanted,
)

SPECS = Path(__file__).parents[3].parent / "shared" / "specs"
NOW = datetime.now(UTC)
EARLIER = NOW - timedelta(days=30)
OUT = Field(True, True, NOW - timedelta(hours=2), "choice")
IN = Field(False, False, NOW - timedelta(hours=1), "choice")
LEAVE = Field(None, None)


class Engine:
    """One destination. `calls` and `results` are the last delivery's; `lost` is its call without answer.

    What stands in `before[3]` is done before the third call goes out.
    """

    def __init__(self, connector: Connector, base_url: str, **settings: object) -> None:
        self.connector, self.base_url = connector, base_url
        defaults = {name: setting.default for name, setting in connector.settings.items()}
        self.settings = Settings(defaults | {"base_url": base_url} | settings)
        self.calls: list[Call] = []
        self.results: list[Result] = []
        self.lost: Call | None = None
        self.before: dict[int, Callable[[], object]] = {}

    def deliver(self, *batch: Wanted | Forwarded, patience: float = 5) -> Any:
        """Run a delivery to its end, or to the first call that gets no answer; the first one's outcome."""
        self.calls, self.results, self.lost = [], [], None
        tell: Any = self.connector.forward if isinstance(batch[0], Forwarded) else self.connector.deliver
        delivery, answer = tell(batch, self.settings), None
        with requests.Session() as session:
            try:
                while True:
                    step, answer = delivery.send(answer), None
                    if isinstance(step, Result):
                        self.results.append(step)
                    else:
                        answer = self._answer(session, step, patience)
            except StopIteration:
                waits = any(isinstance(each.outcome, Later) for each in self.results)
                assert len(self.results) == len(batch) or waits, "one Result for each"
            except requests.RequestException:
                self.lost = self.calls[-1]
            finally:
                delivery.close()
        assert len({each.wanted.id for each in self.results}) == len(self.results)
        return self.outcomes.get(batch[0].id)

    def probe(self, *targets: str) -> Sequence[Checked]:
        """What a test of the connection finds."""
        steps, answer = self.connector.probe(self.settings, targets, datetime.now(UTC)), None
        with requests.Session() as session:
            while True:
                try:
                    step = steps.send(answer)
                except StopIteration as done:
                    return done.value  # type: ignore[no-any-return]
                assert isinstance(step, Call)
                answer = self._answer(session, step, 5)

    @property
    def outcomes(self) -> dict[str, Any]:
        return {each.wanted.id: each.outcome for each in self.results}

    def again(self, wanted: Any, *batch: Wanted, **changes: Any) -> Any:
        """The next delivery for the same row: it knows what the last one learnt."""
        if isinstance(wanted, Forwarded):
            return self.deliver(wanted)
        outcome, held = self.outcomes.get(wanted.id), wanted.held
        if outcome:
            held = held if outcome.held is None else outcome.held
        elif self.lost:
            held = self.lost.claims.get(wanted.id, held)
        return self.deliver(replace(wanted, held=held, **changes), *batch)

    def made(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def _answer(self, session: requests.Session, call: Call, patience: float) -> Answer:
        self.calls.append(call)
        self.before.pop(len(self.calls), lambda: None)()
        declared = "|".join(
            re.escape(each).replace(r"\*", "[^/]+") for each in self.connector.allowed(self.settings)
        )
        assert re.fullmatch(declared, f"{call.method} {call.path}"), (
            f"{call.method} {call.path} is not declared"
        )
        if self.base_url.startswith("mllp"):
            return self._answer_by_mllp(call, patience)
        response = session.request(
            call.method,
            (call.base or self.base_url).rstrip("/") + call.path,
            params=list(call.params),
            json=call.json,
            data=call.body or call.form,
            headers=dict(call.headers),
            timeout=patience,
            allow_redirects=False,
        )
        return Answer(
            response.status_code, response.content, {name.lower(): v for name, v in response.headers.items()}
        )

    def _answer_by_mllp(self, call: Call, patience: float) -> Answer:
        hosts = frozenset({urlsplit(self.base_url).netloc})
        way = http.Way(self.base_url, self.connector.may_call, hosts)
        try:
            return mllp.send(call, way, time.monotonic() + patience)
        except http.NoAnswer as lost:
            raise requests.ConnectionError from lost


def wanted(address: str = "", *, fields=None, held=None, now=NOW, **more: Any) -> Wanted:
    """A Wanted; the rest of its facts do not matter."""
    return Wanted(
        str(uuid4()),
        1,
        "d" * 64,
        now or datetime.now(UTC),
        address,
        fields=fields or {},
        held=held or {},
        **more,
    )


def happened(name: str = "appointment_booked", *identifiers: Identified, **more: Any) -> Forwarded:
    """An event, of just now unless it says otherwise."""
    now = datetime.now(UTC)
    facts = {"id": str(uuid4()), "occurred_at": now - timedelta(minutes=5), "now": now, **more}
    return Forwarded(name=name, identifiers=identifiers, **facts)


def known(outcome: Any) -> dict[str, Held]:
    """What an outcome says is known of targets."""
    assert outcome.held is not None
    return dict(outcome.held)


def mrn(value: str, authority: str = "st-mary") -> Identified:
    return Identified("mrn", authority, value)


def email(value: str, *, current: bool = True) -> Identified:
    return Identified("email", "", value, current)


def phone(value: str) -> Identified:
    return Identified("phone", "", value)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def published():
    """`published("sendgrid/oai.json")`: a vendor's own contract, where this machine has it."""

    def read(name: str):
        if not (SPECS / name).exists():
            pytest.skip(f"the vendor's contract {name} is not on this machine")
        return json.loads((SPECS / name).read_text())

    return read
