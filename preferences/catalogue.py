"""The categories in force, as values: read once per publication, shared by everything that judges."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from django.db import connection
from django.db.models import Max

from preferences.errors import UnknownCategory, UnknownChannel
from preferences.models import Revision
from preferences.terms import ANY, NO_CHANNEL, CategoryKind, Channel, OptInNeeds, RevisionKind


@dataclass(frozen=True, slots=True)
class Offer:
    """A category on one channel (or on none, for a use of data): its default, and what an opt-in needs.

    `turned_on` names the jurisdictions whose default was ever moved from out to in; "" is everywhere else.
    """

    channel: str
    default: bool
    elsewhere: Mapping[str, bool] = field(default_factory=dict)
    needs: OptInNeeds = OptInNeeds.ANY
    removed: bool = False
    turned_on: frozenset[str] = frozenset()

    def default_in(self, jurisdiction: str) -> bool:
        return self.elsewhere.get(jurisdiction, self.default)

    def turned_on_in(self, jurisdiction: str) -> bool:
        """Was this default ever moved from out to in?"""
        everywhere = "" in self.turned_on and jurisdiction not in self.elsewhere
        return everywhere or jurisdiction in self.turned_on


@dataclass(frozen=True, slots=True)
class Texts:
    """How a category is put to a person in one language."""

    name: str
    description: str = ""
    example: str = ""
    how_often: str = ""
    required_reason: str = ""


@dataclass(frozen=True)
class Category:
    """What a person decides about, as published."""

    slug: str
    kind: CategoryKind
    order: int
    marketing: bool
    honours_signal: bool
    sensitive: bool
    required: bool
    retired: bool
    unknown_recipients: bool
    opt_in_expires_days: int | None
    offers: Mapping[str, Offer]
    texts: Mapping[str, Texts]
    revision: int
    required_since: int = 0  # µs; 0 where it was required from its first revision

    @cached_property
    def is_data_use(self) -> bool:
        return self.kind == CategoryKind.DATA_USE

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """The channels on offer now, in their fixed order."""
        return tuple(channel for channel, offer in self.offers.items() if not offer.removed)

    def in_use(self, channel: str) -> bool:
        """Are these sent there at all?"""
        return not self.retired and channel in self.channels

    def kept(self, channel: str) -> "Category":
        """The same as if it were in use there: what people chose of it is kept (R17)."""
        offers = {**self.offers, channel: replace(self.offers[channel], removed=False)}
        return replace(self, retired=False, offers=offers)

    def in_(self, language: str) -> Texts:
        """The texts in a language, else in English."""
        return self.texts.get(language) or self.texts["en"]

    def default(self, channel: str, jurisdiction: str, organisation: str) -> bool:
        """What holds with no choice (R13)."""
        offer = self.offers[channel]
        if self.is_data_use and not jurisdiction:
            return offer.default and all(offer.elsewhere.values())
        return offer.default_in(jurisdiction or organisation)

    def turned_on(self, channel: str, jurisdiction: str, organisation: str) -> bool:
        """Was what holds with no choice ever moved from out to in (R17)?"""
        offer = self.offers[channel]
        if not offer.turned_on or (self.is_data_use and not jurisdiction):
            return bool(offer.turned_on)
        return offer.turned_on_in(jurisdiction or organisation)


@dataclass(frozen=True)
class Catalogue:
    """Every category, in the order in which people see them."""

    version: int
    by_slug: Mapping[str, Category]

    def __iter__(self) -> Iterator[Category]:
        return iter(self.by_slug.values())

    def category(self, slug: str) -> Category:
        """Raises UnknownCategory, naming those that exist."""
        try:
            return self.by_slug[slug]
        except KeyError:
            known = ", ".join(self.by_slug)
            raise UnknownCategory(
                f"there is no category {slug!r}; there are {known}", category=slug
            ) from None

    def check_channel(self, category: Category, channel: str) -> None:
        """Raises UnknownChannel for anything that is no channel, or that this kind of category can't have."""
        if category.is_data_use:
            if channel not in (ANY, NO_CHANNEL):
                raise UnknownChannel(
                    f"{category.slug} is a use of data and has no channels", category=category.slug
                )
        elif channel == NO_CHANNEL:
            ways = ", ".join(category.channels)
            raise UnknownChannel(f"name the channel: {category.slug} has {ways}", channel=channel)
        elif channel != ANY and channel not in Channel.values:
            known = ", ".join(Channel.values)
            raise UnknownChannel(f"there is no channel {channel!r}; there are {known}", channel=channel)

    @cached_property
    def grid(self) -> tuple[tuple[Category, str], ...]:
        """Every category with each channel on offer, retired categories left out."""
        return tuple(
            (category, channel) for category in self if not category.retired for channel in category.channels
        )

    def refusable(self, channel: str) -> Iterator[Category]:
        """What *no to everything* on a channel is made of: all that is sent there and may be refused."""
        return (each for each in self if channel in each.channels and not (each.required or each.retired))


def category_from(body: Mapping[str, Any], revision: int = 0) -> Category:
    """Read the body of a published revision."""
    offers = {
        offer["channel"]: Offer(
            offer["channel"],
            offer["default"],
            offer.get("elsewhere", {}),
            OptInNeeds(offer["needs"]),
            offer.get("removed", False),
            frozenset(offer.get("turned_on", ())),
        )
        for offer in body["offers"]
    }
    return Category(
        slug=body["slug"],
        kind=CategoryKind(body["kind"]),
        order=body["order"],
        marketing=body["marketing"],
        honours_signal=body["honours_signal"],
        sensitive=body["sensitive"],
        required=body["required"],
        retired=body["retired"],
        unknown_recipients=body["unknown_recipients"],
        opt_in_expires_days=body["opt_in_expires_days"],
        offers=offers,
        texts={language: Texts(**texts) for language, texts in body["texts"].items()},
        revision=revision,
        required_since=body.get("required_since", 0),
    )


def catalogue_version() -> int:
    """The newest publication of any category: revisions are only ever added, so this only grows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM preferences_revision WHERE kind = %s", [RevisionKind.CATEGORY])
        return cursor.fetchone()[0] or 0


@lru_cache(maxsize=32)
def catalogue_at(version: int) -> Catalogue:
    """The categories as published up to that version. Safe to keep: what it is made of never changes."""
    # Not the revisions in force now: the latest of each that had been published by then.
    latest = (
        Revision.objects.filter(kind=RevisionKind.CATEGORY, id__lte=version)
        .values("key")
        .annotate(latest=Max("id"))
        .values("latest")
    )
    rows = Revision.objects.filter(id__in=latest)
    categories = sorted((category_from(row.body, row.pk) for row in rows), key=lambda each: each.order)
    return Catalogue(version, {category.slug: category for category in categories})


def catalogue_as_of(moment: datetime) -> Catalogue:
    """The categories that were in force at a moment: one small query."""
    published = Revision.objects.filter(kind=RevisionKind.CATEGORY, published_at__lte=moment)
    return catalogue_at(published.aggregate(newest=Max("id"))["newest"] or 0)


def catalogue() -> Catalogue:
    """The categories in force now: one small query."""
    return catalogue_at(catalogue_version())
