"""Whatever a vendor writes, and wherever: nothing that names a person is kept in the open or logged (R20)."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from destinations.models import Inbound, InboundEvent
from destinations.services.hearing import hear, keep
from destinations.vendors import VENDORS
from destinations.vendors.contract import Item
from destinations.vendors.words import HIDDEN, word
from destinations.webhooks.mllp import acknowledge
from preferences.models import Review
from preferences.terms import SourceKind
from tests.destinations.webhooks.test_published import FIXTURES, body_of
from tests.factories import SourceFactory

MARK = "garcia"
HOSTILE = f"please stop texting me on 202-555-0143, pat.{MARK}@riverside.example"


def spoilt(shown: Any) -> Iterator[Any]:
    """The same once for each value and each name in it, with that one made hostile."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            rest = {each: shown[each] for each in shown if each != name}
            yield {**rest, HOSTILE: value}
            yield from ({**rest, name: each} for each in spoilt(value))
    elif isinstance(shown, list):
        for at, value in enumerate(shown):
            yield from ([*shown[:at], each, *shown[at + 1 :]] for each in spoilt(value))
    else:
        yield HOSTILE


def spoilt_message(text: str) -> Iterator[str]:
    """The same for each component of an HL7 message."""
    for at, segment in enumerate(segments := text.split("\r")):
        fields = segment.split("|")
        for field in range(2 if at == 0 else 1, len(fields)):
            parts = fields[field].split("^")
            for part in range(len(parts)):
                changed = "^".join([*parts[:part], HOSTILE, *parts[part + 1 :]])
                line = "|".join([*fields[:field], changed, *fields[field + 1 :]])
                yield "\r".join([*segments[:at], line, *segments[at + 1 :]])


def bodies(shown: dict[str, Any]) -> Iterator[bytes]:
    [how] = {"form", "json", "text"} & set(shown)
    made = spoilt_message if how == "text" else spoilt
    return (body_of({how: each}) for each in made(shown[how]))


def shown_in(path: Path) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(path.read_text())
    return shown if "source" in shown else {"json": shown}  # Segment's, which are sent as they are


@pytest.fixture
def tell(db: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A vendor, whose calls are taken for proved, says something by its own way in; it is read."""

    def send(inbound: Inbound, body: bytes, kind: str) -> None:
        vendor = VENDORS[inbound.vendor]
        monkeypatch.setattr(type(vendor), "check", lambda *anything: None)
        if vendor.slug == "hl7":
            acknowledge(inbound, body)
        elif vendor.polls:
            keep(inbound=inbound, items=[Item("1", body)], now=timezone.now())
        else:
            client.post("/inbound/vendor", body, content_type=kind, headers={"webhook-id": "msg_1"})
        hear()

    return send


def kept(inbound: Inbound) -> str:
    """All that is not encrypted."""
    events = InboundEvent.objects.values_list("event", "became", "fault", "state")
    refusals = Inbound.objects.values_list("refused_why", "cursor")
    return str([*events, *refusals, *Review.objects.values_list("details", "note")])


@pytest.mark.parametrize(
    "path", sorted(FIXTURES.glob("*/*.json")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_nothing_that_a_vendor_writes_stands_in_the_open(path, tell, caplog):
    caplog.set_level(logging.DEBUG)
    shown, slug = shown_in(path), path.parent.name
    settings = {"namespace": "ehr", **shown.get("settings", {})}
    source = SourceFactory.create(slug="vendor", kind=SourceKind.VENDOR_WEBHOOK)
    inbound = Inbound.objects.create(source=source, vendor=slug, settings=settings)
    form = "application/x-www-form-urlencoded" if "form" in shown else "application/json"
    told = 0
    for body in bodies(shown):
        tell(inbound, body, form)
        told += InboundEvent.objects.count()
        assert MARK not in kept(inbound), body
        InboundEvent.objects.all().delete()  # what bears the same name is not read twice

    assert told
    assert not [each.__dict__ for each in caplog.records if MARK in str(each.__dict__)]


@pytest.mark.parametrize(
    "said", ["group_unsubscribe", "contact.propertyChange", "ADT", "a-b", "page:view", "*", ""]
)
def test_a_name_as_systems_give_them_is_shown(said):
    assert word(said) == said


@pytest.mark.parametrize(
    "said", [HOSTILE, "pat@riverside.example", "2025550143", "t202-555-0143", "two words", "naïve", "x" * 200]
)
def test_anything_else_is_not(said):
    assert word(said) == HIDDEN
