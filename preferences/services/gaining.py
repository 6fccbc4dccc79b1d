"""A category gains a channel: who was out of all its others is out of that one too (R17)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from preferences import clock, projection, slots
from preferences.catalogue import Category, category_from
from preferences.category_life import gained, others, out_of_all_others
from preferences.clock import micros
from preferences.models import Profile, Source
from preferences.services.recording import lock_profiles, write
from preferences.services.said import Choice, Said
from preferences.terms import Actor, SourceKind, State

CHUNK = 500
WHO = "category gained a channel"


@dataclass(frozen=True, slots=True)
class Gain:
    """The category as it stands, and the channels that come."""

    category: Category
    channels: tuple[str, ...]

    def keep_out(self) -> None:
        """Record an opt-out of each channel for whoever is out of all others and was not asked about it.

        Harmless to repeat, and to break off: an opt-out of what is not offered yet changes no answer.
        """
        for channel in self.channels:
            for ids in self._out_of_all_others(channel):
                self._opt_out(ids, channel)

    def _out_of_all_others(self, channel: str) -> Iterator[list[UUID]]:
        rows = self._candidates(channel)
        chunk = list(rows[:CHUNK])
        while chunk:
            if ids := [pk for pk, choices in chunk if self._is_out(projection.load(choices), channel)]:
                yield ids
            chunk = list(rows.filter(id__gt=chunk[-1][0])[:CHUNK])

    def _candidates(self, channel: str) -> QuerySet[Profile, tuple[UUID, str]]:
        """Only who said no to something like each of the others is looked at closely."""
        rows = Profile.objects.filter(merged_into=None, erased_at=None).order_by("id")
        for other in others(self.category, channel):
            rows = rows.filter(
                Q(choices__contains=f'"{self.category.slug}:{other}":[0')
                | Q(choices__contains=f'"{self.category.slug}:*')
                | Q(choices__contains='"*:')
            )
        return rows.values_list("id", "choices")

    def _is_out(self, choices: projection.Choices, channel: str) -> bool:
        return out_of_all_others(choices, self.category, channel, micros(clock.now()))

    @transaction.atomic
    def _opt_out(self, ids: list[UUID], channel: str) -> None:
        now = clock.now()
        said = Said(Source.objects.get(slug=SourceKind.STAFF), Actor.SYSTEM, now, who=WHO)
        for subject in {each.id: each for each in lock_profiles(ids).values()}.values():
            if self._is_out(subject.projection, channel):  # they may have been asked meanwhile
                choice = Choice(self.category.slug, channel, State.OUT)
                write(subject, said, choices=[choice], recorded_at=now)
        transaction.on_commit(slots.on_outbox, robust=True)


def gain(body: Mapping[str, Any], before: Mapping[str, Any] | None) -> Gain | None:
    """What a publication adds to a category that exists; None where that is no channel."""
    if before is None:
        return None
    old = category_from(before)
    channels = gained(old, category_from(body))
    return Gain(old, channels) if channels else None
