"""POST /v1/identify: what a partner says about somebody. `/v1/batch` brings many of them."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from preferences import clock, services
from preferences.api import reading, segment
from preferences.api.door import Door
from preferences.api.once import once
from preferences.models import ApiKey
from preferences.services import Outcome
from preferences.terms import Scope

WRITERS = frozenset({Scope.WRITE_CHOICES, Scope.WRITE_ANONYMOUS})


class Identify(Door):
    """Record who somebody is and what they chose."""

    scopes = WRITERS

    def post(self, request: Request) -> HttpResponse:
        return once(request, self.key, self.body, lambda: identified(self.body, self.key))


def identified(body: Mapping[str, Any], key: ApiKey, sent_at: object = None) -> dict[str, Any]:
    """Record one call and say what came of it. Raises Refused: then nothing was written."""
    reading.check(body)
    call, said = segment.heard(body, key, clock.now(), sent_at)
    outcome = services.identify(call=call, said=said)
    # Whoever reads a browser's key out of a page learns nothing by it.
    shown = None if segment.is_browser_key(key) else outcome.profile_id
    return {
        "status": _status(outcome),
        "profile": str(shown) if shown else None,
        "version": str(outcome.version),
        "held_on_address": outcome.held_on_address,
        "possible_duplicate": outcome.possible_duplicate,
        "not_counted": [
            {"category": each.category, "channel": each.channel, "why": each.why}
            for each in outcome.not_counted
        ],
        "warnings": list(outcome.problems),
    }


def _status(outcome: Outcome) -> str:
    if outcome.duplicate:
        return "duplicate"
    return "recorded" if outcome.changed else "unchanged"
