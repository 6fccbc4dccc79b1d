"""Publications of this room line by line, as somebody reads them who never saw a body."""

from collections.abc import Iterator, Mapping
from typing import Any

from governance.selectors import names_now
from governance.terms import EventClass, PropertyClass, Stance
from governance.wording import said_by
from preferences.catalogue import catalogue
from preferences.slots import Line

Body = Mapping[str, Any]
TELLS = {
    EventClass.PLAIN: "Nothing about somebody’s health",
    EventClass.HEALTH: "Something about somebody’s health",
}
KEPT = {
    PropertyClass.PLAIN: "Kept, as plain",
    PropertyClass.IDENTIFIER: "Kept, as an identifier",
    PropertyClass.HEALTH: "Kept, as health information",
}


def policy_lines(body: Body) -> Iterator[Line]:
    """Each rule as a sentence, then what holds for each purpose."""
    names = names_now()
    for rule in body.get("rules", ()):
        yield Line(rule["id"], rule["name"], said_by(rule, names))
    for purpose, stance in body.get("stances", {}).items():
        called = names.purposes.get(purpose, purpose)
        yield Line(f" {purpose}", f"{called}, when no rule says anything", Stance(stance).label)


def event_lines(body: Body) -> Iterator[Line]:
    """An event that may come in: what it is, and what of it is kept."""
    if not body:
        return
    known = catalogue().by_slug
    categories = [known[each].in_("en").name if each in known else each for each in body["categories"]]
    yield Line(" what", "What happens in it", body["what"])
    yield Line(" tells", "That it happened tells", TELLS[EventClass(body["class"])])
    yield Line(" of", "Belongs to", ", ".join(categories) or "No category")
    yield Line(" in", "Comes in", "No: it is retired" if body.get("retired") else "Yes")
    for path, kind in body["properties"].items():
        yield Line(path, f"Its property {path}", KEPT[PropertyClass(kind)])
