"""What holds for a person, in the JSON words of DESIGN section 7: for the API and for webhooks."""

from typing import Any

from preferences import projection
from preferences.answers import Answer, Rules, everything
from preferences.catalogue import Catalogue
from preferences.clock import instant
from preferences.person import HeldIdentifier, Person
from preferences.terms import ANY


def described(answer: Answer) -> dict[str, Any]:
    """One answer."""
    return {
        "state": answer.state.value,
        "allowed": answer.allowed,
        "because": answer.reason.value,
        "since": instant(answer.since).isoformat() if answer.since else None,
    }


def preferences_of(catalogue: Catalogue, person: Person, rules: Rules) -> dict[str, Any]:
    """Per category and channel, never-asked ones too; a use of data, without a channel, stands under `*`."""
    described_all: dict[str, dict[str, Any]] = {}
    for (category, channel), answer in everything(catalogue, person, rules).items():
        described_all.setdefault(category, {})[channel or ANY] = described(answer)
    return described_all


def restrictions_of(identifier: HeldIdentifier) -> list[dict[str, Any]]:
    """The restrictions in force on one identifier."""
    found = []
    for key, value in projection.denials(identifier.restrictions):
        kind, category, channel = key.split(":")
        if projection.in_force(value):
            found.append(
                {
                    "kind": kind,
                    "category": category,
                    "channel": channel or "*",
                    "since": instant(value[0]).isoformat(),
                }
            )
    return found
