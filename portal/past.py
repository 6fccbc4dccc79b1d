"""Reading what was recorded about a person for their own eyes: by the page, in a fixed number of queries.

Evidence is never read here: it holds networks and browsers, and what staff wrote.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from destinations.clocks import zone_of
from destinations.models import Destination
from portal.foreign import marked
from portal.lines import Naming
from portal.origins import Origins
from portal.selectors import SHOWN_KINDS, Seen, see_with_addresses, ways_to
from preferences import projection
from preferences.history import told_beside
from preferences.models import Change, Holding, Profile, ProxyGrant
from preferences.terms import Actor

PER_PAGE = 20
# As `ledger.append` writes it: what an entry does comes first.
TOLD = (
    *(
        f'{{"do":"{do}"'
        for do in (
            "choice",
            "pause",
            "restriction",
            "spared",
            "order",
            "proxy",
            "proxy_end",
            "deceased",
            "links_off",
        )
    ),
    '"held":true,"verified":"code"',
    '"disowned":true',
)


@dataclass(frozen=True, slots=True)
class Past:
    """Some changes, newest first, and whatever it takes to tell them. `voids` are by the change they void."""

    changes: Sequence[Change]
    voids: Mapping[int, Change]
    naming: Naming
    origins: Origins
    zone: tzinfo
    paging: Page[Change] | None = None

    @property
    def standing(self) -> Sequence[Change]:
        """Those that were not taken back."""
        return [each for each in self.changes if each.pk not in self.voids]


def page_of(profile_id: UUID, number: str, language: str) -> Past:
    """One page of all that was recorded: thirteen queries, and three more where somebody acted for them."""
    seen = see_with_addresses(profile_id, timezone.now())
    paging = Paginator(_theirs(seen).order_by("-recorded_at", "-id"), PER_PAGE).get_page(number)
    return _past(seen, list(paging), language, paging)


def some(profile_id: UUID, ids: Collection[int], language: str) -> Past:
    """These changes, where they are the person's."""
    seen = see_with_addresses(profile_id, timezone.now())
    rows = _theirs(seen).filter(pk__in=ids).order_by("-recorded_at", "-id")
    return _past(seen, list(rows), language)


def _theirs(seen: Seen) -> QuerySet[Change]:
    """Of the person, of those who turned out to be them, and of the addresses that they have now.

    Of an address only what was recorded since they have it, and what is in force there: it holds for them,
    whoever asked for it (R7). What else an earlier holder said is not theirs to read.
    """
    merged = Profile.objects.filter(merged_into=seen.person.id).values_list("id", flat=True)
    people = {seen.person.id, *merged}
    held = {each.id: each for each in seen.person.held if each.current and each.kind in SHOWN_KINDS}
    placed = [value for each in held.values() for value in each.restrictions.values()]
    in_force = {value[1] for value in placed if projection.in_force(value)}
    since = Holding.objects.filter(
        profile=seen.person.id,
        identifier=OuterRef("subject_id"),
        until__isnull=True,
        since__lte=OuterRef("recorded_at"),
    )
    told = Q()
    for words in TOLD:
        told |= Q(entries__contains=words)
    rows = Change.objects.filter(told, subject_id__in=people | held.keys()).exclude(told_beside(people))
    rows = rows.filter(Q(subject_id__in=people) | Q(pk__in=in_force) | Exists(since))
    return rows.select_related("source", "notice").defer("evidence")


def _past(seen: Seen, changes: Sequence[Change], language: str, paging: Page[Change] | None = None) -> Past:
    voids = _voids(changes)
    masked = _allowed(seen)
    return Past(
        changes,
        voids,
        Naming(seen.catalogue, language, masked),
        _origins([*changes, *voids.values()], masked, language),
        _zone(seen.person.id),
        paging,
    )


def _allowed(seen: Seen) -> Mapping[UUID, str]:
    """Under an order only the addresses that it allows are shown, masked."""
    order = seen.person.order
    ways = {pk for _, pk in order.allowed} if order else None
    return {pk: words for pk, words in seen.masked.items() if ways is None or str(pk) in ways}


def _voids(changes: Sequence[Change]) -> Mapping[int, Change]:
    """The entries that void some of these: on the same chains."""
    subjects, shown = {each.subject_id for each in changes}, {each.pk for each in changes}
    rows = Change.objects.filter(subject_id__in=subjects, entries__contains='{"do":"void"')
    found = {}
    for row in rows.select_related("source").defer("evidence").order_by("id"):
        for entry in entries_of(row):
            if entry["do"] == "void" and entry["change"] in shown:
                found[entry["change"]] = row
    return found


def entries_of(change: Change) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = json.loads(change.entries)
    return found


def _origins(changes: Sequence[Change], masked: Mapping[UUID, str], language: str) -> Origins:
    sources = {each.source_id for each in changes}
    systems = {
        each.source_id: _label(each, language) for each in Destination.objects.filter(source__in=sources)
    }
    entries = [entry for each in changes for entry in entries_of(each)]
    by_proxy = [entry for entry in entries if entry.get("by") == Actor.PROXY]
    who = {UUID(entry["who"]) for entry in by_proxy if entry.get("who")}
    grants = {entry["grant"] for entry in by_proxy if "grant" in entry}
    relations = dict(ProxyGrant.objects.filter(change__in=grants).values_list("change", "relation"))
    return Origins(systems, ways_to(who), relations, masked)


def _label(system: Destination, language: str) -> str:
    words, spoken = system.label_in(language)
    return words if spoken == language else marked(words, spoken)


def _zone(profile_id: UUID) -> tzinfo:
    """The person's own time zone where we know it, else the organisation's."""
    name = Profile.objects.values_list("time_zone", flat=True).get(pk=profile_id)
    return (zone_of(name) if name else None) or timezone.get_default_timezone()
