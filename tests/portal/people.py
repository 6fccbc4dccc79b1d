"""Invented people for the tests of the patients' pages."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from preferences import identity, services
from preferences.mission import body, offer
from preferences.models import Revision, Source
from preferences.services import Call, Choice, Said
from preferences.terms import (
    ANY,
    Actor,
    Channel,
    IdentifierKind,
    Relation,
    RestrictionKind,
    RevisionKind,
    SourceKind,
    State,
)
from preferences.unread import HELD

IN, OUT = State.IN, State.OUT
EMAIL, PHONE = "joan@example.org", "+12025550143"


def clinic() -> Source:
    """A system of the hospital whose word is not the person's own."""
    source, _ = Source.objects.get_or_create(
        slug="clinic", defaults={"name": "Clinic", "kind": SourceKind.PARTNER}
    )
    return source


def said(source: Source | None = None, by: Actor = Actor.PARTNER) -> Said:
    return Said(source=source or clinic(), by=by, occurred=timezone.now())


def by_staff() -> Said:
    return Said(Source.objects.get(slug="staff"), Actor.STAFF, timezone.now(), who="ruth")


def looks_after(
    proxy_id: UUID,
    profile_id: UUID,
    relation: Relation = Relation.CAREGIVER,
    categories: Collection[str] = (ANY,),
    born: date | None = None,
) -> None:
    """Staff have recorded that the one may choose for the other, since yesterday and for a month."""
    now = timezone.now()
    services.grant_proxy(
        profile_id=profile_id,
        proxy_id=proxy_id,
        relation=relation,
        starts=now - timedelta(days=1),
        ends=now + timedelta(days=30),
        categories=list(categories),
        said=by_staff(),
        born=born,
    )


def person(*, email: str = EMAIL, phone: str = PHONE, jurisdiction: str = "") -> UUID:
    """Somebody the clinic knows, who was never asked anything."""
    names = [(IdentifierKind.EMAIL, email), (IdentifierKind.PHONE, phone)]
    call = Call(
        identifiers=tuple(identity.named(kind, value) for kind, value in names if value)
        + (identity.named(IdentifierKind.EXTERNAL_ID, f"patient {email}{phone}", "clinic"),),
        attributes={"jurisdiction": jurisdiction} if jurisdiction else {},
    )
    found = services.identify(call=call, said=said()).profile_id
    assert found
    return found


def address(kind: str, value: str) -> UUID:
    named = identity.named(kind, value)
    return identity.find([named])[named]


def chose(profile_id: UUID, *choices: tuple[str, str, State]) -> None:
    """The person said so, on the page, before."""
    page = Source.objects.get(slug="preference_page")
    services.record(
        profile_id=profile_id,
        choices=[Choice(*each) for each in choices],
        said=said(page, Actor.PERSON),
    )


def texted_stop(number: str = PHONE) -> None:
    services.restrict(
        identifier_id=address(IdentifierKind.PHONE, number), kind=RestrictionKind.STOP, said=said()
    )


def texted_what_nobody_has_read(number: str = PHONE) -> None:
    services.restrict(
        identifier_id=address(IdentifierKind.PHONE, number),
        kind=RestrictionKind.SUPPRESSED,
        said=replace(said(), how=HELD),
        channel=Channel.SMS,
    )


def body_of(slug: str) -> dict[str, Any]:
    """A category as published now, to be published with something changed."""
    return dict(Revision.objects.filter(kind=RevisionKind.CATEGORY, key=slug).latest("number").body)


def publish_category(body: dict[str, Any]) -> None:
    services.publish(
        kind=RevisionKind.CATEGORY,
        key=body["slug"],
        body=body,
        author="Test",
        reason="For a test",
        approved_by="Another",
    )


def publish_required_category() -> None:
    """What the demo adds: bills and legal letters, which nobody can turn off."""
    texts = {
        "name": "Bills and legal letters",
        "description": "What you owe, and what the law asks us to tell you.",
        "example": "“Your statement for May is ready”",
        "how_often": "When there is something to tell",
        "required_reason": "The law asks us to send you these.",
    }
    offers = [offer(channel, True, "any") for channel in ("email", "mail")]
    publish_category(body("service_notices", 55, {"en": texts}, offers, required=True))
