"""What holds for a person now, per category and channel, and what beats it, in words. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from config.staff.lines import way
from config.staff.selectors import Known
from config.staff.words import Mark, category_name, channel_name, day, denied_name, listed
from preferences import projection
from preferences.answers import Answer, everything
from preferences.clock import instant
from preferences.person import HeldIdentifier
from preferences.terms import NO_CHANNEL, Channel, Reason, RestrictionKind, State


@dataclass(frozen=True, slots=True)
class Cell:
    """One category on one channel: what was said, whether it may be sent, and why."""

    key: str
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

    @property
    def every(self) -> tuple[Row, ...]:
        """All categories."""
        return self.rows + self.uses


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
            _cell(category.slug, channel, answer) if answer else None
            for channel, answer in zip(wanted, found, strict=True)
        )
        (uses if category.is_data_use else rows).append(Row(category.in_("en").name, cells))
    return Grid(tuple(map(channel_name, columns)), tuple(rows), tuple(uses))


def _cell(category: str, channel: str, answer: Answer) -> Cell:
    use = not channel
    holds = ("Allowed" if use else "Sent") if answer.allowed else ("Not allowed" if use else "Not sent")
    return Cell(
        f"{category}:{channel}",
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
    person = known.person
    if person.deceased:
        yield Denial(RestrictionKind.DECEASED.label, "Nothing is sent.", "", "")
    if person.order:
        ways = [way(channel, pk, known) for channel, pk in sorted(person.order.allowed)]
        since = day(instant(person.order.since))
        yield Denial(RestrictionKind.ORDER.label, _only(ways), "", since)
    for slug, (start, until, *_) in sorted(person.pauses.items()):
        if start <= known.rules.now < until:
            name = category_name(slug, known.catalogue)
            yield Denial("Pause", f"{name}, until {day(instant(until))}", "", day(instant(start)))


def _only(ways: Sequence[str]) -> str:
    return f"Only {listed(ways)}." if ways else "Nothing at all: two orders allow nothing in common."


def _left_out(held: HeldIdentifier, kind: str, since: int, known: Known) -> str:
    """What a STOP spares, since the person said so from that phone."""
    spared = [
        category_name(each.slug, known.catalogue)
        for each in known.catalogue
        if kind == RestrictionKind.STOP
        and projection.spares(held.restrictions, since, each.slug, Channel.SMS)
    ]
    return f", but not {listed(spared)}" if spared else ""


def _on_addresses(known: Known) -> Iterator[Denial]:
    for held in known.person.held:
        for key, value in projection.denials(held.restrictions):
            if projection.in_force(value):
                kind, category, channel = key.split(":")
                where = known.masked(held.id) + ("" if held.current else " (former)")
                named = channel_name(channel).lower()
                what = denied_name(category, known.catalogue) + (f", {named} only" if named else "")
                what += _left_out(held, kind, value[0], known)
                label = known.label(key, held.id)
                yield Denial(label, what[:1].upper() + what[1:], where, day(instant(value[0])))
