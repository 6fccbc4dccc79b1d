"""Home: figures that lead to the rows behind them, and how every system is, as far as an account may see."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from config.staff import alarms, counting
from config.staff.alarms import AlarmLine
from config.staff.counting import Figures, Health
from config.staff.permissions import (
    READ_TEXTS,
    SEE_APPEARANCE,
    SEE_CATEGORIES,
    SEE_LEDGER,
    SEE_MATTERS,
    SEE_PEOPLE,
    SEE_POLICY,
    SEE_SYSTEMS,
)
from config.staff.places import PLACES, Place
from config.staff.vouched import all_not_vouched
from config.staff.words import Mark
from destinations import circuit
from destinations.connectors import CONNECTORS
from destinations.models import Destination
from destinations.terms import DestinationState, EventState
from destinations.untold import REMEDY, untold
from governance.selectors import Broken, broken_rules

UNREAD = "texts new or changed since a review"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it counts, where its rows are, and who may look (a permission)."""

    count: int
    words: str
    link: str
    needs: str
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
    """All that the page shows. `sees_people`, `sees_systems`: what else there is to show or to do.

    `untold`: what people choose about and no live system is told of.
    """

    figures: tuple[Figure, ...]
    systems: tuple[SystemLine, ...]
    alarms: tuple[AlarmLine, ...]
    broken: tuple[Broken, ...]
    rules: str
    sees_people: bool
    sees_systems: bool
    untold: str = ""
    remedy: str = REMEDY
    places: tuple[Place, ...] = PLACES


def home(user: PermissionsMixin | AnonymousUser) -> HomePage:
    """Read and put in words: twenty-one queries however much there is, fewer for who may see less."""
    unread = all_not_vouched() if user.has_perm(SEE_APPEARANCE) else 0
    figures = tuple(each for each in _figures(counting.figures(), unread) if user.has_perm(each.needs))
    sees_people, sees_systems = user.has_perm(SEE_PEOPLE), user.has_perm(SEE_SYSTEMS)
    sees_rules = user.has_perm(SEE_POLICY)
    broken = tuple(broken_rules()) if sees_rules or sees_systems else ()
    rules = link_to("policy") if sees_rules else ""
    if not sees_systems:
        return HomePage(figures, (), (), broken, rules, sees_people, sees_systems)
    systems = tuple(_line(each) for each in counting.health())
    nobody = "; ".join(untold())
    return HomePage(figures, systems, alarms.lines(), broken, rules, sees_people, sees_systems, nobody)


def link_to(name: str, *args: object, **query: str) -> str:
    """A page's address; empty where there is no such page."""
    try:
        found = reverse(f"admin:{name}", args=args)
    except NoReverseMatch:
        return ""
    return f"{found}?{urlencode(query)}" if query else found


def _figures(found: Figures, unread: int) -> tuple[Figure, ...]:
    since = {"recorded_at__gte": counting.today().isoformat()}
    waiting = link_to("rows", list="waiting")
    matters = link_to("preferences_review_changelist", state="open")
    texts = link_to("destinations_inboundevent_changelist", state__exact=EventState.TO_READ)
    drafts = link_to("preferences_draft_changelist", stage="waiting")
    changes = link_to("preferences_change_changelist", **since)
    stuck, languages = link_to("stuck"), link_to("languages")
    return (
        Figure(found.changes, "changes recorded today", changes, SEE_LEDGER),
        Figure(found.waiting, "waiting to be told", waiting, SEE_PEOPLE, _tone(found.waiting, "wait")),
        Figure(found.stuck, "need a person", stuck, SEE_SYSTEMS, _tone(found.stuck, "bad")),
        Figure(found.asked, "acts that reach many", stuck, SEE_SYSTEMS, _tone(found.asked, "wait")),
        Figure(found.matters, "matters for staff", matters, SEE_MATTERS, _tone(found.matters, "wait")),
        Figure(unread, UNREAD, languages, SEE_APPEARANCE, _tone(unread, "wait")),
        Figure(found.texts, "texts that may be a stop", texts, READ_TEXTS, _tone(found.texts, "bad")),
        Figure(
            found.drafts, "drafts for a second person", drafts, SEE_CATEGORIES, _tone(found.drafts, "wait")
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
    return ". ".join(filter(None, [counted, answers])) or _nothing_waits(found.system)


def _nothing_waits(system: Destination) -> str:
    connector = CONNECTORS.get(system.connector)
    told = connector is None or connector.takes_preferences
    return "Everybody’s choices are there." if told else "It is told events only, no choices."
