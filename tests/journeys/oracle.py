"""What every system must hold after a history, worked out the slow and obvious way from the notebook alone.

What denies one person is read by `tests.preferences.resolver`, by DESIGN section 4. Here stand section 3 and
R17 on top of it: whom an address answers for, and that what is retired or taken away still keeps every no.
It knows nothing of ledger, projections, outbox or leases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.preferences.notebook import Chose, Fact, Known, Merged, Ordered, Question
from tests.preferences.resolver import address_denies, is_dead, paused, reached_at, resolve, stays_out
from tests.preferences.resolver_choices import choices_of, chosen, winner
from tests.preferences.resolver_people import Address, addresses, categories, offer_of, one_with, until

OFFERS = {
    "marketing_emails": ("email",),
    "appointment_reminders": ("sms", "email", "phone"),
    "patient_surveys": ("email", "sms"),
    "care_follow_ups": ("sms", "email", "phone", "mail"),
    "phone_outreach": ("phone", "sms"),
    "sale_or_sharing": ("",),
    "sensitive_data": ("",),
}
CELLS = [(category, channel) for category, channels in OFFERS.items() for channel in channels]
SPEAKS = ("patient_portal",)  # sources that verify the addresses they give
Cell = tuple[str, str]


@dataclass
class Stay:
    """A person at an address by the word of one source."""

    person: int
    source: str
    address: Address
    verified: datetime | None
    until: datetime | None = None


@dataclass(frozen=True)
class Truth:
    """What the notebook means at this moment."""

    facts: Sequence[Fact]
    now: datetime

    # --- one person ---

    def one(self, person: int) -> set[int]:
        """Everybody who is one person with this one."""
        return one_with(self.facts, person)

    def refuses(self, person: int, cell: Cell, to: Address | None = None) -> bool:
        """Denied by what somebody said, not by a default; there, or at every address of theirs."""
        (category, channel), who = cell, self.one(person)
        body = categories(self.facts)[category]
        asked = Question(person=person, category=category, channel=channel, at=self.now, to=to)
        required = bool(body.get("required"))
        if is_dead(self.facts, who) or address_denies(self.facts, who, asked, required=required):
            return True
        entries = choices_of(self.facts, who)
        if required:
            return stays_out(entries, cell, body)
        last = winner(entries, cell)
        return paused(self.facts, who, asked) or (last is not None and not last.opts_in)

    def answer(self, person: int, cell: Cell) -> tuple[bool, str]:
        """May it be sent, and why (not)?"""
        category, channel = cell
        return resolve(self.facts, Question(person=person, category=category, channel=channel, at=self.now))

    def in_use(self, cell: Cell) -> bool:
        """Is it sent at all? What is retired or taken away is not, and nothing of it is put back anywhere."""
        body = categories(self.facts)[cell[0]]
        offer = offer_of(body, cell[1])
        return bool(offer) and not body.get("retired") and not (offer or {}).get("removed")

    def may_be_refused(self, cell: Cell) -> bool:
        return not categories(self.facts)[cell[0]].get("required")

    def said_yes_since(self, cell: Cell, moment: datetime, people: set[int]) -> bool:
        """Did one of them say a yes that counts later than that? It lifts a vendor's own no for good."""
        return any(
            entry.opts_in and entry.person in people and entry.covers(cell) and entry.when > moment
            for fact in self.facts
            if isinstance(fact, Chose)
            for entry in chosen(until(self.facts, fact.number), fact)
        )

    def ever_one(self, people: set[int]) -> set[int]:
        """These, and whoever was one person with any of them for a while."""
        for fact in self.facts:
            people = people.union(*(one_with(until(self.facts, fact.number), each) for each in people))
        return people

    def ever_at(self, address: Address) -> set[int]:
        return self.ever_one({each.person for each in self._stays() if each.address == address})

    def was_merged(self, person: int) -> bool:
        """Ever: what one of them refused and a merge carried elsewhere is lifted nowhere by parting them."""
        return any(person in (fact.survivor, fact.other) for fact in self.facts if isinstance(fact, Merged))

    # --- an address ---

    def holders(self, address: Address) -> list[int]:
        """Who is there now, by any source or order; of people who are one only the first."""
        return self._apart([each for each in self._everybody() if address in self._at(each)])

    def standing_at(self, address: Address) -> list[int]:
        """For whom it answers: who is there by a source, and who was until another was verified there."""
        return self._apart(
            [
                person
                for person in self._everybody()
                if address in addresses(self.facts, self.one(person)) or self._still_counts(person, address)
            ]
        )

    def refused_at(self, address: Address, cell: Cell) -> bool:
        """The strictest answer of all for whom it answers, and what is said of the address itself (R7)."""
        category, channel = cell
        asked = Question(person=-1, category=category, channel=channel, at=self.now, to=address)
        required = not self.may_be_refused(cell)
        if address_denies(self.facts, set(), asked, required=required):
            return True
        return any(self.refuses(person, cell, address) for person in self.standing_at(address))

    def bears_more(self, address: Address) -> bool:
        """Was it ever that of somebody merged, or named by an order? Then it may be silent for their sake."""
        named = any(
            address == place
            for fact in self.facts
            if isinstance(fact, Ordered)
            for _, place in fact.allowed or ()
        )
        return named or any(self.was_merged(each.person) for each in self._stays() if each.address == address)

    def _everybody(self) -> list[int]:
        return sorted({fact.person for fact in self.facts if isinstance(fact, Known)})

    def _apart(self, people: list[int]) -> list[int]:
        return [each for each in people if each == min(self.one(each) & set(people))]

    def _at(self, person: int) -> set[Address]:
        return reached_at(self.facts, self.one(person))

    def _still_counts(self, person: int, address: Address) -> bool:
        who = self.one(person)
        there = [each for each in self._stays() if each.address == address]
        left = [each.until for each in there if each.person in who and each.until]
        if not left or any(each.person in who and not each.until for each in there):
            return bool(left)
        others = (each.verified for each in there if each.person not in who)
        return not any(verified and verified > max(left) for verified in others)

    def _stays(self) -> list[Stay]:
        """Every stay, as sources reported it: what one gives replaces what it gave before of that kind."""
        stays: list[Stay] = []
        for fact in self.facts:
            if not isinstance(fact, Known):
                continue
            same = one_with(until(self.facts, fact.number), fact.person)
            for address in fact.addresses:
                before = [
                    stay
                    for stay in stays
                    if stay.person in same
                    and stay.source == fact.source
                    and stay.address[0] == address[0]
                    and not stay.until
                ]
                for stay in before:
                    stay.until = fact.recorded if stay.address != address else None
                if not any(stay.address == address for stay in before):
                    verified = fact.recorded if fact.source in SPEAKS else None
                    stays.append(Stay(fact.person, fact.source, address, verified))
        return stays
