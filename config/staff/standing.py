"""What holds for a person now, per category and channel, and what beats it, in words. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from config.staff.selectors import Known
from config.staff.words import Mark, category_name, channel_name, day, denied_name
from preferences import projection
from preferences.answers import Answer, everything
from preferences.clock import instant
from preferences.terms import NO_CHANNEL, Channel, Reason, RestrictionKind, State


@dataclass(frozen=True, slots=True)
class Cell:
    """One category on one channel: what was said, whether it may be sent, and why."""

    channel: str
    said: Mark
    holds: str
    because: str
    since: str


@dataclass(frozen=True, slots=True)
class Row:
    """One category."""

    name: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Categories by channels: those of messages, and uses of data, which have none."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    uses: tuple[Row, ...]


def grid(known: Known) -> Grid:
    """What holds now."""
    answers = everything(known.catalogue, known.person, known.rules)
    used = {channel for _, channel in answers if channel}
    columns = tuple(each for each in Channel.values if each in used)
    rows: list[Row] = []
    uses: list[Row] = []
    for category in known.catalogue:
        if category.retired:
            continue
        wanted = (NO_CHANNEL,) if category.is_data_use else columns
        found = (answers.get((category.slug, channel)) for channel in wanted)
        cells = tuple(
            _cell(channel, answer) if answer else None for channel, answer in zip(wanted, found, strict=True)
        )
        (uses if category.is_data_use else rows).append(Row(category.in_("en").name, cells))
    return Grid(tuple(map(channel_name, columns)), tuple(rows), tuple(uses))


def _cell(channel: str, answer: Answer) -> Cell:
    use = not channel
    holds = ("Allowed" if use else "Sent") if answer.allowed else ("Not allowed" if use else "Not sent")
    return Cell(
        channel_name(channel) or "Use of data",
        Mark(answer.state.label, _tone(answer)),
        holds,
        "" if answer.reason == Reason.CHOICE else answer.reason.label,
        day(answer.since_at),
    )


def _tone(answer: Answer) -> str:
    if answer.state == State.NEVER_ASKED and answer.reason in (Reason.DEFAULT, Reason.REQUIRED):
        return "none"
    return "good" if answer.allowed else "bad"


# --- what beats choices ---


@dataclass(frozen=True, slots=True)
class Denial:
    """A restriction, an order, a pause or a death: what it denies, where, and since when."""

    kind: str
    what: str
    where: str
    since: str


def denials(known: Known) -> tuple[Denial, ...]:
    """Everything that beats what the person chose."""
    return (*_of_the_person(known), *_on_addresses(known))


def _of_the_person(known: Known) -> Iterator[Denial]:
    profile = known.profile
    if profile.deceased_at:
        yield Denial(RestrictionKind.DECEASED.label, "Nothing is sent.", "", day(profile.deceased_at))
    if profile.order:
        yield Denial(RestrictionKind.ORDER.label, "Only the addresses it lists are used.", "", "")
    for slug, (start, until) in sorted(known.person.pauses.items()):
        if known.rules.now < until:
            name = category_name(slug, known.catalogue)
            yield Denial("Pause", f"{name}, until {day(instant(until))}", "", day(instant(start)))


def _on_addresses(known: Known) -> Iterator[Denial]:
    for held in known.person.held:
        for key, value in sorted(held.restrictions.items()):
            if projection.in_force(value):
                kind, category, channel = key.split(":")
                where = known.masked(held.id) + ("" if held.current else " (former)")
                named = channel_name(channel).lower()
                what = denied_name(category, known.catalogue) + (f", {named} only" if named else "")
                label = RestrictionKind(kind).label
                yield Denial(label, what[:1].upper() + what[1:], where, day(instant(value[0])))
