"""A list that is written out before it is written to: opt-outs wait for it as a job, and no longer."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from destinations import drain
from destinations.models import Destination, Propagation
from destinations.sandbox import GenesysSandbox, running
from destinations.services import save_destination
from preferences import identity
from preferences.models import Source
from preferences.services import Said, restrict
from preferences.terms import Actor, RestrictionKind
from tests.world import World, connect, out

PHONE = "+12025550143"


@pytest.fixture
def center(db: None, settings: Any) -> Iterator[World]:
    with running(GenesysSandbox()) as sandbox:
        settings.HEED_PRIVATE_HOSTS = {"genesys": [urlsplit(sandbox.url).netloc]}
        world = connect({})
        world.sandboxes["genesys"] = sandbox
        save_destination(
            connector="genesys",
            slug="genesys",
            name="Call center",
            public_label="our call center",
            purpose="call_center",
            state="live",
            settings={
                "base_url": sandbox.url,
                "login_url": sandbox.url,
                "client_id": "heed",
                "lists": {"phone": "calls", "do_not_call": "calls"},
            },
            secrets={"client_secret": "s"},
            agreement="a sandbox",
            author="tests",
        )
        world.plant("genesys", lists=[{"id": "calls", "name": "Calls"}])
        yield world


@pytest.fixture
def ana(center: World) -> Any:
    ana = center.registers(mrn="RH1", phone=PHONE).profile_id
    assert ana
    center.drain()
    center.chooses(ana, out("*", "phone"))
    return ana


def listed(center: World) -> bool:
    return bool(center.record_of("genesys", phone=PHONE))


def test_an_opt_out_waits_for_the_list_and_is_then_told(
    center: World, ana: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "STAY_SECONDS", 0.0)
    center.drain()
    waiting = Propagation.objects.get(identifier__kind="phone")
    assert waiting.job
    assert waiting.due_at is not None
    assert waiting.due_at < timezone.now() + timedelta(seconds=5)
    assert not listed(center)

    center.quiet()
    told = Propagation.objects.get(identifier__kind="phone")
    assert (told.state, told.job) == ("acknowledged", "")
    assert listed(center)


def test_a_run_stays_until_the_list_is_written_and_the_opt_out_is_told(center: World, ana: Any) -> None:
    center.drain()

    assert Propagation.objects.get(identifier__kind="phone").state == "acknowledged"
    assert listed(center)


def test_lists_are_written_out_at_the_same_time(
    center: World, ana: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "STAY_SECONDS", 0.0)
    system = Destination.objects.get()
    Destination.objects.update(
        settings={**system.settings, "lists": {"phone": "night", "do_not_call": "all"}}
    )
    center.plant("genesys", lists=[{"id": each, "name": each} for each in ("night", "all")])
    [number] = identity.find([identity.named("phone", PHONE)]).values()
    said = Said(Source.objects.get(slug="staff"), Actor.STAFF, timezone.now())
    restrict(identifier_id=number, kind=RestrictionKind.DO_NOT_CALL, said=said)
    center.drain()

    begun = [each["path"] for each in center.sandboxes["genesys"].requests if each["method"] == "POST"]
    assert {each.split("/")[-2] for each in begun if each.endswith("/export")} == {"night", "all"}


def test_what_heed_wrote_is_taken_off_again_when_a_pause_is_over(center: World) -> None:
    bo = center.registers(mrn="RH2", phone=PHONE).profile_id
    assert bo
    for category in ("appointment_reminders", "care_follow_ups", "phone_outreach"):
        center.pauses(bo, category, days=3)
    center.quiet()
    assert listed(center)

    for category in ("appointment_reminders", "care_follow_ups", "phone_outreach"):
        center.ends_pause(bo, category)
    center.quiet()
    assert not listed(center)
    assert not Destination.objects.get().failures
