"""Who is out: how many, per category and channel, and the people behind each number."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from config.staff import listed
from config.staff.access import actor, needs, show
from config.staff.forms import OutForm
from config.staff.listed import Counted, Masked
from config.staff.permissions import SEE_PEOPLE
from config.staff.words import category_name, cell_words, channel_name, day, short
from preferences import services
from preferences.catalogue import Catalogue, Category, catalogue
from preferences.clock import instant
from preferences.models import Standing
from preferences.terms import ANY, NO_CHANNEL, Channel, Reason, Whose


@dataclass(frozen=True, slots=True)
class Number:
    """How many are out of one category on one channel, and of how many."""

    channel: str
    people: int
    strays: int
    of: int
    query: str

    @property
    def share(self) -> str:
        """In words: a few of very many are not none."""
        percent = round(100 * self.people / self.of)
        return f"{percent} %" if percent else "less than 1 %"


@dataclass(frozen=True, slots=True)
class Line:
    """One category, with a number for each channel on which it is sent."""

    name: str
    numbers: tuple[Number | None, ...]


@dataclass(frozen=True, slots=True)
class OutPage:
    """All numbers: those of messages by channel, those of uses of data."""

    form: OutForm
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    uses: tuple[Line, ...]
    of: int


@dataclass(frozen=True, slots=True)
class Out:
    """One who is out."""

    profile_id: UUID | None
    name: str
    known_by: str
    what: str
    why: str
    since: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """Those behind a number."""

    form: OutForm
    rows: tuple[Out, ...]
    paging: Page[Standing]
    query: str


@require_safe
@needs(SEE_PEOPLE)
def out(request: HttpRequest) -> HttpResponse:
    """Numbers only."""
    known, counted = catalogue(), listed.counted()
    used = {channel for _, channel in known.grid if channel}
    columns = tuple(each for each in Channel.values if each in used)
    lines = [_line(each, columns, counted) for each in known if not (each.retired or each.is_data_use)]
    uses = [_line(each, (NO_CHANNEL,), counted) for each in known if each.is_data_use and not each.retired]
    names = tuple(map(channel_name, columns))
    page = OutPage(OutForm(known), names, tuple(lines), tuple(uses), counted.of)
    return show(request, "out", title="Who is out", page=page)


def _line(category: Category, channels: tuple[str, ...], counted: Counted) -> Line:
    numbers = (
        _number(category.slug, channel, counted) if channel in category.channels else None
        for channel in channels
    )
    return Line(category.in_("en").name, tuple(numbers))


def _number(category: str, channel: str, counted: Counted) -> Number:
    cell = (category, channel)
    return Number(
        channel_name(channel) or "Use of data",
        counted.people.get(cell, 0),
        counted.strays.get(cell, 0),
        counted.of,
        urlencode({"category": category, "channel": channel or ANY}),
    )


@require_safe
@needs(SEE_PEOPLE)
def out_list(request: HttpRequest) -> HttpResponse:
    """The people behind a number, and the addresses that nobody holds; that somebody looked is noted."""
    known = catalogue()
    form = OutForm(known, request.GET)
    category, channel = form.wanted()
    paging = listed.page_of(category, channel, request.GET.get("page", 1))
    services.log_view(actor=actor(request), page="who is out", found=paging.paginator.count)
    rows = tuple(_rows(paging, listed.masked(paging), known))
    query = urlencode({"category": category, "channel": channel})
    return show(
        request, "out_list", title=_title(category, channel, known), page=ListPage(form, rows, paging, query)
    )


def _title(category: str, channel: str, known: Catalogue) -> str:
    name = "anything" if category == ANY else category_name(category, known)
    return f"Out of {name}" + (f": {channel_name(channel).lower()}" if channel != ANY else "")


def _rows(paging: Page[Standing], masked: Masked, known: Catalogue) -> Iterator[Out]:
    for row in paging:
        person = row.subject_id if row.whose == Whose.PERSON else None
        why = Reason(row.reason).label
        yield Out(
            person,
            short(person) if person else "Nobody holds it now",
            (masked.people if person else masked.addresses).get(row.subject_id, ""),
            cell_words({"category": row.category, "channel": row.channel}, known),
            f"{why[:1].upper()}{why[1:]}",
            day(instant(row.since)) if row.since else "",
        )
