"""Invented people and systems. Each room adds its own section; nothing here goes around the services."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from factory.base import Factory
from factory.declarations import LazyAttribute, LazyFunction, Sequence, SubFactory, Trait
from factory.django import DjangoModelFactory

from preferences import clock, identity
from preferences.models import Source
from preferences.services import Call, Said, identify
from preferences.terms import Actor, IdentifierKind, SourceKind

# --- preferences ---


class SourceFactory(DjangoModelFactory[Source]):
    """A system that changes come from; one slug is one system."""

    class Meta:
        model = Source
        django_get_or_create = ("slug",)

    slug = "ehr"
    name = LazyAttribute(lambda source: source.slug)
    kind = SourceKind.PARTNER


class SaidFactory(Factory[Said]):
    """How something was said: by a system that does not speak for the person, or (`page`) by the person."""

    class Meta:
        model = Said

    class Params:
        page = Trait(
            source=SubFactory(
                SourceFactory, slug="preference_page", kind=SourceKind.PREFERENCE_PAGE, speaks_for_person=True
            ),
            by=Actor.PERSON,
        )

    source = SubFactory(SourceFactory)
    by = Actor.PARTNER
    occurred = LazyFunction(clock.now)


@dataclass(frozen=True)
class Patient:
    """Somebody whom the hospital's record system knows."""

    id: UUID
    external_id: str
    email: str
    phone: str


class PatientFactory(Factory[Patient]):
    """A patient with an email and a phone of their own, unless others are given; "" for none."""

    class Meta:
        model = Patient

    external_id = Sequence(lambda n: f"patient-{n}")
    email = Sequence(lambda n: f"patient.{n}@example.org")
    phone = Sequence(lambda n: f"+1202555{n % 10_000:04}")

    @classmethod
    def _create(cls, model_class: type[Patient], *args: Any, **known: Any) -> Patient:
        attributes: dict[str, str] = {
            name: known.pop(name) for name in ("jurisdiction", "language") if name in known
        }
        names = [identity.named(IdentifierKind.EXTERNAL_ID, known["external_id"], "ehr")]
        names += [identity.named(kind, known[kind]) for kind in ("email", "phone") if known[kind]]
        outcome = identify(call=Call(tuple(names), attributes=attributes), said=SaidFactory.create())
        assert outcome.profile_id
        return model_class(outcome.profile_id, **known)
