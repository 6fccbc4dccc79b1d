"""POST /v1/profiles/{id}/links: what to put into a message, so that its reader can choose and can stop it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from portal.links import link_for
from portal.terms import Purpose
from preferences import identity, selectors, services
from preferences.api import naming, schemas
from preferences.api.door import Door, answer
from preferences.api.operations import SOMEBODY, Operation
from preferences.api.people import actor, survivor
from preferences.catalogue import catalogue
from preferences.errors import Malformed
from preferences.identity import Named
from preferences.terms import ANY, IdentifierKind, Scope

STOP_URL = "https://preferences.example.org/u/AQR0…"
NAMED: dict[str, schemas.Schema] = {
    "category": schemas.or_null(schemas.CATEGORY_OR_ANY),
    "to": schemas.or_null(schemas.named("Address")),
}
MAKE = Operation(
    "What to put into a message: links to choose and to stop, and headers for mail programs (RFC 8058)",
    scopes=frozenset({Scope.WRITE_LINKS}),
    body=schemas.only((), **NAMED, writeKey=schemas.TEXT),
    example={"category": "marketing_emails"},
    answer=schemas.exactly(
        profile=schemas.UUID,
        preference_url=schemas.TEXT,
        preference_url_until=schemas.INSTANT,
        unsubscribe_url=schemas.or_null(schemas.TEXT),
        headers=schemas.by_name(schemas.TEXT),
    ),
    shown={
        "profile": SOMEBODY,
        "preference_url": "https://preferences.example.org/p/AQR0…",
        "preference_url_until": "2026-05-31T09:30:00+00:00",
        "unsubscribe_url": STOP_URL,
        "headers": {
            "List-Unsubscribe": f"<{STOP_URL}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    },
    problems=frozenset({"forgotten", "unknown_category"}),
)


class Links(Door):
    """A link to a person's page, one to unsubscribe, and the headers that mail programs look for (RFC 8058).

    Both links verify, or act for, the address that the message goes to: `to` must be the person's own.
    """

    operations = {"POST": MAKE}

    def post(self, request: Request, profile: str) -> HttpResponse:
        naming.only(self.body, NAMED)  # a slip in *category* would make a link that stops everything
        category = naming.slug(self.body, "category", ANY)
        may_stop = _may_stop(category)
        to = naming.address(self.body.get("to"))
        pk = survivor(profile)
        address = _theirs(pk, to) if to else None
        services.log_view(actor=actor(self.key), page="POST /v1/profiles/{id}/links", profile_id=pk)
        stop = _public(link_for(pk, category, address, purpose=Purpose.UNSUBSCRIBE)) if may_stop else None
        until = timezone.now() + timedelta(days=settings.HEED_LINK_DAYS)
        return answer(
            {
                "profile": str(pk),
                "preference_url": _public(link_for(pk, category, address)),
                "preference_url_until": until.isoformat(timespec="seconds"),
                "unsubscribe_url": stop,
                "headers": _headers(stop) if stop and _may_be_mailed(to) else {},
            }
        )


def _may_stop(category: str) -> bool:
    """No link promises to stop what can't be stopped. Raises UnknownCategory, Malformed."""
    if category == ANY:
        return True
    found = catalogue().category(category)
    if found.is_data_use:
        raise Malformed(
            f"{category} is a use of data: no message is sent about it. Name another category, or none",
            key="category",
        )
    return not found.required


def _theirs(pk: UUID, to: Named) -> UUID:
    """Raises Malformed: whoever opened the link would see the page of somebody else."""
    found = identity.find([to]).get(to)
    held = selectors.people([pk])[pk].held
    if found is None or not any(each.id == found and each.current for each in held):
        raise Malformed("this person does not have that address: say whose it is with an identify", key="to")
    return found


def _may_be_mailed(to: Named | None) -> bool:
    return to is None or to.kind == IdentifierKind.EMAIL


def _headers(stop: str) -> dict[str, Any]:
    return {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _public(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"
