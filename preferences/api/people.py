"""Looking people up. Each look is logged (45 CFR 164.312(b))."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from preferences import identity, selectors, services
from preferences.api import naming, schemas
from preferences.api.door import Door, answer
from preferences.api.operations import SOMEBODY, Operation
from preferences.api.paging import MOST, checked
from preferences.errors import Forgotten, Malformed, NotFound
from preferences.models import ApiKey, Profile
from preferences.terms import IdentifierKind, Scope

NAMED_BY = (
    IdentifierKind.EMAIL.value,
    IdentifierKind.PHONE.value,
    IdentifierKind.MRN.value,
    IdentifierKind.EXTERNAL_ID.value,
)
FIND = Operation(
    "People who hold an address or number now",
    scopes=frozenset({Scope.READ_PREFERENCES}),
    body=schemas.holding(
        email=schemas.or_null(schemas.EMAIL),
        phone=schemas.or_null(schemas.PHONE),
        mrn=schemas.or_null(schemas.named("Number")),
        external_id=schemas.or_null(schemas.named("Number")),
        limit=schemas.or_null(schemas.LIMIT),
        cursor=schemas.or_null({**schemas.CURSOR, "format": "uuid"}),
    ),
    example={"email": "pat@example.org"},
    answer=schemas.pages(
        schemas.exactly(
            profile=schemas.UUID,
            since=schemas.INSTANT,
            jurisdiction=schemas.TEXT,
            language=schemas.TEXT,
            anonymous=schemas.FLAG,
            deceased=schemas.FLAG,
        )
    ),
    shown={
        "results": [
            {
                "profile": SOMEBODY,
                "since": "2026-05-01T09:30:02.120000+00:00",
                "jurisdiction": "US-CA",
                "language": "es",
                "anonymous": False,
                "deceased": False,
            }
        ],
        "next": None,
    },
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


def standing(profile: str) -> UUID:
    """The same for what is recorded about a person. Raises Malformed, NotFound, Forgotten."""
    found = survivor(profile)
    if selectors.forgotten([naming.uuid(profile)]):
        raise Forgotten
    return found


class Search(Door):
    """People who hold an address or number now. The body names it, so that no URL does."""

    operations = {"POST": FIND}

    def post(self, request: Request) -> HttpResponse:
        kind, value = naming.only_one(self.body, NAMED_BY)
        limit, after = _limit(self.body.get("limit")), _cursor(self.body.get("cursor"))
        named = naming.identifier(kind, value, source=self.key.source.slug)
        found = identity.find_people(named, after=after, limit=limit + 1)
        page = found[:limit]
        services.log_view(actor=actor(self.key), page="POST /v1/profiles/search", found=len(page))
        return answer(
            {"results": _summaries(page), "next": str(page[-1]) if len(found) > len(page) else None}
        )


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
