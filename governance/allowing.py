"""What may be published of the allow list, and what takes two people."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse

from governance.allowed import AllowedEvent, event_from, is_name, is_path
from governance.terms import EventClass, PropertyClass
from preferences.catalogue import catalogue
from preferences.errors import Malformed
from preferences.models import Draft, Revision
from preferences.terms import RevisionKind

MOST_PROPERTIES = 200
Body = Mapping[str, Any]


def check_event(*, key: str, body: Body, before: Body | None) -> None:
    """Raises Malformed with what must be put right."""
    if body.get("name") != key:
        raise Malformed("an event's name never changes: allow the other name beside it")
    if not is_name(key):
        raise Malformed("an event's name is up to 100 letters, digits, spaces and _./:-, a letter first")
    if not str(body.get("what", "")).strip():
        raise Malformed("say in a few words what happens in this event")
    if body.get("class") not in EventClass.values:
        raise Malformed(f"the class of an event is one of {', '.join(EventClass.values)}")
    _check_properties(body["properties"])
    _check_categories(body["categories"], before["categories"] if before else ())


def _check_properties(properties: Mapping[str, str]) -> None:
    if len(properties) > MOST_PROPERTIES:
        raise Malformed(f"an event has at most {MOST_PROPERTIES} properties")
    for path, kind in properties.items():
        if not is_path(path):
            raise Malformed(f"“{path}” names no property: write clinic, or clinic.name where it is nested")
        if kind not in PropertyClass.values:
            raise Malformed(f"the class of {path} is one of {', '.join(PropertyClass.values)}")


def _check_categories(categories: list[str], before: Any) -> None:
    """One that was retired since may stay: rules then block what belongs to it."""
    known = catalogue()
    for slug in categories:
        if known.category(slug).retired and slug not in before:
            raise Malformed(f"{slug} is retired: nothing new belongs to it")


def edit_page(draft: Draft) -> str:
    """Where one goes on with a draft: the form of the event that stands, or that of a new one."""
    stands = Revision.objects.filter(kind=RevisionKind.EVENT, key=draft.key).order_by("-number").first()
    if stands:
        page = reverse("admin:governance_allowance_change", args=[stands.pk])
    else:
        page = reverse("admin:governance_allowance_add")
    return f"{page}?draft={draft.pk}"


def weigh_event(*, key: str, body: Body, before: Body | None) -> str:
    """Why one person alone may not publish this: something would be guarded less than before."""
    earlier = Revision.objects.filter(kind=RevisionKind.EVENT, key=key).order_by("number")
    found = [event_from(row.body, row.number) for row in earlier]
    return "; ".join(_lowered(event_from(body), found))


def _lowered(event: AllowedEvent, earlier: list[AllowedEvent]) -> Iterator[str]:
    if not earlier:
        return
    stands = earlier[-1]
    if stands.is_health and not event.is_health:
        yield "it would no longer count as health"
    # As it was last known: leaving a property out and letting it in again is no way around.
    was = {path: kind for each in earlier for path, kind in each.properties.items()}
    for path, kind in event.properties.items():
        if was.get(path, PropertyClass.PLAIN) not in (PropertyClass.PLAIN, kind):
            yield f"{path} would no longer count as {was[path].label.lower()}"
    for slug in stands.categories:
        if slug not in event.categories:
            yield f"it would no longer belong to {slug}"
