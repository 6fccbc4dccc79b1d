"""Looking people up, and reading what holds for one of them. Each look is logged (45 CFR 164.312(b))."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from preferences import catalogue, selectors, services
from preferences.api import naming
from preferences.api.conditional import answer_unless_known
from preferences.api.door import Door, answer
from preferences.api.paging import MOST, checked
from preferences.descriptions import preferences_of
from preferences.errors import Malformed, NotFound
from preferences.models import ApiKey, Profile
from preferences.terms import IdentifierKind, Scope

NAMED_BY = (
    IdentifierKind.EMAIL.value,
    IdentifierKind.PHONE.value,
    IdentifierKind.MRN.value,
    IdentifierKind.EXTERNAL_ID.value,
)


def actor(key: ApiKey) -> str:
    """Who looks, as the log of views names a key."""
    return f"{key.source.slug}: key heed_{key.pk}"


def survivor(profile: str) -> UUID:
    """The person whom a UUID means now, after any merge. Raises Malformed, NotFound."""
    asked = naming.uuid(profile)
    found = selectors.survivors([asked]).get(asked)
    if found is None:
        raise NotFound("there is no such profile: find it with POST /v1/profiles/search")
    return found


class Search(Door):
    """People who hold an address or number now. The body names it, so that no URL does."""

    scopes = frozenset({Scope.READ_PREFERENCES})

    def post(self, request: Request) -> HttpResponse:
        kind, value = naming.only_one(self.body, NAMED_BY)
        limit, after = _limit(self.body.get("limit")), _cursor(self.body.get("cursor"))
        found = selectors.find_people(naming.identifier(kind, value, source=self.key.source.slug))
        found = [each for each in found if after is None or each > after]
        page = found[:limit]
        services.log_view(actor=actor(self.key), page="POST /v1/profiles/search", found=len(page))
        return answer(
            {"results": _summaries(page), "next": str(page[-1]) if len(found) > len(page) else None}
        )


class Preferences(Door):
    """What holds for one person, per category and channel, with the reason."""

    scopes = frozenset({Scope.READ_PREFERENCES})

    def get(self, request: Request, profile: str) -> HttpResponse:
        pk = survivor(profile)
        body = _preferences(pk)
        services.log_view(actor=actor(self.key), page="GET /v1/profiles/{id}/preferences", profile_id=pk)
        return answer_unless_known(self, body)


def _preferences(pk: UUID) -> dict[str, Any]:
    known = catalogue.catalogue()
    person = selectors.people([pk])[pk]
    cells = preferences_of(known, person, selectors.rules_now())
    return {"profile": str(pk), "version": person.seen_version(), "preferences": cells}


def _summaries(page: list[UUID]) -> list[dict[str, Any]]:
    columns = ("id", "created_at", "jurisdiction", "language", "is_anonymous", "deceased_at")
    rows = Profile.objects.filter(id__in=page).order_by("id").values_list(*columns)
    return [
        {
            "profile": str(pk),
            "since": since.isoformat(),
            "jurisdiction": jurisdiction,
            "language": language,
            "anonymous": anonymous,
            "deceased": deceased is not None,
        }
        for pk, since, jurisdiction, language, anonymous, deceased in rows
    ]


def _limit(value: object) -> int:
    if value is None:
        return MOST
    return checked(value if isinstance(value, int) and not isinstance(value, bool) else 0)


def _cursor(value: object) -> UUID | None:
    try:
        return None if value is None else naming.uuid(value)
    except Malformed:
        raise Malformed("cursor must be the `next` of the answer before", key="cursor") from None
