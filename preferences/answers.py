"""The answer to one question about one person (R7, R12, R13, R14): pure, from values already read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from preferences import projection
from preferences.catalogue import Catalogue, Category
from preferences.person import HeldIdentifier, Person
from preferences.terms import (
    ADDRESS_OF,
    CHANNELS_OF,
    DATA_USE,
    NO_CHANNEL,
    Reason,
    RestrictionKind,
    State,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the organisation has set, and the moment that is asked about."""

    now: int  # µs since 1970, UTC
    jurisdiction: str = ""
    stop_channels: frozenset[str] = frozenset({"sms"})


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a message may be sent (or data used), and why."""

    allowed: bool
    reason: Reason
    state: State = State.NEVER_ASKED
    since: int = 0
    change: int = 0

    @property
    def denied_by_someone(self) -> bool:
        """Denied by a choice, restriction, order or pause: something a vendor is told. A default is not."""
        return not self.allowed and self.reason in TOLD

    @property
    def chosen(self) -> bool:
        """Allowed because the person said so."""
        return self.allowed and self.reason == Reason.CHOICE

    @property
    def since_at(self) -> datetime | None:
        return datetime.fromtimestamp(self.since / 1e6, UTC) if self.since else None


TOLD = frozenset({Reason.CHOICE, Reason.RESTRICTION, Reason.ORDER, Reason.PAUSE, Reason.DECEASED})


def judge(
    category: Category,
    channel: str,
    person: Person,
    rules: Rules,
    to: Sequence[HeldIdentifier] | None = None,
) -> Answer:
    """R14, first match. `to` are the addresses judged; without it every current address of the channel is."""
    if unsent := _unsent(category, channel):
        return Answer(False, unsent)
    standing = _standing(category, channel, person, rules.now)
    state = standing.state if standing else State.NEVER_ASKED
    judged = person.addresses(channel) if to is None else to
    if denied := _whatever_was_chosen(category, channel, person, rules, judged, state=state):
        return denied
    if category.required:
        return _kept_out(category, channel, person) or Answer(True, Reason.REQUIRED, state)
    if paused := _paused(category, person, rules.now):
        return Answer(False, Reason.PAUSE, state, paused)
    if standing:
        return Answer(standing.state == State.IN, Reason.CHOICE, state, standing.since, standing.change)
    return Answer(_default(category, channel, person, rules), Reason.DEFAULT)


def _whatever_was_chosen(
    category: Category,
    channel: str,
    person: Person,
    rules: Rules,
    judged: Sequence[HeldIdentifier],
    *,
    state: State,
) -> Answer | None:
    """What denies even what is required."""
    if person.deceased:
        return Answer(False, Reason.DECEASED, state)
    if since := restricted(category, channel, judged, person.held, rules):
        return Answer(False, Reason.RESTRICTION, state, since[0], since[1])
    if person.order and channel != NO_CHANNEL and not person.order.allows(channel, judged):
        return Answer(False, Reason.ORDER, state, person.order.since, person.order.change)
    return None


def _kept_out(category: Category, channel: str, person: Person) -> Answer | None:
    """Who was out before these messages became required stays out (R17), however often they say so again."""
    if not category.required_since:
        return None
    wildcards = not category.is_data_use
    standing = projection.resolve(person.choices, category.slug, channel, wildcards=wildcards)
    if standing is None or standing.state == State.IN:
        return None
    since = projection.out_since(person.choices, category.slug, channel, wildcards=wildcards)
    if since > category.required_since:
        return None
    return Answer(False, Reason.CHOICE, standing.state, standing.since, standing.change)


def _default(category: Category, channel: str, person: Person, rules: Rules) -> bool:
    """What holds with no choice; where it was turned on, only for those who never said anything (R17)."""
    wheres = [(channel, each, rules.jurisdiction) for each in person.jurisdictions]
    if any(category.turned_on(*where) for where in wheres) and projection.ever_chose(
        person.choices, category.slug, wildcards=not category.is_data_use
    ):
        return False
    return all(category.default(*where) for where in wheres)


def _unsent(category: Category, channel: str) -> Reason | None:
    if category.retired:
        return Reason.RETIRED
    return None if channel in category.channels else Reason.NOT_OFFERED


def _standing(category: Category, channel: str, person: Person, now: int) -> projection.Standing | None:
    """The choice that counts; an opt-in that has run out is as if nobody had been asked (R6)."""
    wildcards = not (category.is_data_use or category.required)
    standing = projection.resolve(person.choices, category.slug, channel, wildcards=wildcards)
    return None if standing and 0 < standing.expires <= now else standing


def restricted(
    category: Category,
    channel: str,
    judged: Sequence[HeldIdentifier],
    held: Sequence[HeldIdentifier],
    rules: Rules,
) -> tuple[int, int] | None:
    """Since when, and by which change, the oldest restriction that denies this; None where none does."""
    if not any(each.restrictions for each in (*judged, *held)):
        return None  # nearly everybody
    found = (
        (value[0], value[1])
        for identifier, key, value in bearing(judged, held)
        if projection.in_force(value) and restricts(key, category, channel, identifier, rules)
    )
    return min(found, default=None)


def bearing(
    judged: Sequence[HeldIdentifier], held: Sequence[HeldIdentifier]
) -> Iterator[tuple[HeldIdentifier, str, list[int]]]:
    """Restrictions on the addresses judged, and those elsewhere that bear on whoever holds the address now.

    The latter name a channel which their own address cannot serve.
    """
    for identifier in judged:
        for key, value in identifier.restrictions.items():
            yield identifier, key, value
    for identifier in held:
        for key, value in identifier.restrictions.items() if identifier.current else ():
            named = key.rpartition(":")[2]
            if named and named not in CHANNELS_OF.get(identifier.kind, ()):
                yield identifier, key, value


def restricts(key: str, category: Category, channel: str, identifier: HeldIdentifier, rules: Rules) -> bool:
    """Does a restriction of an address, by its key, deny this there?"""
    restriction, of, named = key.split(":")
    if restriction == projection.SPARED or (of != category.slug and (of != "*" or category.is_data_use)):
        return False
    if restriction == RestrictionKind.STOP and of == "*" and _spared(key, category, channel, identifier):
        return False
    if of != "*" and category.required:
        return False
    if named:
        return named == (channel or DATA_USE)
    return channel in _covered(restriction, identifier.kind, rules)


def _spared(stop: str, category: Category, channel: str, identifier: HeldIdentifier) -> bool:
    restrictions = identifier.restrictions
    return projection.spares(restrictions, restrictions[stop][0], category.slug, channel)


def _covered(restriction: str, kind: str, rules: Rules) -> frozenset[str]:
    if restriction == RestrictionKind.STOP:
        return rules.stop_channels
    if restriction == RestrictionKind.DO_NOT_CALL:
        return frozenset({"phone"})
    return CHANNELS_OF.get(kind, frozenset())


def _paused(category: Category, person: Person, now: int) -> int:
    start, until, *_ = person.pauses.get(category.slug, (0, 0))
    return start if start <= now < until else 0


def at_address(
    category: Category,
    channel: str,
    address: HeldIdentifier,
    holders: Sequence[tuple[Person, bool]],
    rules: Rules,
) -> Answer:
    """The strictest answer over all holders of an address; of a former one (False) only a denial counts."""
    to = reached_by(channel, address)
    answers = [(judge(category, channel, person, rules, to), current) for person, current in holders]
    return strictest(category, channel, address, answers, rules)


def reached_by(channel: str, address: HeldIdentifier) -> tuple[HeldIdentifier] | None:
    """What is judged of those who hold an address: it, or, where the channel does not reach it, their own."""
    return (address,) if ADDRESS_OF.get(channel) == address.kind else None


def strictest(
    category: Category,
    channel: str,
    address: HeldIdentifier,
    answers: Sequence[tuple[Answer, bool]],
    rules: Rules,
) -> Answer:
    """The same from the answers of its holders; where none counts, that of the address itself."""
    counted = [answer for answer, current in answers if current or answer.denied_by_someone]
    if counted:
        return min(counted, key=strictness)
    person = Person(address.id, {}, held=(address,))
    nobody = judge(category, channel, person, rules, reached_by(channel, address))
    if nobody.reason != Reason.DEFAULT:
        return nobody
    return Answer(category.unknown_recipients and not category.is_data_use, Reason.UNKNOWN_PERSON)


def strictness(answer: Answer) -> tuple[bool, bool, int]:
    """Denied before allowed; said by someone before a default; the oldest of equals first."""
    return answer.allowed, not answer.denied_by_someone, answer.since


def everything(catalogue: Catalogue, person: Person, rules: Rules) -> dict[tuple[str, str], Answer]:
    """The answer for each category in use and each of its channels."""
    return {
        (category.slug, channel): judge(category, channel, person, rules)
        for category, channel in catalogue.grid
    }
