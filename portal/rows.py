"""From what is known about a person to the rows that they see. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.html import format_html

from portal import pausing
from portal.foreign import texts_of
from portal.forms import CellKey
from portal.locks import Lock, join, lock_on
from portal.page import Cell, Note, PauseOffer, Row
from portal.selectors import Seen
from portal.standing import Standing, all_standings
from portal.wording import Words, channel_name, day, listed
from preferences.answers import Answer
from preferences.catalogue import Category
from preferences.clock import micros
from preferences.reachable import everything_reachable, reachable
from preferences.terms import ADDRESS_OF, ANY, Channel, IdentifierKind, OptInNeeds, Reason, State


@dataclass(frozen=True, slots=True)
class Asked:
    """What to show beyond where things stand: the link's address and category, and what to ask again."""

    words: Words
    language: str
    form: str
    address_id: UUID | None = None
    category: str = ANY
    ask_again: frozenset[CellKey] = frozenset()
    others_saved: bool = False
    signal: bool = False
    newer_pause: str = ""
    for_other: bool = False  # a pause is the person's own, and no grant covers it


@dataclass(frozen=True, slots=True)
class RowBuilder:
    """The rows of one person's page, from what stands, what is locked, and what is asked again."""

    seen: Seen
    asked: Asked
    answers: Mapping[CellKey, Answer]
    standings: Mapping[CellKey, Standing]
    locks: Mapping[CellKey, Lock]

    @classmethod
    def of(cls, seen: Seen, asked: Asked) -> "RowBuilder":
        answers = everything_reachable(seen.catalogue, seen.person, seen.rules)
        found = {
            (category.slug, channel): lock_on(
                seen,
                category,
                channel,
                answers[category.slug, channel],
                words=asked.words,
                language=asked.language,
            )
            for category, channel in seen.catalogue.grid
        }
        locks = {key: lock for key, lock in found.items() if lock}
        return cls(seen, asked, answers, all_standings(seen), locks)

    def row(self, category: Category, channels: Sequence[str]) -> Row:
        texts = texts_of(category, self.asked.language)
        notes = self._notes(category, [each for each in channels if each in category.channels])
        cells = tuple(self._cell(category, each, notes.get(each)) for each in channels)
        return Row(
            category.slug,
            texts,
            format_html(self.asked.words["example"], example=texts.example),
            cells,
            tuple(dict.fromkeys(notes.values())),
            consent=self._consent(category, cells),
            required=category.required,
            mentioned=category.slug == self.asked.category,
            pause=self._pause(category),
            title=self.asked.words.get(category.slug, ""),
            question=self.asked.words.get(f"{category.slug}_question", self.asked.words["data_question"]),
        )

    def _pause(self, category: Category) -> PauseOffer | None:
        if self.asked.for_other:
            return None
        slug, words = category.slug, self.asked.words
        if ends := pausing.standing(self.seen, slug):
            problem = words["pause_newer"] if slug == self.asked.newer_pause else ""
            return PauseOffer(((words["pause_end"], f"{slug}.end.{ends}"),), is_on=True, problem=problem)
        if not pausing.is_offered(category, {each: self.answers[slug, each] for each in category.channels}):
            return None
        lengths = [(words["pause_days"].format(days=days), f"{slug}.{days}") for days in pausing.DAYS]
        return PauseOffer(tuple(lengths), is_on=False)

    def _notes(self, category: Category, offered: Sequence[str]) -> dict[str, Note]:
        """Per channel, where it stands: said once for all channels that stand alike."""
        said: dict[str, list[str]] = {}
        for channel in offered:
            said.setdefault(self._in_words(category, channel), []).append(channel)
        notes: dict[str, Note] = {}
        for place, (words, alike) in enumerate(said.items()):
            about = listed(map(channel_name, alike)) if len(said) > 1 else ""
            notes |= dict.fromkeys(alike, Note(f"{category.slug}-note-{place}", about, words))
        return notes

    def _in_words(self, category: Category, channel: str) -> str:
        key, words = (category.slug, channel), self.asked.words
        if key in self.locks:
            return self.locks[key].why
        answer, stands = self.answers[key], self.standings[key]
        if answer.reason == Reason.PAUSE:
            return words["paused"].format(date=day(self.seen.person.pauses[category.slug][1]))
        if stands.state == State.NEVER_ASKED:
            use = "_use" if category.is_data_use else ""
            return words[f"unasked{use}_in" if answer.allowed else f"unasked{use}_out"]
        if self.asked.signal and category.honours_signal:
            return words["signal" if stands.state == State.OUT else "signal_overruled"]
        said = words["said_yes"] if stands.state == State.IN else words["said_no"]
        return said.format(date=day(stands.since))

    def _cell(self, category: Category, channel: str, note: Note | None) -> Cell | None:
        if note is None:
            return None
        key, name = (category.slug, channel), channel_name(channel)
        texts, words = texts_of(category, self.asked.language), self.asked.words
        return Cell(
            category=category.slug,
            channel=channel,
            channel_name=name,
            legend=format_html(words["legend"], category=texts.name, channel=name) if name else texts.name,
            state=self.standings[key].state,
            locked=self.locks[key].short if key in self.locks else "",
            note_id=note.id,
            problem=words["look_again"] if key in self.asked.ask_again else "",
        )

    def _consent(self, category: Category, cells: Sequence[Cell | None]) -> str:
        """The wording that a yes means, where it counts only with it."""
        open_cells = [cell for cell in cells if cell and not cell.locked]
        asking = [cell.channel for cell in open_cells if self._needs_notice(category, cell)]
        if not asking:
            return ""
        numbers = (
            self._addresses(next(filter(_is_by_phone, asking), Channel.PHONE))
            or self.asked.words["consent_no_address"]
        )
        # The organisation's name stands in it by now, which may hold braces of its own.
        return self.asked.words["consent"].replace("{address}", numbers)

    @staticmethod
    def _needs_notice(category: Category, cell: Cell) -> bool:
        return category.offers[cell.channel].needs == OptInNeeds.PERSON_WITH_NOTICE

    def reach(self, channels: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """Per kind of address that is used: the channels it serves, and the person's own, masked."""
        by_kind: dict[str, list[str]] = {}
        for channel in channels:
            if (kind := ADDRESS_OF.get(channel)) and self._is_open(channel):
                by_kind.setdefault(kind, []).append(channel)
        none = self.asked.words["no_address"]
        return tuple(
            (" · ".join(map(channel_name, served)), self._addresses(served[0]) or none)
            for served in by_kind.values()
        )

    def undelivered(self) -> Iterator[str]:
        """At which of these what we sent came back, and when."""
        used = {
            each.id for way in ADDRESS_OF if self._is_open(way) for each in reachable(self.seen.person, way)
        }
        for pk, report in self.seen.came_back.items():
            if pk in used:
                address, on = self.seen.masked.get(pk, ""), day(micros(report.at))
                yield self.asked.words["came_back"].format(address=address, date=on)

    def _is_open(self, channel: str) -> bool:
        """An order may leave a channel out."""
        order = self.seen.person.order
        return order is None or any(channel == way for way, _ in order.allowed)

    def _addresses(self, channel: str) -> str:
        return join(self.seen.masked.get(each.id, "") for each in reachable(self.seen.person, channel))


def _is_by_phone(channel: str) -> bool:
    return ADDRESS_OF.get(channel) == IdentifierKind.PHONE
