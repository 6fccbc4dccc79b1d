"""A small world in which partners track events: Meta, GA4 and a webhook on loopback, and rules."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from destinations import sending
from destinations.drain import Drain
from destinations.forwarding import routing, turns
from destinations.models import Destination, Event, Forwarding
from destinations.sandbox import (
    Ga4Sandbox,
    GoogleEventsSandbox,
    MetaConversionsSandbox,
    Tracker,
    WebhookSandbox,
    running,
)
from destinations.sandbox.faults import Fault
from destinations.sandbox.webhook import new_secret
from destinations.sending import Turn
from destinations.services import save_destination
from destinations.services.tracking import track
from destinations.tracked import Tracked
from governance.mission import BODY
from governance.terms import POLICY
from preferences.models import Outbox
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.governance.listing import allow
from tests.world import World, connect, named

PURPOSES = {
    "meta_conversions": "advertising",
    "google_events": "advertising",
    "ga4": "analytics",
    "webhook": "marketing",
}
GIVEN: Mapping[str, tuple[Mapping[str, Any], Mapping[str, str]]] = {
    "meta_conversions": ({"dataset_id": "d1"}, {"access_token": "EAAtest"}),
    "ga4": ({"measurement_id": "G-1", "params": {"value": "value"}}, {"api_secret": "hush"}),
    "google_events": ({"account_id": "123", "conversion_id": "9"}, {}),
    "webhook": ({}, {}),
}
PROPERTIES = {"value": "plain", "clinic": "plain", "mrn": "identifier", "reason": "health"}
OPEN = dict.fromkeys(BODY["stances"], "allow")


@dataclass
class Hospital:
    """What partners track, what the systems hear, and time."""

    world: World
    sandboxes: dict[str, Tracker]
    numbers: Iterator[int] = field(default_factory=count)

    def connects(self, slug: str, **more: Any) -> Destination:
        sandbox = self.sandboxes[slug]
        settings, secrets = GIVEN[slug]
        secret = {"secret": sandbox.secret} if isinstance(sandbox, WebhookSandbox) else {}
        if isinstance(sandbox, GoogleEventsSandbox):
            settings = {**settings, "token_url": f"{sandbox.url}/token"}
            secret = {"service_account": sandbox.service_account}
        url = sandbox.url + ("/hooks/heed" if isinstance(sandbox, WebhookSandbox) else "")
        facts = {"purpose": PURPOSES[slug], "state": "live", "agreement": "a sandbox", **more}
        return save_destination(
            connector=slug,
            slug=slug,
            name=slug,
            public_label=f"our {slug}",
            settings={"base_url": url, **settings},
            secrets={**secrets, **secret},
            author="tests",
            **facts,
        )

    def rules(self, *rules: Mapping[str, Any], **stances: str) -> None:
        """Publish a policy: those from the start, these, and everything else allowed unless blocked."""
        body = {"rules": [*BODY["rules"], *rules], "stances": {**OPEN, **stances}}
        publish(
            kind=RevisionKind.POLICY, key=POLICY, body=body, author="ann", reason="tests", approved_by="bob"
        )

    def tracks(
        self,
        name: str = "appointment_booked",
        *,
        source: str = "ehr",
        at: datetime | None = None,
        properties: Mapping[str, Any] | None = None,
        **who: str,
    ) -> Event:
        """A partner tells of one event; `mrn`, `external_id`, `anonymous_id`, `email`."""
        now = timezone.now()
        told = Tracked(
            kind="track",
            name=name,
            occurred_at=at or now,
            identifiers=tuple(named(kind, value, source) for kind, value in who.items()),
            properties=properties or {},
            content=name.encode(),
            message_id=f"m{next(self.numbers)}",
        )
        [result] = track(source=self.world.sources[source], events=[told], now=now)
        assert result.event is not None
        return Event.objects.get(pk=result.event)

    def turn(self, slug: str, at_most: int = 50, *, kill: str = "") -> Turn[Any] | None:
        """One turn of one system by hand; `kill`: ended before it is sent, or before it is settled."""
        while routing.route(timezone.now()):
            pass
        turn = turns.take(Destination.objects.get(slug=slug).pk, at_most)
        if turn is not None and turn.batch and kill != "before sending":
            report = sending.send(turn)
            if kill != "before settling":
                turns.settle(report)
        return turn

    def drain(self) -> int:
        return Drain(linger=0.0).run()

    def later(self) -> None:
        """Every lease ends, every backoff is over."""
        self.world.later()
        past = timezone.now() - timedelta(seconds=1)
        Forwarding.objects.filter(due_at__isnull=False).update(due_at=past)
        Forwarding.objects.filter(lease_token__isnull=False).update(lease_until=past)
        Destination.objects.update(not_before=None, facts_after=None, events_after=None)

    def quiet(self) -> None:
        """Faults are over, and as much time as it takes."""
        for sandbox in self.sandboxes.values():
            sandbox.faults.clear()
        for _ in range(20):
            self.later()
            self.drain()
            if not Outbox.objects.exists() and not Forwarding.objects.filter(due_at__isnull=False).exists():
                return
        raise AssertionError(list(Forwarding.objects.filter(due_at__isnull=False).values()))

    def fault(self, slug: str, **fault: Any) -> None:
        self.sandboxes[slug].faults.set(Fault(**fault))

    def heard(self, slug: str) -> list[str]:
        """The names of the events that a system has, in the order in which they came."""
        return [each["name"] for each in self.sandboxes[slug].events]


def standing(event: Event, slug: str) -> Forwarding:
    return Forwarding.objects.get(event=event, destination__slug=slug)


@pytest.fixture(scope="session")
def trackers() -> Iterator[dict[str, Tracker]]:
    with ExitStack() as stack:
        secret = new_secret()
        made = (
            MetaConversionsSandbox(),
            Ga4Sandbox(),
            GoogleEventsSandbox(),
            WebhookSandbox(secret=secret),
        )
        yield {each.slug: stack.enter_context(running(each)) for each in made}


@pytest.fixture
def hospital(db: None, trackers: dict[str, Tracker], settings: Any) -> Hospital:
    """People can be registered; no system is connected yet, and every event of the list may come in."""
    settings.HEED_PRIVATE_HOSTS = {
        slug: [sandbox.url.removeprefix("http://")] for slug, sandbox in trackers.items()
    }
    for sandbox in trackers.values():
        sandbox.faults.clear()
        sandbox.requests.clear()
        with sandbox.store:
            sandbox.store.empty()
    hospital = Hospital(connect({}), trackers)
    for name in ("appointment_booked", "page_viewed", "newsletter_clicked"):
        allow(name, properties=PROPERTIES)
    hospital.rules()
    return hospital
