"""Reading one person for staff: at a number of queries that does not grow with their story."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery

from destinations.models import Attempt, Destination, ManualTask, Propagation
from preferences import addresses
from preferences import selectors as people_selectors
from preferences.answers import Rules
from preferences.asof import AsOf
from preferences.catalogue import Catalogue, catalogue
from preferences.models import Holding, Profile
from preferences.person import Person
from preferences.terms import ADDRESS_KINDS, RestrictionKind
from preferences.unread import HELD_AT, LABEL, held_until_read

PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that a page may say about one person. `before`: people who were merged into this one.

    `kinds` and `clear` also name identifiers that were theirs by error only: their story still does.
    `unread`: numbers whose texts are held until somebody has read one from there.
    """

    profile: Profile
    person: Person
    catalogue: Catalogue
    rules: Rules
    holdings: tuple[Holding, ...]
    before: frozenset[UUID]
    kinds: Mapping[UUID, str]
    clear: Mapping[UUID, str] = field(repr=False)
    unread: frozenset[UUID] = frozenset()

    @property
    def ids(self) -> frozenset[UUID]:
        """Every subject whose story is this person's: themselves, who they were, what they hold."""
        return self.before | {self.profile.pk} | {each.identifier_id for each in self.holdings}

    def with_person(self, person: Person, *, kinds: Mapping[UUID, str], clear: Mapping[UUID, str]) -> "Known":
        """The same page about other answers, with what else those name."""
        kinds, clear = {**kinds, **self.kinds}, {**clear, **self.clear}
        return replace(self, person=person, kinds=kinds, clear=clear, unread=held_until_read(person.held))

    def label(self, restriction: str, identifier: UUID) -> str:
        """What a restriction that stands on an identifier is called."""
        if restriction == HELD_AT and identifier in self.unread:
            return LABEL
        return RestrictionKind(restriction.partition(":")[0]).label

    def masked(self, identifier: UUID) -> str:
        """An identifier, recognisable by its owner only; empty for the person themselves."""
        kind, value = self.kinds.get(identifier, ""), self.clear.get(identifier)
        return addresses.masked(kind, value) if kind and value else ""


def profile(profile_id: UUID) -> Profile | None:
    """A person's own row, merged or not."""
    return Profile.objects.filter(pk=profile_id).first()


def know(found: Profile) -> Known:
    """One person: seven queries, and one where texts are refused."""
    known = catalogue()
    person = people_selectors.people([found.pk])[found.pk]
    rows = Holding.ever.filter(profile=found).select_related("identifier", "source")
    ever = list(rows.order_by("identifier__kind", "since"))
    kinds = {each.identifier_id: each.identifier.kind for each in ever}
    before = frozenset(Profile.objects.filter(merged_into=found).values_list("id", flat=True))
    holdings = tuple(each for each in ever if not each.void)
    clear = people_selectors.plaintexts(kinds)
    held = held_until_read(person.held)
    return Known(found, person, known, people_selectors.rules_now(), holdings, before, kinds, clear, held)


def as_of(known: Known, at: datetime) -> Known | None:
    """The same person as they were known at a moment; None where nobody knew them yet."""
    then = AsOf(at)
    stood_for = then.survivors([known.profile.pk]).get(known.profile.pk)
    if stood_for is None:
        return None
    person = then.people([stood_for])[stood_for]
    kinds = {each.id: each.kind for each in person.held}
    clear = people_selectors.plaintexts(kinds.keys() - known.kinds.keys())
    found = known.with_person(person, kinds=kinds, clear=clear)
    return replace(found, catalogue=then.catalogue(), rules=then.rules())


@dataclass(frozen=True, slots=True)
class Around:
    """Everybody who bears on what is told about a person's addresses: who holds them, or held them."""

    holders: Mapping[UUID, Mapping[UUID, bool]]
    people: Mapping[UUID, Person]


def around(known: Known) -> Around:
    """Those who share an address with one person: three queries."""
    addresses = {each.id for each in known.person.held if each.kind in ADDRESS_KINDS}
    holders = people_selectors.holders(addresses)
    others = {who for each in holders.values() for who in each} - {known.profile.pk}
    return Around(holders, {**people_selectors.people(others), known.profile.pk: known.person})


@dataclass(frozen=True, slots=True)
class Listed:
    """One of several people who share what was searched for."""

    profile: Profile
    held: tuple[str, ...]


def listed(ids: Collection[UUID]) -> list[Listed]:
    """People who share an address, each with what tells them apart: four queries."""
    rows = Holding.objects.filter(profile__in=ids, until__isnull=True).select_related("identifier")
    clear = people_selectors.plaintexts({row.identifier_id for row in rows})
    held: dict[UUID, dict[UUID, str]] = {}
    for row in rows:
        if value := clear.get(row.identifier_id):
            words = f"{row.identifier.get_kind_display()} {addresses.masked(row.identifier.kind, value)}"
            held.setdefault(row.profile_id, {})[row.identifier_id] = words
    return [
        Listed(each, tuple(held.get(each.pk, {}).values()))
        for each in Profile.objects.filter(pk__in=ids).order_by("created_at")
    ]


# --- who was told ---


def propagations(ids: Collection[UUID]) -> QuerySet[Propagation]:
    """What each system must hold about these."""
    return Propagation.objects.filter(identifier__in=ids)


def tellings(ids: Collection[UUID]) -> list[Propagation]:
    """The same with their systems, and how often each was told: one query."""
    rows = propagations(ids).select_related("destination")
    open_tasks = ManualTask.objects.filter(propagation=OuterRef("pk"), done_at__isnull=True)
    counted = rows.annotate(
        tries=Count("attempts"),
        last=Max("attempts__started_at"),
        in_hands=Subquery(open_tasks.values("asked_of")[:1]),
    )
    return list(counted.order_by("destination__name", "wanted_at"))


def systems() -> list[Destination]:
    """Every system, by name."""
    return list(Destination.objects.order_by("name"))


def attempts(propagation: Propagation, number: str | int) -> Page[Attempt]:
    """Every time it was told, newest first."""
    return Paginator(propagation.attempts.order_by("-started_at", "-id"), PER_PAGE).get_page(number)
