"""Advertising audiences: people are taken out of one, and nobody is ever put in. Pure."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from destinations.contract import (
    BackIn,
    By,
    Connector,
    Delivery,
    Done,
    Glyph,
    Grain,
    Items,
    Job,
    Kind,
    Refused,
    Setting,
    Settings,
    Steps,
    Stuck,
    Target,
    Wanted,
)

REMOVED, SHARING = "removed", "answer:sale_or_sharing:"
SOURCE = Setting("Who is in the audience", "A source: whoever it knows is in. Empty: nobody", required=False)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody to be taken out, by all their addresses, former ones too."""

    wanted: Wanted
    emails: Sequence[str]
    phones: Sequence[str]

    @property
    def mark(self) -> str:
        """What was sent about them: another address is another call."""
        return hashed(" ".join([*self.emails, *self.phones]))[:12]


class Audience(Connector):
    """One audience. It is told of nobody but those who are in it, and of no category but one, by no name."""

    channels, addresses, found_by = frozenset[str](), By.PERSON, ("email", "phone")
    items, back_in, health_information, batch_max = Items.TOGETHER, BackIn.NEVER, False, 500
    glyph, grain = Glyph.ADS, Grain.CATEGORY
    rows = ({"target": REMOVED, "source": SHARING},)
    targets = (
        Target(
            REMOVED,
            REMOVED,
            "being taken out of the audience, by the answer on sale and sharing of data",
            frozenset({Kind.ANSWER}),
            only=(SHARING,),
        ),
    )

    @abstractmethod
    def take_out(
        self, people: Sequence[Member], settings: Settings, now: datetime
    ) -> Steps[Done | Job | Stuck]:
        """One call about all of these. A Stuck may hang on one of them. Raises Refused."""

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # Whoever is out is out, however often it is said.
        denied = {wanted.id for wanted in batch if any(each.denies for each in wanted.fields.values())}
        members = [member(wanted) for wanted in batch if wanted.id in denied and is_in(wanted, settings)]
        members = [each for each in members if each.emails or each.phones]
        there = {each.wanted.id for each in members}
        yield from (each.is_(Done({}, absent=each.id in denied)) for each in batch if each.id not in there)
        yield from self.tell([members], settings)

    def tell(self, groups: Sequence[Sequence[Member]], settings: Settings) -> Delivery:
        """A call for each group."""
        left = [each for group in groups for each in group]
        try:
            for group in groups:
                yield from self._tell(left, group, settings)
        except Refused as ended:
            yield from (each.wanted.is_(ended.outcome) for each in left)

    def _tell(self, left: list[Member], people: Sequence[Member], settings: Settings) -> Delivery:
        """A refusal of many hangs on one of them: their halves are tried alone."""
        if not people:
            return
        outcome = yield from self.take_out(people, settings, people[0].wanted.now)
        if isinstance(outcome, Stuck) and len(people) > 1:
            half = len(people) // 2
            yield from self._tell(left, people[:half], settings)
            yield from self._tell(left, people[half:], settings)
            return
        for each in people:
            left.remove(each)
            yield each.wanted.is_(job(outcome, each) if isinstance(outcome, Job) else outcome)


def job(outcome: Job, member: Member) -> Job:
    return Job(f"{outcome.token} {member.mark}", outcome.after)


def is_in(wanted: Wanted, settings: Settings) -> bool:
    """Does the source by which the audience was made know them?"""
    source = settings.audience_source
    return bool(source) and any(
        (each.kind, each.namespace) == ("external_id", source) for each in wanted.identifiers
    )


def member(wanted: Wanted) -> Member:
    def values(kind: str) -> list[str]:
        return sorted({each.value for each in wanted.identifiers if each.kind == kind})

    return Member(wanted, values("email"), values("phone"))


def hashed(text: str) -> str:
    return sha256(text.strip().lower().encode()).hexdigest()
