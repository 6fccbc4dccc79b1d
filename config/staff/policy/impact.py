"""What a draft would have done with the events of the last days, drawn and counted, as far as it is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from destinations.forwarding.rejudging import BLOCKED, RELEASED, SAME, UNJUDGED
from destinations.models import Destination, Forwarding, Impact
from destinations.services.estimating import DAYS, MOST
from preferences.models import Draft

ROW, BAR, LEFT, WIDTH = 66, 14, 1, 240  # of the drawing, in its own units


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the drawing."""

    kind: str
    y: int
    width: int
    count: int

    @property
    def end(self) -> int:
        return LEFT + self.width + 6

    @property
    def base(self) -> int:
        return self.y + 12


@dataclass(frozen=True, slots=True)
class Line:
    """One system, with some of the events that would go otherwise."""

    system: str
    blocked: int
    released: int
    same: int
    unjudged: int
    y: int
    bars: tuple[Bar, Bar]
    samples: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ImpactShown:
    """All of it. `percent`: how much of the time was gone through."""

    lines: tuple[Line, ...]
    days: int
    judged: int
    percent: int
    is_done: bool
    most: int

    @property
    def blocked(self) -> int:
        return sum(each.blocked for each in self.lines)

    @property
    def released(self) -> int:
        return sum(each.released for each in self.lines)

    @property
    def unjudged(self) -> int:
        return sum(each.unjudged for each in self.lines)

    @property
    def height(self) -> int:
        return ROW * len(self.lines)

    @property
    def is_cut(self) -> bool:
        """Were there more than one estimate asks about?"""
        return self.judged >= self.most


def impact_of(draft: Draft) -> ImpactShown | None:
    """Of the draft as it is now; None where nobody asked."""
    impact = Impact.objects.filter(draft=draft, draft_saved_at=draft.updated_at).first()
    if impact is None:
        return None
    names = dict(Destination.objects.values_list("pk", "name"))
    named = [(names.get(int(pk), "A system that is gone"), pk) for pk in impact.counts]
    return ImpactShown(
        tuple(_lines(impact, sorted(named))),
        DAYS,
        impact.judged,
        100 if impact.finished_at else _percent(impact),
        impact.finished_at is not None,
        MOST,
    )


def _percent(impact: Impact) -> int:
    back = impact.begun_at - impact.seen_back_to if impact.seen_back_to else timedelta(0)
    return min(99, int(100 * back / timedelta(days=DAYS)))


def _lines(impact: Impact, systems: Sequence[tuple[str, str]]) -> Iterator[Line]:
    """Two systems may have the same name."""
    counts = impact.counts
    most = max((each.get(kind, 0) for each in counts.values() for kind in (BLOCKED, RELEASED)), default=0)
    there = set(Forwarding.objects.filter(pk__in=list(_sampled(impact))).values_list("pk", flat=True))
    for at, (name, pk) in enumerate(systems):
        y, each = at * ROW, counts[pk]
        blocked, released = each.get(BLOCKED, 0), each.get(RELEASED, 0)
        kept = impact.samples.get(pk, {})
        samples = [row for kind in (RELEASED, BLOCKED) for row in kept.get(kind, ()) if row in there]
        yield Line(
            name,
            blocked,
            released,
            each.get(SAME, 0),
            each.get(UNJUDGED, 0),
            y + 14,
            (
                Bar("blocked", y + 22, _width(blocked, most), blocked),
                Bar("released", y + 22 + BAR + 4, _width(released, most), released),
            ),
            tuple(samples),
        )


def _sampled(impact: Impact) -> Iterator[int]:
    for kinds in impact.samples.values():
        for rows in kinds.values():
            yield from rows


def _width(count: int, most: int) -> int:
    """Whatever there is can be seen."""
    return max(2, WIDTH * count // most) if count else 0
