"""What a draft of the policy would have done with the events of the last days: newest first, chunk by chunk.

A chunk is counted and the place behind it noted at once, where it was expected: work that is broken off goes
on there, and of two who do the same chunk one counts.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Max, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from destinations.forwarding.rejudging import BLOCKED, RELEASED, Judged, Rejudging
from destinations.models import Forwarding, Impact
from governance.facts import Facts
from governance.models import FactsKept
from governance.parsing import policy_from
from governance.policy import numbered
from governance.rules import Policy
from preferences.models import Draft
from preferences.terms import RevisionState

DAYS = 30
CHUNK = 2_000
MOST = 2_000_000  # verdicts that one estimate asks about
SAMPLES = 3  # of each system and kind
COLUMNS = (
    "pk",
    "destination_id",
    "destination__slug",
    "purpose",
    "has_agreement",
    "event_id",
    "event__name",
    "allowed",
    "facts_id",
    "hits",
    "policy",
)


def begin(*, draft: Draft, now: datetime) -> Impact:
    """Begin to ask, unless this was begun for the draft as it is; an earlier estimate of it is forgotten."""
    known = Impact.objects.filter(draft=draft).first()
    if known and (known.draft_saved_at, known.stands) == (draft.updated_at, draft.based_on):
        return known
    newest = Forwarding.objects.aggregate(newest=Max("pk"))["newest"] or 0
    fresh: dict[str, Any] = {
        "draft_saved_at": draft.updated_at,
        "stands": draft.based_on,
        "begun_at": now,
        "upto": newest + 1,
        "seen_back_to": None,
        "judged": 0,
        "counts": {},
        "samples": {},
        "finished_at": None,
    }
    impact, _ = Impact.objects.update_or_create(draft=draft, defaults=fresh)
    async_task("destinations.tasks.estimate")
    return impact


def unfinished() -> QuerySet[Impact]:
    """Estimates of drafts that are open and as they were; others interest nobody any more."""
    rows = Impact.objects.filter(finished_at=None, draft__state=RevisionState.DRAFT)
    return rows.filter(draft__updated_at=F("draft_saved_at")).order_by("-begun_at")


def go_on(seconds: float) -> bool:
    """Work for a while; is anything left?"""
    end = time.monotonic() + seconds
    for impact in unfinished().select_related("draft"):
        rejudging = rejudging_of(impact)
        while impact.finished_at is None and _chunk(impact, rejudging):
            if time.monotonic() > end:
                return True
            impact.refresh_from_db()
    return unfinished().exists()


def rejudging_of(impact: Impact) -> Rejudging:
    """What stood and the draft, ready to be asked."""
    stands = numbered(impact.stands).policy if impact.stands else Policy()
    return Rejudging(stands, policy_from(impact.draft.body))


def _chunk(impact: Impact, rejudging: Rejudging) -> bool:
    """Count the next rows; False where somebody else has done so."""
    since = impact.begun_at - timedelta(days=DAYS)
    read = Forwarding.objects.filter(pk__lt=impact.upto, facts__isnull=False).order_by("-pk")
    body = ("event__body",) if rejudging.opens else ()
    rows = list(read.values_list("routed_at", *COLUMNS, *body)[:CHUNK])
    recent = [row for row in rows if row[0] >= since]
    judged = [Judged(*row[1:], *(() if body else (None,))) for row in recent]
    found = _count(impact, rejudging, judged)
    is_last = len(recent) < CHUNK or impact.judged + len(judged) >= MOST
    return bool(
        Impact.objects.filter(pk=impact.pk, upto=impact.upto, begun_at=impact.begun_at).update(
            upto=rows[-1][1] if rows else 0,
            seen_back_to=recent[-1][0] if recent else impact.seen_back_to,
            judged=impact.judged + found.judged,
            counts=found.counts,
            samples=found.samples,
            finished_at=timezone.now() if is_last else None,
        )
    )


class _Found:
    """What was counted so far."""

    def __init__(self, impact: Impact) -> None:
        self.judged = 0
        self.counts: dict[str, dict[str, int]] = {key: dict(each) for key, each in impact.counts.items()}
        self.samples: dict[str, dict[str, list[int]]] = defaultdict(dict, impact.samples)

    def note(self, system: str, kind: str, row: int) -> None:
        """Of a few rows it is kept which they were."""
        kept = self.samples[system].setdefault(kind, [])
        if len(kept) < SAMPLES:
            kept.append(row)


def _count(impact: Impact, rejudging: Rejudging, rows: Sequence[Judged]) -> _Found:
    found, facts = _Found(impact), _facts({each.facts for each in rows})
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        kind = rejudging.differs(row, facts[row.facts])
        system = str(row.destination)
        totals[system][kind] += 1
        if kind in (BLOCKED, RELEASED):
            found.note(system, kind, row.id)
    for system, counted in totals.items():
        found.counts[system] = dict(Counter(found.counts.get(system, {})) + counted)
    found.judged = len(rows)
    return found


def _facts(ids: set[int]) -> dict[int, Facts]:
    rows: Any = FactsKept.objects.filter(pk__in=ids).values_list("pk", "body")
    return {pk: Facts.load(body) for pk, body in rows}
