"""What a system would receive, without anybody being told: its connector runs, and nothing leaves.

The connector answers itself, as a system that knows the person and holds nothing about them yet. Credentials
are never read: a stand-in takes their place, and what is sent to sign in is not shown.
"""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from destinations import sessions, shadow
from destinations.connectors import CONNECTORS
from destinations.contract import By, Call, Connector, Outcome, Settings, Stuck, Wanted
from destinations.mapping import compiled
from destinations.mapping.samples import Described, identified, view_of
from destinations.models import Destination, Propagation
from destinations.payloads import would_tell
from destinations.reading import snapshot_of
from destinations.terms import REASONS
from preferences import selectors
from preferences.catalogue import catalogue
from preferences.clock import instant
from preferences.terms import CHANNELS_OF

Rows = Sequence[Mapping[str, Any]]
STAND_IN = "whsec_" + base64.b64encode(b"stands in for a secret").decode()
SAMPLE_ID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Shown:
    """One call, as a page shows it, by its name and whole. `asks`: it only reads."""

    name: str
    line: str
    body: str
    asks: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """The calls about one address or person, and what stops them."""

    about: str
    calls: tuple[Shown, ...]
    stopped: str = ""

    @property
    def writes(self) -> bool:
        return any(not call.asks for call in self.calls)


def of_sample(destination: Destination, rows: Rows, described: Described, authority: str) -> Preview:
    """What would be sent about an invented person."""
    connector = CONNECTORS[destination.connector]
    view = view_of(described, connector, catalogue(), authority)
    [(person, _)], fields = view.people, compiled(rows).fields(view)
    who = identified(authority)
    address = view.values[view.address.id] if view.address else ""
    is_whole = connector.wants_snapshot
    wanted = Wanted(
        id=SAMPLE_ID,
        counter=1,
        digest="0" * 64,
        now=instant(view.rules.now),
        address=address,
        identifiers=() if address else who,
        fields=fields,
        fields_at={each.value: fields for each in who} if connector.shared_records else {},
        snapshot=snapshot_of(view, person, who, person.held) if is_whole else {},
    )
    return _seen(destination, wanted, address or "An invented person")


def of_person(destination: Destination, rows: Rows, ids: Collection[UUID]) -> list[Preview]:
    """What would be sent now about a person, or each of their addresses: by identifier."""
    connector, now = CONNECTORS[destination.connector], timezone.now()
    known = {
        row.identifier_id: row
        for row in Propagation.objects.filter(destination=destination, identifier__in=ids)
    }
    previews = []
    for pk, told in would_tell(destination, connector, ids, now, rows).items():
        row = known.get(pk)
        wanted = Wanted(
            id=str(row.id if row else SAMPLE_ID),
            counter=row.wanted + 1 if row else 1,
            digest=told.digest.hex(),
            now=now,
            **told.content,
        )
        about = wanted.address or "This person"
        previews.append(_seen(destination, wanted, about) if not told.nothing else Preview(about, ()))
    return previews


def told_about(connector: Connector, profile_id: UUID) -> list[UUID]:
    """The identifiers of a person under which a system is told about them."""
    if connector.addresses == By.PERSON:
        return [profile_id]
    person = selectors.people([profile_id])[profile_id]
    return [each.id for each in person.held if each.current and reaches(connector, each.kind)]


def reaches(connector: Connector, kind: str) -> bool:
    """Is a system that knows addresses told about one of this kind?"""
    return bool(CHANNELS_OF.get(kind, frozenset()) & connector.channels)


def _seen(destination: Destination, wanted: Wanted, about: str) -> Preview:
    """Run a connector to its end against its own answers."""
    connector, settings = CONNECTORS[destination.connector], stand_in_settings(destination)
    calls, stopped = [], ""
    for step in shadow.steps(connector, wanted, settings):
        if not isinstance(step, Call):
            stopped = _stopped(step)
        elif "grant_type" not in (step.form or {}):  # signing in is left out
            calls.append(shown(step, settings))
    return Preview(about, tuple(calls), stopped)


def stand_in_settings(destination: Destination) -> Settings:
    """As staff set them; a stand-in for each secret."""
    declared = CONNECTORS[destination.connector].settings
    values = {name: STAND_IN if each.secret else each.default for name, each in declared.items()}
    return Settings(values | destination.settings, {sessions.TOKEN: STAND_IN})


def shown(call: Call, settings: Settings) -> Shown:
    """A call as a page shows it."""
    asked = "&".join(f"{name}={value}" for name, value in call.params)
    name = f"{call.method} {call.path or settings.base_url}"
    return Shown(
        name,
        f"{name}?{asked}" if asked else name,
        _content(call),
        asks=call.method == "GET" or call.path.endswith("/search"),
    )


def _content(call: Call) -> str:
    """What is sent, for reading: JSON in lines, a form's fields and an HL7 message's segments one a line."""
    if call.form:
        return "\n".join(f"{name}={value}" for name, value in call.form.items())
    text = (call.body or b"").decode("utf-8", "replace")
    try:
        content = json.loads(text) if text else call.json
    except ValueError:
        return text.replace("\r", "\n").strip()
    return "" if content is None else json.dumps(content, indent=2, ensure_ascii=False)


def _stopped(outcome: Outcome) -> str:
    if not isinstance(outcome, Stuck):
        return ""
    return " ".join(filter(None, [REASONS[outcome.reason], outcome.detail]))
