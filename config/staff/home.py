"""Home: six figures that lead to the rows behind them, and how every system is."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from config.staff import alarms, counting
from config.staff.alarms import AlarmLine
from config.staff.counting import Figures, Health
from config.staff.places import PLACES, Place
from config.staff.words import Mark
from destinations import circuit
from destinations.terms import DestinationState


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it counts, and where its rows are."""

    count: int
    words: str
    link: str
    tone: str = "none"


@dataclass(frozen=True, slots=True)
class SystemLine:
    """One system: how it is."""

    name: str
    state: Mark
    words: str
    link: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """All that the page shows."""

    figures: tuple[Figure, ...]
    systems: tuple[SystemLine, ...]
    alarms: tuple[AlarmLine, ...]
    places: tuple[Place, ...] = PLACES


def home() -> HomePage:
    """Read and put in words: nine queries."""
    systems = tuple(_line(each) for each in counting.health())
    return HomePage(_figures(counting.figures()), systems, alarms.lines())


def link_to(name: str, *args: object, **query: str) -> str:
    """A page's address; empty where there is no such page."""
    try:
        found = reverse(f"admin:{name}", args=args)
    except NoReverseMatch:
        return ""
    return f"{found}?{urlencode(query)}" if query else found


def _figures(found: Figures) -> tuple[Figure, ...]:
    since = {"recorded_at__gte": counting.today().isoformat()}
    return (
        Figure(found.changes, "changes recorded today", link_to("preferences_change_changelist", **since)),
        Figure(
            found.waiting, "waiting to be told", link_to("rows", list="waiting"), _tone(found.waiting, "wait")
        ),
        Figure(found.stuck, "need a person", link_to("stuck"), _tone(found.stuck, "bad")),
        Figure(found.asked, "acts that reach many", link_to("stuck"), _tone(found.asked, "wait")),
        Figure(
            found.matters,
            "matters for staff",
            link_to("preferences_review_changelist", state="open"),
            _tone(found.matters, "wait"),
        ),
        Figure(
            found.drafts,
            "drafts for a second person",
            link_to("preferences_draft_changelist", stage="waiting"),
            _tone(found.drafts, "wait"),
        ),
    )


def _tone(count: int, tone: str) -> str:
    return tone if count else "good"


def _line(found: Health) -> SystemLine:
    system = found.system
    link = link_to("destinations_destination_change", system.pk)
    return SystemLine(system.name, _state(found), _words(found), link)


def _state(found: Health) -> Mark:
    state = DestinationState(found.system.state)
    if state != DestinationState.LIVE:
        return Mark(state.label)
    if found.stuck:
        return Mark("Needs a person", "bad")
    if found.system.failures:
        return Mark(circuit.circuit(found.system, timezone.now()).label, "bad")
    return Mark("Telling", "wait") if found.waiting else Mark("Up to date", "good")


def _words(found: Health) -> str:
    parts = []
    if found.waiting:
        parts.append(f"{found.waiting} waiting")
    if found.stuck:
        parts.append(f"{found.stuck} stuck")
    words = ", ".join(parts)
    answers = circuit.in_words(found.system, timezone.now())
    counted = f"{words[:1].upper()}{words[1:]}"
    return ". ".join(filter(None, [counted, answers])) or "Everybody’s choices are there."
