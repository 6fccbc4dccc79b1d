"""Who a person is: how they are recognised and reached. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from config.staff.selectors import Known
from config.staff.words import day, language, short
from preferences.deliverability import CameBack
from preferences.models import Holding
from preferences.terms import Verified


@dataclass(frozen=True, slots=True)
class Address:
    """One identifier: masked, or in the clear where staff asked for that."""

    id: UUID
    kind: str
    value: str = field(repr=False)
    within: str
    sources: str
    since: str
    verified: str
    former: bool
    came_back: str = ""


@dataclass(frozen=True, slots=True)
class Who:
    """The head of a person's page."""

    id: UUID
    short: str
    facts: tuple[tuple[str, str], ...]
    addresses: tuple[Address, ...]
    in_clear: bool


def who(known: Known, *, in_clear: bool = False) -> Who:
    """Who this is."""
    found = tuple(_addresses(known, in_clear))
    return Who(known.profile.pk, short(known.profile.pk), tuple(_facts(known)), found, in_clear)


def _facts(known: Known) -> Iterator[tuple[str, str]]:
    profile = known.profile
    yield "Known since", day(profile.created_at)
    yield "Lives in", profile.jurisdiction or "not known"
    if profile.also_in:
        places = ", ".join(each or "not known" for each in profile.also_in)
        yield "Merged records say", f"{places}: the stricter holds until a source says where they live"
    yield "Language", language(profile.language) if profile.language else "not known"
    if profile.is_anonymous:
        yield "Known as", "a browser only; nobody has said who it is"
    if known.before:
        count = len(known.before)
        yield "Merged", f"{count} other record{'s' if count > 1 else ''} turned out to be this person"
    if profile.erased_at:
        yield "Forgotten", day(profile.erased_at)


def _addresses(known: Known, in_clear: bool) -> Iterator[Address]:
    by_identifier: dict[UUID, list[Holding]] = {}
    for each in known.holdings:
        by_identifier.setdefault(each.identifier_id, []).append(each)
    found = [_address(known, holdings, in_clear) for holdings in by_identifier.values()]
    yield from sorted(found, key=lambda each: each.former)


def _address(known: Known, holdings: Sequence[Holding], in_clear: bool) -> Address:
    identifier = holdings[0].identifier
    clear = known.clear.get(identifier.pk)
    shown = clear if in_clear else known.masked(identifier.pk)
    former = all(each.until for each in holdings)
    return Address(
        identifier.pk,
        identifier.get_kind_display(),
        shown or "destroyed",
        identifier.namespace,
        ", ".join(sorted({each.source.name for each in holdings})),
        day(min(each.since for each in holdings)),
        _verified(holdings),
        former,
        _came_back(CameBack.load(identifier.deliverability)),
    )


def _came_back(report: CameBack | None) -> str:
    return f"{day(report.at)}, says {report.source}" if report else ""


def _verified(holdings: Sequence[Holding]) -> str:
    dated = [(each.verified_at, each.verified_how) for each in holdings if each.verified_at]
    if not dated:
        return ""
    at, how = min(dated)
    label = Verified(how).label if how in Verified.values else how
    return f"{label}, {day(at)}" if label else day(at)
