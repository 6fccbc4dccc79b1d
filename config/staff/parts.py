"""The records that one person is made of: since when, by whom, and what would go with each."""

from dataclasses import dataclass
from uuid import UUID

from config.staff.selectors import Known
from config.staff.story import entries_of, marked
from config.staff.timeline import by
from config.staff.words import day, short
from preferences import history
from preferences.models import Profile
from preferences.rebuilding import rebuild
from preferences.terms import IdentifierKind, SubjectKind
from preferences.ties import Chains


@dataclass(frozen=True, slots=True)
class Part:
    """A record that turned out to be this person's."""

    id: UUID
    since: str
    by: str
    is_browser: bool

    @property
    def name(self) -> str:
        return short(self.id)


def parts(known: Known) -> tuple[Part, ...]:
    """Whom this person is made of, beside themselves: two queries, none for most people."""
    if not known.before:
        return ()
    rows = Profile.objects.filter(pk__in=known.before)
    browsers = dict(rows.values_list("id", "is_anonymous"))
    found: dict[UUID, Part] = {}
    for change in marked({known.profile.pk, *known.before}, "fold"):
        for entry in entries_of(change):
            if entry["do"] == "fold" and (pk := UUID(entry["from"])) in browsers:
                found[pk] = Part(pk, day(change.recorded_at), by([entry]), browsers[pk])
    return tuple(found.values())


def going(part: UUID, known: Known) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of what one person holds: what goes with a part, and what stays. What both had does both."""
    rest = (known.before | {known.profile.pk}) - {part}
    leaving = _held(part, history.people([part]))
    staying = _held(known.profile.pk, history.chains(SubjectKind.PROFILE, rest))
    goes: list[str] = []
    stays: list[str] = []
    for pk, kind in {each.identifier_id: each.identifier.kind for each in known.holdings}.items():
        words = f"{IdentifierKind(kind).label} {known.masked(pk)}"
        if kind == IdentifierKind.HEED:
            continue
        if pk in leaving:
            goes.append(words)
        if pk in staying or pk not in leaving:
            stays.append(words)
    return tuple(goes), tuple(stays)


def _held(person: UUID, chains: Chains) -> frozenset[UUID]:
    return frozenset(UUID(pk) for pk, *_ in rebuild(person, chains).holdings)
