"""How every system fares, at a glance: read in one query, whatever their number. Pure reading."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import accumulate

from django.db.models import Count, Max, Min, Q

from destinations.models import Propagation
from destinations.terms import TOLD, PropagationState

WAITING = (PropagationState.PENDING, PropagationState.SENDING, PropagationState.PAUSED)


@dataclass(frozen=True, slots=True)
class Health:
    """What one system has been told of what it must hold."""

    told: int = 0
    waiting: int = 0
    later: int = 0
    stuck: int = 0
    shadow: int = 0
    last_success: datetime | None = None
    oldest_opt_out: datetime | None = None

    @property
    def total(self) -> int:
        return self.told + self.waiting + self.later + self.stuck + self.shadow

    @property
    def untold(self) -> int:
        """What goes out as soon as the system may be told."""
        return self.waiting + self.later

    @property
    def in_words(self) -> str:
        """What counts most, first."""
        if self.stuck:
            return "Needs a person"
        if self.later:
            return "Having trouble"
        if self.waiting:
            return "Catching up"
        return "Up to date" if self.told else "Nothing to tell yet"

    @property
    def parts(self) -> list[tuple[str, float, float]]:
        """The parts of the whole: name, start and width in percent."""
        counts = {
            "told": self.told,
            "waiting": self.waiting + self.shadow,
            "later": self.later,
            "stuck": self.stuck,
        }
        starts = accumulate(counts.values(), initial=0)
        return [
            (name, round(100 * start / self.total, 2), round(100 * count / self.total, 2))
            for (name, count), start in zip(counts.items(), starts, strict=False)
            if count
        ]


def health(destinations: Collection[int] | None = None) -> dict[int, Health]:
    """Of these systems, or of all."""
    rows = Propagation.objects.all()
    if destinations is not None:
        rows = rows.filter(destination_id__in=destinations)
    counted = rows.values("destination_id").annotate(
        told=Count("pk", filter=Q(state__in=TOLD)),
        waiting=Count("pk", filter=Q(state__in=WAITING)),
        later=Count("pk", filter=Q(state=PropagationState.LATER)),
        stuck=Count("pk", filter=Q(state=PropagationState.STUCK)),
        shadow=Count("pk", filter=Q(state=PropagationState.SHADOW)),
        last_success=Max("acknowledged_at"),
        oldest_opt_out=Min("denied_at"),
    )
    parts = [each.name for each in fields(Health)]
    return {pk: Health(*found) for pk, *found in counted.values_list("destination_id", *parts)}
