"""What a row may draw from: answers, which say no or yes for the person, and plain facts.

A source is written `name:argument:argument`, `answer:marketing_emails:email` for instance. An answer comes as
a Field, whose `denies` says what it means; a fact as a value. None: nobody was asked, or nothing is known.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from destinations.contract import Field, Kind
from destinations.mapping.view import View, combined
from preferences import projection
from preferences.clock import instant
from preferences.person import HeldIdentifier, Person
from preferences.terms import ANY, CHANNELS_OF, RestrictionKind

LEAVE = Field(None, None)


def _answer(view: View, category: str, channel: str = "") -> Field | None:
    known = view.catalogue.by_slug.get(category)
    return combined(view, known, channel) if known and channel in known.offers else None


def _all_out(view: View, channel: str) -> Field | None:
    """Out only when every category that is not required is; in again only by an explicit opt-in."""
    fields = [combined(view, category, channel) for category in view.catalogue.refusable(channel)]
    chosen = [field for field in fields if field and field.denies is False]
    if chosen:
        return max(chosen, key=lambda each: each.since or instant(0))
    if fields and all(field and field.denies for field in fields):
        return fields[-1]
    return LEAVE if any(field and field.denies for field in fields) else None


def _suppressed(view: View, channel: str) -> Field | None:
    return _restricted(view, RestrictionKind.SUPPRESSED, channel)


def _stop(view: View, channel: str) -> Field | None:
    return _restricted(view, RestrictionKind.STOP, channel)


def _do_not_call(view: View, channel: str) -> Field | None:
    return _restricted(view, RestrictionKind.DO_NOT_CALL, channel)


def _restricted(view: View, wanted: RestrictionKind, channel: str) -> Field | None:
    """A restriction of the whole address: in force for whoever holds it, lifted for nobody by a choice."""
    addresses = (
        [view.address] if view.address else [each for person, _ in view.people for each in person.held]
    )
    for address in addresses:
        for key, value in projection.denials(address.restrictions):
            kind, category, named = key.split(":")
            covers = named in ("", channel) and channel in CHANNELS_OF.get(address.kind, ())
            if (kind, category) == (wanted, ANY) and covers and projection.in_force(value):
                return Field(True, True, instant(value[0]), "restriction")
    return None


def _deceased(view: View) -> Field | None:
    """Only where it is true of everyone there: others at the address are not silenced by it."""
    return Field(True, True, None, "deceased") if view.agreed(lambda person: person.deceased) else None


# --- facts ---


def _since(view: View, category: str, channel: str = "") -> datetime | None:
    """In the organisation's time zone: a date there is the day on which somebody said so."""
    field = _answer(view, category, channel)
    moment = field.since if field else None
    return timezone.localtime(moment, timezone.get_default_timezone()) if moment else None


def _jurisdiction(view: View) -> str | None:
    return view.agreed(lambda person: person.jurisdiction) or None


def _language(view: View) -> str | None:
    return view.agreed(lambda person: person.language) or None


def _number(view: View) -> str | None:
    return view.agreed(lambda person: str(person.id))


def _identifiers(view: View, kind: str, namespace: str = "") -> Sequence[str] | None:
    """Those in use now, in an order that does not change by itself; none is nothing known."""

    def those_of(person: Person) -> list[str]:
        return sorted(view.values[each.id] for each in person.held if _is(each, kind, namespace, view))

    return view.agreed(those_of) or None


def _is(held: HeldIdentifier, kind: str, namespace: str, view: View) -> bool:
    may_see = held.id in view.values and (view.told_confidential or not held.confidential)
    return may_see and held.current and held.kind == kind and namespace in ("", held.namespace)


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of the catalogue. `arguments`: what must follow its name."""

    gives: Kind
    read: Callable[..., Any]
    arguments: Sequence[str] = ()

    @property
    def is_answer(self) -> bool:
        return self.gives is Kind.ANSWER


CATEGORY, CHANNEL, IDENTIFIER = "category", "channel", "identifier"
SOURCES: Mapping[str, Source] = {
    "answer": Source(Kind.ANSWER, _answer, (CATEGORY, CHANNEL)),
    "all_out": Source(Kind.ANSWER, _all_out, (CHANNEL,)),
    "suppressed": Source(Kind.ANSWER, _suppressed, (CHANNEL,)),
    "stop": Source(Kind.ANSWER, _stop, (CHANNEL,)),
    "do_not_call": Source(Kind.ANSWER, _do_not_call, (CHANNEL,)),
    "deceased": Source(Kind.ANSWER, _deceased),
    "since": Source(Kind.DATE, _since, (CATEGORY, CHANNEL)),
    "jurisdiction": Source(Kind.TEXT, _jurisdiction),
    "language": Source(Kind.TEXT, _language),
    "heed": Source(Kind.TEXT, _number),
    "identifier": Source(Kind.LIST, _identifiers, (IDENTIFIER,)),
    "constant": Source(Kind.TEXT, lambda view: None),
    "number": Source(Kind.NUMBER, lambda view: None),
    "yes": Source(Kind.YES_NO, lambda view: True),
}
CONSTANTS = frozenset({"constant", "number", "yes"})  # the same for everyone, and always known


def reader(source: str, value: Any = None) -> Callable[[View], Any]:
    """How a row reads its source; a constant says what stands in the row."""
    name, *arguments = source.split(":")
    if name in ("constant", "number"):
        return lambda view: value
    return lambda view: SOURCES[name].read(view, *arguments)
