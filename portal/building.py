"""The pages' values put together from their rows. Pure."""

from collections.abc import Iterable

from portal.foreign import texts_of
from portal.forms import Filled, written
from portal.page import ConfirmPage, PreferencePage
from portal.rows import Asked, RowBuilder
from portal.selectors import Seen
from portal.wording import Words, channel_name
from preferences.catalogue import Category
from preferences.terms import Channel


def preference_page(seen: Seen, asked: Asked) -> PreferencePage:
    """The page of one person."""
    in_use = [each for each in seen.catalogue if not each.retired]
    offered = {channel for each in in_use for channel in each.channels}
    channels = [channel.value for channel in Channel if channel in offered]
    builder = RowBuilder.of(seen, asked)
    rows = tuple(builder.row(each, channels) for each in in_use if not each.is_data_use)
    uses = tuple(builder.row(each, each.channels) for each in in_use if each.is_data_use)
    return PreferencePage(
        words=asked.words,
        address=_for_address(seen, asked),
        reach=builder.reach(channels),
        undelivered=tuple(builder.undelivered()),
        remedies=tuple(dict.fromkeys(each.remedy for each in builder.locks.values() if each.remedy)),
        columns=tuple((channel, channel_name(channel)) for channel in channels),
        rows=rows,
        uses=uses,
        shown=written(builder.standings),
        form=asked.form,
        problems=tuple(cell for row in (*rows, *uses) for cell in row.cells if cell and cell.problem),
        others_saved=asked.others_saved,
        ordered=seen.person.order is not None,
    )


def confirm_page(
    seen: Seen, filled: Filled, words: Words, language: str, *, others_saved: bool, signal: bool
) -> ConfirmPage:
    """What a person is asked once more."""
    asked = [seen.catalogue.category(pick.choice.category) for pick in filled.picks]
    texts = tuple(texts_of(each, language) for each in asked)
    despite = signal and any(each.honours_signal for each in asked)
    lead = words["confirm_lead"]
    return ConfirmPage(words, lead, "portal:confirm", texts, others_saved, despite, filled.of)


def undo_page(asked: Iterable[Category], words: Words, language: str, of: str) -> ConfirmPage:
    """The same, before a no to a use of data is taken back."""
    texts = tuple(texts_of(each, language) for each in asked)
    return ConfirmPage(words, words["confirm_undo"], "portal:undo", texts, of=of)


def _for_address(seen: Seen, asked: Asked) -> str:
    masked = seen.masked.get(asked.address_id) if asked.address_id else None
    return asked.words["for_address"].format(address=masked) if masked else ""
