"""What people and systems say to Heed, and what it answers, in the words of the tests."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from preferences import identity, selectors, services
from preferences.identity import Named
from preferences.models import Revision
from preferences.selectors import Decision, Question
from preferences.services import Call, Choice, Outcome, Recorded, Said
from preferences.terms import IdentifierKind, RevisionKind, State
from tests.factories import SaidFactory, SourceFactory

T0 = datetime(2024, 3, 1, 12, tzinfo=UTC)


def t(minutes: float) -> datetime:
    """A moment long before anything is recorded."""
    return T0 + timedelta(minutes=minutes)


def out(category: str = "*", channel: str = "*") -> Choice:
    return Choice(category, channel, State.OUT)


def into(category: str = "*", channel: str = "*") -> Choice:
    return Choice(category, channel, State.IN)


def on_page(occurred: Any = None, **how: Any) -> Said:
    """The person, on the preference page."""
    return SaidFactory.create(page=True, **({"occurred": occurred} if occurred else {}), **how)


def by_system(slug: str = "ehr", **how: Any) -> Said:
    """A system that does not speak for the person."""
    return SaidFactory.create(source=SourceFactory.create(slug=slug), **how)


def by_portal(**how: Any) -> Said:
    """A system behind the person's own login."""
    return SaidFactory.create(source=SourceFactory.create(slug="portal", speaks_for_person=True), **how)


def chooses(person: Any, *choices: Choice, said: Said | None = None, at: Any = None) -> Recorded:
    """The person saves the page, or `said` how."""
    pk = person if isinstance(person, UUID) else person.id
    return services.record(profile_id=pk, choices=choices, said=said or on_page(at))


def named(kind: str, value: str, source: str = "ehr") -> Named:
    space = {IdentifierKind.MRN: "main", IdentifierKind.EXTERNAL_ID: source}.get(IdentifierKind(kind), "")
    return identity.named(IdentifierKind(kind), value, space)


def tells(*choices: Choice, said: Said | None = None, message_id: str = "", **about: str) -> Outcome:
    """A system says something about whomever these identifiers mean."""
    said = said or by_system()
    attributes: dict[str, str] = {
        name: about.pop(name) for name in ("jurisdiction", "language") if name in about
    }
    names = tuple(named(kind, value, said.source.slug) for kind, value in about.items())
    content = repr((names, choices, said.occurred, tuple(name.value for name in names))).encode()
    return services.identify(call=Call(names, choices, attributes, message_id, content), said=said)


def address(kind: str, value: str) -> UUID:
    """The key of an address, known or new."""
    [pk] = identity.find_or_make([named(kind, value)]).values()
    return pk


def decided(person: Any, category: str, channel: str = "", to: Named | None = None) -> Decision:
    pk = person if isinstance(person, UUID) else person.id
    return selectors.decide(pk, category, channel, to=to)


def allowed(person: Any, category: str, channel: str = "", to: Named | None = None) -> bool:
    return decided(person, category, channel, to).allowed


def asked(category: str, channel: str = "", to: Named | None = None, **who: str) -> Decision:
    """Asked about somebody as they are named."""
    [(kind, value)] = who.items()
    [decision] = selectors.decide_many(category, channel, [Question(named=named(kind, value), to=to)])
    return decision


def publish(slug: str, **changed: Any) -> Revision:
    """Publish a category once more, with something changed."""
    body = dict(Revision.objects.filter(kind=RevisionKind.CATEGORY, key=slug).latest("number").body)
    return services.publish(
        kind=RevisionKind.CATEGORY,
        key=slug,
        body=body | changed,
        author="Ann",
        reason="A test",
        approved_by="Ben",
    )


def with_channel(slug: str, **offer: Any) -> list[dict[str, Any]]:
    """The category's offers and one more."""
    body = Revision.objects.filter(kind=RevisionKind.CATEGORY, key=slug).latest("number").body
    fresh = {"default": True, "elsewhere": {}, "needs": "any", "removed": False}
    return [*body["offers"], fresh | offer]
