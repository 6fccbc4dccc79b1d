"""Allowing with one click what was seen and dropped."""

from typing import Any

from governance.models import SeenNotAllowed
from governance.terms import EventClass, PropertyClass
from preferences.errors import Malformed
from preferences.models import Revision
from preferences.services import in_force
from preferences.services.publishing import Publication, bring_out
from preferences.terms import RevisionKind

NO_WORDS = "Nobody has written yet what happens in it"


def allow_seen(*, seen: SeenNotAllowed, kind: PropertyClass, by: str) -> Revision:
    """Publish the next revision of an event, with what was seen of it; it no longer stands among the dropped.

    Raises Malformed where it can't be allowed; Forbidden where it takes a second person, because the property
    was once known as something that is guarded more.
    """
    if not seen.event:
        raise Malformed("these are names that nobody can allow as they are")
    while True:
        before = in_force(RevisionKind.EVENT, seen.event)
        body = _with(seen, kind, before.body if before else None)
        wanted = Publication(RevisionKind.EVENT, seen.event, body, by, _reason(seen, kind))
        if revision := bring_out(wanted, before):
            SeenNotAllowed.objects.filter(pk=seen.pk).delete()
            return revision


def _with(seen: SeenNotAllowed, kind: PropertyClass, before: dict[str, Any] | None) -> dict[str, Any]:
    if not seen.property:
        if kind not in EventClass.values:
            raise Malformed("an event is plain or health; only a property can be an identifier")
        return {**(before or _new(seen.event)), "class": kind.value, "retired": False}
    if before is None:
        raise Malformed("allow the event first")
    return {**before, "properties": {**before["properties"], seen.property: kind.value}}


def _new(name: str) -> dict[str, Any]:
    return {"name": name, "what": NO_WORDS, "categories": [], "properties": {}}


def _reason(seen: SeenNotAllowed, kind: PropertyClass) -> str:
    what = seen.property or "the event"
    return f"Allowed where it was seen: {what}, as {kind.label.lower()}"
