"""Reading people, for one or for thousands at the same number of queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import connection
from django.db.models import Q, UUIDField
from django.db.models.functions import Coalesce

from preferences import clock, identity, keys, projection
from preferences.answers import Answer, Rules, at_address, judge
from preferences.asof import AsOf
from preferences.catalogue import Catalogue, Category, catalogue
from preferences.errors import NotFound, UnknownChannel
from preferences.explaining import Explanation, explained
from preferences.holders import standing_holders
from preferences.identity import Named
from preferences.models import DataKey, Holding, Identifier, Profile
from preferences.person import HeldIdentifier, Order, Person
from preferences.rules import rules_at
from preferences.sql import placeholders, uuid_in, uuid_out
from preferences.terms import ADDRESS_OF, NO_CHANNEL, Reason


def rules_now(now: datetime | None = None) -> Rules:
    """The organisation's settings that answers depend on, as of now."""
    return rules_at(now or clock.now())


def survivors(ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Each person who exists, with the person they are part of now: one query."""
    survivor = Coalesce("merged_into", "id", output_field=UUIDField())
    return dict(Profile.objects.filter(id__in=ids).values_list("id", survivor))


def forgotten(ids: Collection[UUID]) -> bool:
    """Was one of these people forgotten (R19), or whom they are part of? One query."""
    erased = Q(erased_at__isnull=False) | Q(merged_into__erased_at__isnull=False)
    return Profile.objects.filter(erased, id__in=ids).exists()


def people(ids: Collection[UUID]) -> dict[UUID, Person]:
    """People with all they hold or held: two queries."""
    held = _held_by(ids)
    rows = Profile.objects.filter(id__in=ids).values_list(
        "id", "choices", "jurisdiction", "language", "deceased_at", "pauses", "order", "seq", "also_in"
    )
    return {
        pk: Person(
            pk,
            projection.load(choices),
            jurisdiction,
            language,
            deceased is not None,
            pauses,
            seq,
            tuple(held.get(pk, ())),
            Order.load(order),
            tuple(also_in),
        )
        for pk, choices, jurisdiction, language, deceased, pauses, order, seq, also_in in rows
    }


def _held_by(ids: Collection[UUID]) -> dict[UUID, list[HeldIdentifier]]:
    rows = Holding.objects.filter(profile__in=ids).values_list(
        "profile_id",
        "identifier_id",
        "until",
        "identifier__kind",
        "identifier__namespace",
        "identifier__restrictions",
        "identifier__seq",
        "confidential",
    )
    held: dict[UUID, dict[UUID, HeldIdentifier]] = {}
    for profile, pk, until, kind, namespace, restrictions, seq, by_order in rows:
        of_profile = held.setdefault(profile, {})
        current = until is None or (pk in of_profile and of_profile[pk].current)
        confidential = by_order and (pk not in of_profile or of_profile[pk].confidential)
        of_profile[pk] = HeldIdentifier(
            pk, kind, namespace, projection.load(restrictions), current, seq, confidential
        )
    return {profile: list(each.values()) for profile, each in held.items()}


def identifiers(ids: Collection[UUID]) -> dict[UUID, HeldIdentifier]:
    """Identifiers as they bear on answers: one query."""
    rows = Identifier.objects.filter(id__in=ids).values_list("id", "kind", "namespace", "restrictions", "seq")
    return {
        pk: HeldIdentifier(pk, kind, namespace, projection.load(restrictions), True, seq)
        for pk, kind, namespace, restrictions, seq in rows
    }


def holders(ids: Collection[UUID]) -> dict[UUID, dict[UUID, bool]]:
    """Per identifier, who holds it (True), or held it until somebody else was verified there (False)."""
    rows = Holding.objects.filter(identifier__in=ids).values_list(
        "identifier_id", "profile_id", "until", "verified_at"
    )
    by_identifier: dict[UUID, list[tuple[UUID, datetime | None, datetime | None]]] = {}
    for identifier, profile, until, verified in rows:
        by_identifier.setdefault(identifier, []).append((profile, until, verified))
    return {identifier: standing_holders(each) for identifier, each in by_identifier.items()}


def plaintexts(ids: Collection[UUID]) -> dict[UUID, str]:
    """Identifiers in the clear: one query. Those whose data key was destroyed are left out."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k.owner, k.key_id, k.nonce, k.wrapped, i.ciphertext FROM preferences_datakey k"  # noqa: S608
            " JOIN preferences_identifier i ON i.id = k.owner"
            f" WHERE k.use = %s AND k.owner IN ({placeholders(len(ids))})",
            [DataKey.VALUE, *map(uuid_in, ids)],
        )
        rows = cursor.fetchall()
    values = {}
    for pk, key_id, nonce, wrapped, ciphertext in rows:
        owner = uuid_out(pk)
        data_key = keys.unwrap(keys.Wrapped(key_id, bytes(nonce), bytes(wrapped)), owner.bytes)
        values[owner] = keys.decrypt(data_key, bytes(ciphertext), owner.bytes).decode()
    return values


# --- decisions ---


