"""The lists as somebody reads them, and what decisions say instead."""

from collections.abc import Iterator
from uuid import UUID

from destinations import marking
from preferences import clock, lists, selectors, services
from preferences.answers import TOLD
from preferences.identity import Named
from preferences.lists import Complete, Line
from preferences.models import Identifier, Profile
from preferences.person import HeldIdentifier
from preferences.projection import denials
from preferences.selectors import Question
from preferences.terms import ADDRESS_KINDS, ADDRESS_OF, ANY
from tests.preferences.reference import CELLS

Place = tuple[UUID, str, str]


def marked() -> None:
    """Everything that was recorded is handed over."""
    while services.hand_over_what_time_changed(clock.now()) or marking.mark(clock.now()):
        pass


class Reader:
    """Keeps a copy of a list: a whole one first, then what has changed since."""

    def __init__(self, category: str = "*", channel: str = "*") -> None:
        self.category, self.channel, self.cursor = category, channel, ""
        self.out: dict[Place, str] = {}
        self.told = 0

    def reads(self, size: int = lists.CHUNK) -> Complete:
        wanted = lists.wanted(self.category, self.channel, self.cursor)
        return self.takes(lists.read(wanted, size))

    def takes(self, entries: Iterator[Line | Complete]) -> Complete:
        for entry in entries:
            if isinstance(entry, Complete):
                self.cursor = entry.cursor
                return entry
            self.told += 1
            place = (entry.id, entry.category, entry.channel)
            self.out.pop(place, None)
            if entry.denied:
                self.out[place] = entry.because
        raise AssertionError("the list broke off")


def whole() -> dict[Place, str]:
    """Who is out, where and why, as a list read now says."""
    reader = Reader()
    reader.reads()
    return reader.out


def decided() -> dict[Place, str]:
    """The same by asking: about every person and every address, cell by cell."""
    people = list(Profile.objects.values_list("id", flat=True))
    out: dict[Place, str] = {}
    for category, channel in CELLS:
        answers = selectors.decide_many(category, channel, [Question(pk) for pk in people])
        asked = dict(zip(people, answers, strict=True))
        asked |= _at_addresses(category, channel)
        for pk, answer in asked.items():
            if not answer.allowed and answer.reason in TOLD:
                out[pk, category, channel] = answer.reason.value
    return out


def _at_addresses(category: str, channel: str) -> dict[UUID, selectors.Decision]:
    """Those that the channel reaches, where it reaches any; what they deny themselves is listed, too.

    Only that: nobody phones an email address, whatever an order of who holds it says of calls.
    """
    found = {
        pk: identifier
        for pk, identifier in selectors.identifiers(
            Identifier.objects.filter(kind__in=ADDRESS_KINDS).values_list("id", flat=True)
        ).items()
        if ADDRESS_OF.get(channel) in (None, identifier.kind) or _denies(identifier, category, channel)
    }
    values = selectors.plaintexts(list(found))
    named = {pk: Named(found[pk].kind, "", value) for pk, value in values.items()}
    questions = [Question(named=each) for each in named.values()]
    return dict(zip(named, selectors.decide_many(category, channel, questions), strict=True))


def _denies(address: HeldIdentifier, category: str, channel: str) -> bool:
    keys = (key.split(":") for key, _ in denials(address.restrictions))
    return any(to == channel and of in (ANY, category) for _, of, to in keys)
