"""What holds for one person, and what they choose: GET and PATCH /v1/profiles/{id}/preferences."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from preferences import catalogue, clock, selectors, services
from preferences.api import naming, patching, schemas
from preferences.api.conditional import answer_unless_known, etag, listed
from preferences.api.door import Door
from preferences.api.once import once
from preferences.api.operations import JSON, SOMEBODY, Operation
from preferences.api.people import actor, survivor
from preferences.api.problems import Problem
from preferences.descriptions import preferences_of
from preferences.terms import ANY, Scope

PAGE = "/v1/profiles/{id}/preferences"
MERGE_PATCH = "application/merge-patch+json"
OFF = {"state": "opted_out", "allowed": False, "because": "choice", "since": "2026-05-01T09:30:00+00:00"}
STANDING: dict[str, schemas.Schema] = {
    "profile": schemas.UUID,
    "version": schemas.TEXT,
    "preferences": schemas.named("Preferences"),
}
READ = Operation(
    "What holds for one person now, and why",
    scopes=frozenset({Scope.READ_PREFERENCES}),
    answer=schemas.exactly(**STANDING),
    shown={
        "profile": SOMEBODY,
        "version": "2.0",
        "preferences": {
            "marketing_emails": {"email": OFF},
            "sale_or_sharing": {
                "*": {"state": "never_asked", "allowed": True, "because": "default", "since": None}
            },
        },
    },
    etag=True,
)
CHOOSE = Operation(
    "What one person chose (RFC 7396)",
    scopes=frozenset({Scope.WRITE_CHOICES}),
    body=patching.BODY,
    example={
        "preferences": {"marketing_emails": False, "appointment_reminders": {"sms": {"state": "opted_out"}}}
    },
    answer=schemas.exactly(
        status=schemas.one_of(("recorded", "unchanged")),
        **STANDING,
        not_counted=schemas.listed(schemas.named("NotCounted")),
        warnings=schemas.listed(schemas.TEXT),
    ),
    shown={
        "status": "recorded",
        "profile": SOMEBODY,
        "version": "3.0",
        "preferences": {"marketing_emails": {"email": OFF}, "appointment_reminders": {"sms": OFF}},
        "not_counted": [],
        "warnings": [],
    },
    once=True,
    etag=True,
    problems=frozenset({"forgotten", "unknown_category", "unknown_channel"}),
    takes=(MERGE_PATCH, JSON),
)


class Preferences(Door):
    """What holds for one person, per category and channel, with the reason; and what they choose."""

    operations = {"GET": READ, "PATCH": CHOOSE}

    def get(self, request: Request, profile: str) -> HttpResponse:
        pk = survivor(profile)
        body = _standing(pk)
        services.log_view(actor=actor(self.key), page=f"GET {PAGE}", profile_id=pk)
        return answer_unless_known(self, body)

    def patch(self, request: Request, profile: str) -> HttpResponse:
        """Record what says something new, and answer what holds now in the categories that were named."""
        return once(request, self.key, self.body, lambda: self._chosen(profile))

    def _chosen(self, profile: str) -> dict[str, Any]:
        pk = survivor(profile)
        patch = patching.read(self.body, self.key, clock.now())
        named = {choice.category for choice in patch.choices}
        recorded = services.choose(
            profile_id=naming.uuid(profile),  # whom it was meant for, should merged people part again
            choices=patch.choices,
            said=patch.said,
            provided=lambda who: self._as_seen(who, named),
        )
        services.log_view(actor=actor(self.key), page=f"PATCH {PAGE}", profile_id=pk)
        standing = _standing(pk)
        self.headers["ETag"] = etag(standing)
        not_counted = [
            {"category": each.category, "channel": each.channel, "why": each.why}
            for each in recorded.not_counted
        ]
        return {
            "status": "unchanged" if recorded.change is None else "recorded",
            **_about(standing, named),
            "not_counted": not_counted,
            "warnings": list(patch.warnings),
        }

    def _as_seen(self, pk: UUID, named: set[str]) -> None:
        """Raises Problem (412) where the caller asked for it and something else stands by now."""
        header = self.request.META.get("HTTP_IF_MATCH")
        if header is None:
            return
        standing = _standing(pk)
        if not listed(etag(standing), header, weakly=False):
            raise Problem(
                "stale",
                "look at what stands now (`current`), and send it again without If-Match or with this ETag",
                headers={"ETag": etag(standing)},
                current=_about(standing, named),
            )


def _standing(pk: UUID) -> dict[str, Any]:
    known = catalogue.catalogue()
    person = selectors.people([pk])[pk]
    cells = preferences_of(known, person, selectors.rules_now())
    return {"profile": str(pk), "version": person.seen_version(), "preferences": cells}


def _about(standing: Mapping[str, Any], named: set[str]) -> dict[str, Any]:
    """A key that may only write learns of no more than it wrote about."""
    cells = standing["preferences"].items()
    return {**standing, "preferences": {slug: cell for slug, cell in cells if slug in named or ANY in named}}
