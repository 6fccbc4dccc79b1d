"""From what is known about a person to the page that they see. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format

from portal.forms import CellKey, Filled, written
from portal.locks import join, lock_words
from portal.page import Cell, ConfirmPage, PreferencePage, Row
from portal.selectors import Seen
from portal.standing import Standing, all_standings
from portal.wording import Words, channel_name
from preferences.answers import Answer, judge
from preferences.catalogue import Category
from preferences.clock import instant
from preferences.terms import ADDRESS_OF, ANY, CHANNELS_OF, Channel, OptInNeeds, Reason, State


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


def preference_page(seen: Seen, asked: Asked) -> PreferencePage:
    """The page of one person."""
    in_use = [each for each in seen.catalogue if not each.retired]
    offered = {channel for each in in_use for channel in each.channels}
    channels = [channel.value for channel in Channel if channel in offered]
    builder = _Builder(seen, asked, all_standings(seen))
    rows = tuple(builder.row(each, channels) for each in in_use if not each.is_data_use)
    uses = tuple(builder.row(each, each.channels) for each in in_use if each.is_data_use)
    return PreferencePage(
        words=asked.words,
        address=seen.masked.get(asked.address_id, "") if asked.address_id else "",
        reach=builder.reach(channels),
        columns=tuple((channel, channel_name(channel)) for channel in channels),
        rows=rows,
        uses=uses,
        shown=written(builder.standings),
        form=asked.form,
        problems=tuple(cell for row in (*rows, *uses) for cell in row.cells if cell and cell.problem),
        others_saved=asked.others_saved,
    )


def confirm_page(seen: Seen, filled: Filled, words: Words, language: str, *, others_saved: bool) -> ConfirmPage:
    """What a person is asked once more."""
    asked = [seen.catalogue.category(pick.choice.category) for pick in filled.picks]
    return ConfirmPage(words, tuple(each.in_(language) for each in asked), others_saved)


@dataclass(frozen=True, slots=True)
class _Builder:
    seen: Seen
    asked: Asked
    standings: Mapping[CellKey, Standing]

    def row(self, category: Category, channels: Sequence[str]) -> Row:
        cells = tuple(
            self._cell(category, channel) if channel in category.channels else None for channel in channels
        )
        texts = category.in_(self.asked.language)
        said = {cell.words for cell in cells if cell}
        together = len(said) == 1 and not any(cell.locked or cell.problem for cell in cells if cell)
        return Row(
            category.slug,
            texts,
            cells,
            words=said.pop() if together else "",
            consent=self._consent(category, cells),
            reason=texts.required_reason if category.required else "",
            mentioned=category.slug == self.asked.category,
        )

    def _cell(self, category: Category, channel: str) -> Cell:
        answer = judge(category, channel, self.seen.person, self.seen.rules)
        lock = lock_words(self.seen, category, channel, answer, self.asked.words)
        stands = self.standings[category.slug, channel]
        return Cell(
            category.slug,
            channel,
            channel_name(channel),
            stands.state,
            lock or self._stands_in_words(category, answer, stands),
            bool(lock),
            self.asked.words["look_again"] if (category.slug, channel) in self.asked.ask_again else "",
        )

    def _stands_in_words(self, category: Category, answer: Answer, stands: Standing) -> str:
        words = self.asked.words
        if answer.reason == Reason.PAUSE:
            return words["paused"].format(date=_day(self.seen.person.pauses[category.slug][1]))
        if stands.state == State.NEVER_ASKED:
            use = "_use" if category.is_data_use else ""
            return words[f"unasked{use}_in" if answer.allowed else f"unasked{use}_out"]
        said = words["said_yes"] if stands.state == State.IN else words["said_no"]
        return said.format(date=_day(stands.since))

    def _consent(self, category: Category, cells: Sequence[Cell | None]) -> str:
        """The wording that a yes means, where it counts only with it."""
        open_cells = [cell for cell in cells if cell and not cell.locked]
        needs = {category.offers[cell.channel].needs for cell in open_cells}
        if OptInNeeds.PERSON_WITH_NOTICE not in needs:
            return ""
        numbers = self._addresses(Channel.PHONE) or self.asked.words["consent_no_address"]
        return self.asked.words["consent"].format(address=numbers)

    def reach(self, channels: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """Per kind of address that is used: the channels it serves, and the person's own, masked."""
        kinds = list(dict.fromkeys(kind for each in channels if (kind := ADDRESS_OF.get(each))))
        none = self.asked.words["no_address"]
        return tuple(
            (
                " · ".join(channel_name(each) for each in channels if each in CHANNELS_OF[kind]),
                self._addresses(next(each for each in channels if each in CHANNELS_OF[kind])) or none,
            )
            for kind in kinds
        )

    def _addresses(self, channel: str) -> str:
        known = (self.seen.masked.get(each.id) for each in self.seen.person.addresses(channel))
        return join(each for each in known if each)


def _day(moment: int) -> str:
    return date_format(timezone.localtime(instant(moment)), "DATE_FORMAT")
