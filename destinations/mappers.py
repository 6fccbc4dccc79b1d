"""What is asked before a mapper is published: does it hold, and for how many people does it differ?"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings as django_settings
from django.urls import reverse

from destinations.blast import would_change
from destinations.connectors import CONNECTORS
from destinations.contract import Settings
from destinations.mapping.checking import problems
from destinations.mapping.problems import Problem, System
from destinations.mapping.published import default_body
from destinations.mapping.wording import said_by
from destinations.models import Destination
from destinations.terms import Purpose
from preferences.catalogue import catalogue
from preferences.errors import Malformed
from preferences.models import Draft, Source
from preferences.services import in_force
from preferences.slots import Line
from preferences.terms import RevisionKind

Body = Mapping[str, Any]


def system_of(destination: Destination) -> System:
    """What checks must know of a system whose connector there is: three small queries."""
    connector = CONNECTORS[destination.connector]
    declared = {name: setting.default for name, setting in connector.settings.items()}
    lists = [name for name, setting in connector.settings.items() if setting.many]
    return System(
        name=destination.name,
        connector=connector,
        is_advertising=destination.purpose == Purpose.ADVERTISING,
        has_agreement=bool(destination.agreement),
        reserved=connector.reserved(Settings(declared | destination.settings)),
        catalogue=catalogue(),
        authority=django_settings.HEED_MRN_AUTHORITY,
        sources=frozenset(Source.objects.values_list("slug", flat=True)),
        named={name: frozenset(destination.settings.get(name) or ()) for name in lists},
        standing=_standing(destination),
    )


def _standing(destination: Destination) -> frozenset[str]:
    stands = in_force(RevisionKind.MAPPER, destination.slug)
    rows = stands.body["rows"] if stands else ()
    return frozenset(str(row.get("source")) for row in rows)


def first_body(destination: Destination) -> dict[str, Any]:
    """The rows that a connector comes with, so far as they fit this hospital and this system's purpose."""
    body = default_body(destination.connector)
    fresh = replace(system_of(destination), standing=frozenset())
    wrong = {each.row for each in problems(body, fresh)}
    return {**body, "rows": [row for number, row in enumerate(body["rows"], 1) if number not in wrong]}


def lines(body: Body) -> Iterator[Line]:
    """What a system is told, field by field in words."""
    known = catalogue()
    return (Line(row["target"], row["target"], said_by(row, known)) for row in body.get("rows", ()))


def check_mapper(*, key: str, body: Body, before: Body | None) -> None:
    """Raises Malformed with every row that must be put right."""
    destination = Destination.objects.filter(slug=key).first()
    if destination is None or destination.connector not in CONNECTORS:
        raise Malformed(f"there is no system “{key}” that could be told by a mapper")
    if body.get("connector") != destination.connector:
        raise Malformed(f"this mapper is for another kind of system than {destination.name}")
    found = problems(body, system_of(destination))
    if found:
        raise Malformed("; ".join(map(str, found)), problems=tuple(found))


def problems_of(destination: Destination, body: Body) -> list[Problem]:
    """The same as a list, for the page on which a mapper is edited."""
    return problems(body, system_of(destination))


def check_standing(*, before: Destination, after: Destination) -> None:
    """Raises Malformed where a change of the connection, of its purpose say, makes its mapper wrong."""
    stands = in_force(RevisionKind.MAPPER, after.slug)
    if stands is None:
        return
    known = set(problems(stands.body, replace(system_of(before), name=after.name)))
    found = [each for each in problems_of(after, stands.body) if each not in known]
    if found:
        raise Malformed(f"change first what it is told: {'; '.join(map(str, found))}")


def weigh_mapper(*, key: str, body: Body, before: Body | None) -> str:
    """Why one member of staff may not publish this alone; empty where they may."""
    destination = Destination.objects.filter(slug=key).first()
    if destination is None:
        return ""
    found = would_change(destination=destination, rows=body["rows"])
    if not found.needs_second_person:
        return ""
    return f"{destination.name} would be told something else about {found.in_words} of those it knows"


def page_of_draft(draft: Draft) -> str:
    """Where a draft is compared and published."""
    system = Destination.objects.filter(slug=draft.key, connector__in=CONNECTORS).values_list("pk", flat=True)
    pk = system.first()
    return reverse("admin:destinations_destination_mapper_draft", args=[pk, draft.pk]) if pk else ""