@dataclass(frozen=True, slots=True)
class Question:
    """May this go to this person (by key, or as named) at this address? `problem`: it can't be read."""

    profile_id: UUID | None = None
    named: Named | None = None
    to: Named | None = None
    problem: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one question, with the reason and the state of the ledger it rests on."""

    allowed: bool
    reason: Reason
    version: str
    allowed_channels: tuple[str, ...]


def decide(
    profile_id: UUID,
    category: str,
    channel: str = NO_CHANNEL,
    *,
    to: Named | None = None,
    at: datetime | None = None,
) -> Decision:
    """May this be sent to this person now, or as known `at`? Raises UnknownCategory, UnknownChannel."""
    [decision] = decide_many(category, channel, [Question(profile_id, to=to)], at=at)
    return decision


def decide_many(
    category: str, channel: str, questions: Sequence[Question], *, at: datetime | None = None
) -> list[Decision]:
    """The same for thousands, at a constant number of queries. Raises UnknownCategory, UnknownChannel."""
    known: Known = AsOf(at) if at else Now()
    wanted = _asked(category, channel, known.catalogue())
    return _Round(wanted, channel, questions, known).answers()


def explain(
    profile_id: UUID, category: str, channel: str = NO_CHANNEL, *, at: datetime | None = None
) -> Explanation:
    """Why, step by step, replayed from the ledger: the same today as then.

    Raises NotFound for whoever was not known then, UnknownCategory, UnknownChannel.
    """
    known = AsOf(at or clock.now())
    person = known.survivors([profile_id]).get(profile_id)
    if person is None:
        raise NotFound("this person was not known then")
    wanted = _asked(category, channel, known.catalogue())
    return explained(wanted, channel, known.people([person])[person], known.rules(), known.death_of(person))


def _asked(category: str, channel: str, offered: Catalogue) -> Category:
    wanted = offered.category(category)
    offered.check_channel(wanted, channel)
    if channel == "*":
        raise UnknownChannel("ask about one channel at a time", channel=channel)
    return wanted


class Known(Protocol):
    """Where answers are read from: projections (`Now`), or the ledger as of a moment (`AsOf`)."""

    def catalogue(self) -> Catalogue: ...
    def rules(self) -> Rules: ...
    def survivors(self, ids: Collection[UUID]) -> dict[UUID, UUID]: ...
    def people(self, ids: Collection[UUID]) -> dict[UUID, Person]: ...
    def identifiers(self, ids: Collection[UUID]) -> dict[UUID, HeldIdentifier]: ...
    def holders(self, ids: Collection[UUID]) -> dict[UUID, dict[UUID, bool]]: ...


class Now:
    """What is known now."""

    catalogue = staticmethod(catalogue)
    rules = staticmethod(rules_now)
    survivors = staticmethod(survivors)
    people = staticmethod(people)
    identifiers = staticmethod(identifiers)
    holders = staticmethod(holders)


class _Round:
    """Everything that a list of questions needs, read at once."""

    def __init__(self, category: Category, channel: str, questions: Sequence[Question], known: Known) -> None:
        self.category, self.channel, self.questions = category, channel, questions
        self.rules = known.rules()
        names = {each for question in questions for each in (question.named, question.to) if each}
        self.ids = identity.find(names)
        self.identifiers = known.identifiers(self.ids.values())
        self.holders = known.holders(self.ids.values())
        asked = {question.profile_id for question in questions if question.profile_id}
        self.survivors = known.survivors(asked)
        held = {person for each in self.holders.values() for person in each}
        self.people = known.people(held | set(self.survivors.values()))

    def answers(self) -> list[Decision]:
        return [self._answer(question) for question in self.questions]

    def _answer(self, question: Question) -> Decision:
        if question.problem:
            return Decision(False, Reason.INVALID_RECIPIENT, "", ())
        to = self._identifier(question.to)
        if question.to and question.to.kind != ADDRESS_OF.get(self.channel):
            return Decision(False, Reason.INVALID_RECIPIENT, "", ())
        person = self._person(question)
        if person is not None:
            return self._of_person(person, to)
        named = self._identifier(question.named)
        return self._at_address(to or named, named)

    def _identifier(self, named: Named | None) -> HeldIdentifier | None:
        """One that nobody ever named has no restrictions: stand-in with a key of no row."""
        if named is None:
            return None
        stand_in = HeldIdentifier(UUID(int=0), named.kind, named.namespace)
        return self.identifiers.get(self.ids.get(named, stand_in.id), stand_in)

    def _person(self, question: Question) -> Person | None:
        if question.profile_id:
            return self.people.get(self.survivors.get(question.profile_id, UUID(int=0)))
        if question.named is None or question.named not in self.ids:
            return None
        current = [who for who, now in self.holders.get(self.ids[question.named], {}).items() if now]
        is_address = question.named.kind in ADDRESS_OF.values()
        return self.people[current[0]] if len(current) == 1 and not is_address else None

    def _of_person(self, person: Person, to: HeldIdentifier | None) -> Decision:
        judged = None if to is None else (to,)
        answer = judge(self.category, self.channel, person, self.rules, judged)
        others = {
            each: judge(self.category, each, person, self.rules)
            for each in self.category.channels
            if each != self.channel
        }
        return self._decision({self.channel: answer, **others}, person.seen_version())

    def _at_address(self, address: HeldIdentifier | None, named: HeldIdentifier | None) -> Decision:
        """Somebody named by one address and written to at another: the holders of both are asked."""
        address = address or HeldIdentifier(UUID(int=0), "")
        known = self._holders_of(address, named or address)
        answers = {
            each: at_address(self.category, each, address, known, self.rules)
            for each in {*self.category.channels, self.channel}
        }
        return self._decision(answers, f"{address.version}.{sum(who.version for who, _ in known)}")

    def _decision(self, answers: Mapping[str, Answer], version: str) -> Decision:
        """The answer, and the channels that are open; a use of data has none."""
        answer, channels = answers[self.channel], filter(None, self.category.channels)
        open_channels = tuple(each for each in channels if answers[each].allowed)
        return Decision(answer.allowed, answer.reason, version, open_channels)

    def _holders_of(self, *addresses: HeldIdentifier) -> list[tuple[Person, bool]]:
        who: dict[UUID, bool] = {}
        for address in addresses:
            for person, current in self.holders.get(address.id, {}).items():
                who[person] = current or who.get(person, False)
        return [(self.people[person], current) for person, current in who.items()]
