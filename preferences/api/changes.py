"""GET /v1/profiles/{id}/changes: what was recorded about one person, newest first, without evidence."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import F
from django.http import HttpResponse
from rest_framework.request import Request

from preferences import services
from preferences.api import schemas
from preferences.api.door import Door, answer
from preferences.api.operations import SOMEBODY, Operation
from preferences.api.paging import limit_of, whole
from preferences.api.people import actor, survivor
from preferences.clock import instant
from preferences.models import Change, Holding, Profile
from preferences.terms import Scope, SubjectKind

# What an entry may say to a partner. Whatever else is in it (which member of staff, the text of an address,
# numbers of rows) stays here.
SAID = (
    *("category", "channel", "state", "kind", "set", "name", "value", "held", "verified", "relation"),
    *("profile", "from", "into", "identifier", "identifiers", "via", "except", "counted", "why"),
)
MOMENTS = {"at": "effective_at", "until": "until"}  # µs in the ledger

READ = Operation(
    "One person's ledger, newest first, without evidence",
    scopes=frozenset({Scope.READ_LEDGER}),
    query={"limit": schemas.LIMIT, "cursor": {**schemas.CURSOR, "pattern": r"^\d{1,18}$"}},
    answer=schemas.pages(schemas.named("Change"), profile=schemas.UUID),
    shown={
        "profile": SOMEBODY,
        "results": [
            {
                "id": "31",
                "subject": "profile",
                "profile": SOMEBODY,
                "source": "preference_page",
                "by": "person",
                "how": None,
                "occurred_at": "2026-05-01T09:30:00+00:00",
                "recorded_at": "2026-05-01T09:30:00.120000+00:00",
                "notice": "preference_page.en@3",
                "hash": "5108a3c1" * 8,
                "entries": [
                    {
                        "do": "choice",
                        "category": "marketing_emails",
                        "channel": "email",
                        "state": "opted_out",
                        "effective_at": "2026-05-01T09:30:00+00:00",
                    }
                ],
            }
        ],
        "next": None,
    },
)


class Changes(Door):
    """The ledger of one person: their own entries, those of who they were, and of the addresses they have."""

    operations = {"GET": READ}

    def get(self, request: Request, profile: str) -> HttpResponse:
        limit, before = limit_of(request.query_params), whole(request.query_params, "cursor")
        pk = survivor(profile)
        services.log_view(actor=actor(self.key), page="GET /v1/profiles/{id}/changes", profile_id=pk)
        kinds = _kinds(pk)
        rows = _rows({pk, *kinds}, before, limit + 1)
        following = str(rows[limit - 1].pk) if len(rows) > limit else None
        results = [_described(each, kinds) for each in rows[:limit]]
        return answer({"profile": str(pk), "results": results, "next": following})


def _kinds(pk: UUID) -> dict[UUID, str]:
    """Whose entries are this person's: identifiers by their kind, and people whom they were merged with."""
    held = Holding.objects.filter(profile=pk).values_list("identifier_id", F("identifier__kind"))
    were = Profile.objects.filter(merged_into=pk).values_list("id", flat=True)
    return {**dict(held), **dict.fromkeys(were, SubjectKind.PROFILE.value)}


def _rows(subjects: Collection[UUID], before: int | None, most: int) -> list[Change]:
    """Newest first: an id is only ever given to a later entry of the same chain."""
    rows = Change.objects.filter(subject_id__in=subjects)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.select_related("source", "notice").defer("evidence").order_by("-pk")[:most])


def _described(change: Change, kinds: Mapping[UUID, str]) -> dict[str, Any]:
    entries = json.loads(change.entries)
    on_address = change.subject_kind == SubjectKind.IDENTIFIER
    return {
        "id": str(change.pk),
        "subject": kinds.get(change.subject_id, "") if on_address else SubjectKind.PROFILE.value,
        "profile": None if on_address else str(change.subject_id),
        "source": change.source.slug,
        "by": next((entry["by"] for entry in entries if "by" in entry), None),
        "how": next((entry["how"] for entry in entries if "how" in entry), None),
        "occurred_at": change.occurred_at.isoformat(),
        "recorded_at": change.recorded_at.isoformat(),
        "notice": f"{change.notice.key}@{change.notice.number}" if change.notice else None,
        "hash": bytes(change.hash).hex(),
        "entries": [dict(_words(entry)) for entry in entries],
    }


def _words(entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "do", entry["do"]
    for name in SAID:
        if name in entry:
            yield name, entry[name]
    for name, called in MOMENTS.items():
        if isinstance(entry.get(name), int):
            yield called, instant(entry[name]).isoformat()
