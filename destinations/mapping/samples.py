"""Invented people, to try a mapper on: who they are is data, so that an example can be kept with the mapper.

`{"said": {"marketing_emails:email": "opted_out"}, "restrictions": ["stop:sms"], "deceased": true,
"jurisdiction": "US-CA", "language": "es"}`; everything may be left out.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from destinations.contract import By, Connector, Identified
from destinations.mapping.problems import System, Wrong
from destinations.mapping.view import View
from preferences.answers import Rules
from preferences.catalogue import Catalogue
from preferences.clock import micros
from preferences.person import HeldIdentifier, Person
from preferences.terms import ADDRESS_OF, ANY, CHANNELS_OF, IdentifierKind, State

SAID_AT = micros(datetime(2026, 1, 15, 17, 0, tzinfo=UTC))
NOW = micros(datetime(2026, 2, 1, 17, 0, tzinfo=UTC))
WHO = UUID("5a3b1e00-0000-4000-8000-000000000000")
VALUES = {
    UUID("5a3b1e00-0000-4000-8000-000000000001"): (IdentifierKind.EMAIL, "sample@example.org"),
    UUID("5a3b1e00-0000-4000-8000-000000000002"): (IdentifierKind.PHONE, "+12025550123"),
    UUID("5a3b1e00-0000-4000-8000-000000000003"): (IdentifierKind.MRN, "SAMPLE-1"),
}
STATES = frozenset({State.IN, State.OUT})
RESTRICTIONS = {
    "suppressed:email": "Their email address may not be used",
    "suppressed:sms": "Their phone number may not be used",
    "stop:sms": "They sent STOP from their phone",
    "do_not_call:phone": "They asked not to be called",
}

Described = Mapping[str, Any]


def person_of(described: Described, authority: str) -> Person:
    """The person as answers see them."""
    return Person(
        WHO,
        {key: [int(state == State.IN), SAID_AT, 1, 0] for key, state in described.get("said", {}).items()},
        described.get("jurisdiction", ""),
        described.get("language", ""),
        deceased=described.get("deceased", False),
        held=tuple(
            HeldIdentifier(pk, kind, authority if kind == IdentifierKind.MRN else "", _on(kind, described))
            for pk, (kind, _) in VALUES.items()
        ),
    )


def _on(kind: str, described: Described) -> dict[str, list[int]]:
    named = [each.split(":") for each in described.get("restrictions", ())]
    return {
        f"{restriction}:{ANY}:": [SAID_AT, 1, 0, 0]
        for restriction, channel in named
        if ADDRESS_OF[channel] == kind
    }


def view_of(described: Described, connector: Connector, catalogue: Catalogue, authority: str) -> View:
    """How a system sees the person: as such, or as the holder of the address that it knows them by."""
    person = person_of(described, authority)
    address = next((each for each in person.held if _is_known_by(connector, each.kind)), None)
    values = {pk: value for pk, (_, value) in VALUES.items()}
    return View([(person, True)], address, catalogue, Rules(NOW), values)


def _is_known_by(connector: Connector, kind: str) -> bool:
    reached = CHANNELS_OF.get(kind, frozenset()) & connector.channels
    return connector.addresses == By.ADDRESS and bool(reached)


def identified(authority: str) -> tuple[Identified, ...]:
    """The same identifiers as a connector is handed them."""
    return tuple(
        Identified(kind, authority if kind == IdentifierKind.MRN else "", value)
        for kind, value in VALUES.values()
    )


def check_person(described: Any, system: System) -> None:
    """Raises Wrong where it describes nobody."""
    shapes = {"said": Mapping, "restrictions": list, "deceased": bool, "jurisdiction": str, "language": str}
    if not isinstance(described, Mapping) or set(described) - set(shapes):
        raise Wrong("the person can't be read")
    if not all(isinstance(value, shapes[name]) for name, value in described.items()):
        raise Wrong("the person can't be read")
    if set(described.get("restrictions", ())) - set(RESTRICTIONS):
        raise Wrong("there is no such restriction")
    for key, state in described.get("said", {}).items():
        category, _, channel = str(key).partition(":")
        known = system.catalogue.by_slug.get(category)
        if known is None or channel not in known.channels or state not in STATES:
            raise Wrong(f"“{key}” is nothing that a person can answer")
