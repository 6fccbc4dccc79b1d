"""/v1/restrictions: denials that beat choices, which many may set and few may lift."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from preferences import clock, identity, projection, selectors, services
from preferences.api import denials, naming, restriction_ids, schemas
from preferences.api.door import Door
from preferences.api.once import once
from preferences.api.operations import Operation
from preferences.api.people import standing
from preferences.api.restriction_ids import Known
from preferences.errors import Malformed
from preferences.identity import Named
from preferences.models import ApiKey
from preferences.services import Said
from preferences.services.choosing import SAME_NO
from preferences.terms import ANY, IdentifierKind, RestrictionKind, Scope, Verified

ON = (IdentifierKind.EMAIL.value, IdentifierKind.PHONE.value, "profile")
ANSWER: dict[str, schemas.Schema] = {
    "id": {"type": "string", "pattern": restriction_ids.PATTERN},
    "kind": schemas.one_of(RestrictionKind.values),
}
ID = "C6YfDmwPSlGaUi9vbCt6EF3w0pD1qkQz"
SET = Operation(
    "Deny what a person chose: STOP, do not call, an address left alone, an order, deceased",
    scopes=frozenset({Scope.WRITE_RESTRICTIONS}),
    body=schemas.only(("kind",), **denials.SET, writeKey=schemas.TEXT),
    example={"kind": "do_not_call", "phone": "+1 202 555 0143", "evidence": {"call": "CA-2231"}},
    answer=schemas.exactly(status=schemas.one_of(("recorded", "unchanged")), **ANSWER),
    shown={"status": "recorded", "id": ID, "kind": "do_not_call"},
    once=True,
    problems=frozenset({"not_found", "forgotten", "unknown_category", "unknown_channel"}),
)
LIFT = Operation(
    "End a restriction, for those who may",
    scopes=frozenset({Scope.WRITE_RESTRICTIONS}),
    body=schemas.only((), **denials.LIFT, writeKey=schemas.TEXT),
    example={"evidence": {"call": "CA-2290", "said": "please call me again"}},
    answer=schemas.exactly(status=schemas.one_of(("lifted", "unchanged")), **ANSWER),
    shown={"status": "lifted", "id": ID, "kind": "do_not_call"},
    needs_body=False,
    once=True,
    problems=frozenset({"not_found", "forgotten"}),
)


class Restrictions(Door):
    """Set one, by anyone whose key may."""

    operations = {"POST": SET}

    def post(self, request: Request) -> HttpResponse:
        return once(request, self.key, self.body, lambda: _set(self.body, self.key))


class Restriction(Door):
    """Lift one: the table of DESIGN section 4 says who may, and a refusal repeats it."""

    operations = {"DELETE": LIFT}

    def delete(self, request: Request, restriction: str) -> HttpResponse:
        return once(request, self.key, self.body, lambda: _lifted(restriction, self.body, self.key))


def _set(body: Mapping[str, Any], key: ApiKey) -> dict[str, Any]:
    denials.check(body, denials.SET)
    kind, said = denials.kind(body), denials.said(body, key)
    on, value = naming.only_one(body, ON)
    if kind in restriction_ids.ON_PEOPLE:
        if on != "profile":
            raise Malformed(f"{kind.label} is about a person: name the profile", key="profile")
        return _on_person(kind, standing(value if isinstance(value, str) else ""), body, said)
    if on == "profile":
        raise Malformed(f"{kind.label} is about an address: name the email or phone", key=on)
    return _on_address(kind, naming.identifier(on, value, source=""), body, said)


def _on_person(kind: RestrictionKind, pk: UUID, body: Mapping[str, Any], said: Said) -> dict[str, Any]:
    if kind == RestrictionKind.ORDER:
        services.order(profile_id=pk, allowed=denials.allowed(body.get("allowed")), said=said)
        return _answer("recorded", kind, pk, kind.value)
    if selectors.people([pk])[pk].deceased:
        return _answer("unchanged", kind, pk, kind.value)
    services.set_deceased(profile_id=pk, deceased=True, said=said)
    return _answer("recorded", kind, pk, kind.value)


def _on_address(kind: RestrictionKind, named: Named, body: Mapping[str, Any], said: Said) -> dict[str, Any]:
    category, channel = naming.slug(body, "category", ANY), naming.slug(body, "channel", "")
    denial = services.denial_at(address=named.kind, kind=kind, category=category, channel=channel)
    pk = identity.find_or_make([named])[named]
    set_at = selectors.identifiers([pk])[pk].restrictions.get(denial, [0, 0, 0, 0])
    again = clock.micros(clock.start_of(said.occurred, clock.now())) - SAME_NO
    if projection.in_force(set_at) and set_at[0] >= again:
        return _answer("unchanged", kind, pk, denial)
    services.restrict(identifier_id=pk, kind=kind, said=said, category=category, channel=channel)
    return _answer("recorded", kind, pk, denial)


def _lifted(name: str, body: Mapping[str, Any], key: ApiKey) -> dict[str, Any]:
    denials.check(body, denials.LIFT)
    known, said = restriction_ids.known_by(name), denials.said(body, key)
    if known.in_force:
        _lift(known, said, denials.verified(body.get("verified")))
    status = "lifted" if known.in_force else "unchanged"
    return {"status": status, "id": name, "kind": known.kind.value}


def _lift(known: Known, said: Said, verified: Verified | None) -> None:
    match known.kind:
        case RestrictionKind.ORDER:
            services.end_order(profile_id=known.subject, said=said)
        case RestrictionKind.DECEASED:
            services.set_deceased(profile_id=known.subject, deceased=False, said=said)
        case kind:
            services.lift(
                identifier_id=known.subject,
                kind=kind,
                said=said,
                category=known.category,
                channel=known.channel,
                verified=verified,
            )


def _answer(status: str, kind: RestrictionKind, subject: UUID, denial: str) -> dict[str, Any]:
    return {"status": status, "id": restriction_ids.of(subject, denial), "kind": kind.value}
