"""Does every system hold what it must, and no more?"""

from dataclasses import dataclass
from typing import Any

from destinations.models import Propagation
from tests.journeys.life import BY_EMAIL, EMAILS, FLAGS, STRAY, Life
from tests.journeys.oracle import CELLS, OFFERS, Truth
from tests.preferences.acts import PEOPLE

CHANNEL_OF = dict(zip(FLAGS, ("email", "phone"), strict=True))


def check(life: Life) -> None:
    """Once all is quiet."""
    check = _Check(life, life.truth())
    for email in (*EMAILS, STRAY):
        for category in BY_EMAIL:
            check.list(email, category)
    for person in range(PEOPLE):
        check.contact(person)
        check.consents(person)
        check.snapshot(person)


@dataclass
class _Check:
    life: Life
    truth: Truth

    def list(self, email: str, category: str) -> None:
        """SendGrid's group, by address."""
        address, cell = ("email", email), (category, "email")
        stands = category in self.life.world.suppressed(email)
        told = ("sendgrid", f"groups.{category}") not in self.life.untold
        if told and self.truth.refused_at(address, cell):
            assert stands, f"SendGrid would send {category} to {email}"
        elif planted := self.life.planted.get((email, category)):
            lifted = self.truth.said_yes_since(cell, planted, self.truth.ever_at(address))
            assert stands or lifted, f"SendGrid: {email} was re-subscribed to {category}"
        elif stands and not self.truth.bears_more(address):
            assert self._nobody_knows("sendgrid"), f"SendGrid still suppresses {email} for {category}"

    def contact(self, person: int) -> None:
        """Salesforce's fields, by person."""
        contact = self.life.world.contact(str(person))
        for category, channel in CELLS:
            if not channel:
                continue
            field = f"{category.title()}_{channel.title()}_Opt_Out__c"
            told = ("salesforce", field) not in self.life.untold
            if told and self.truth.refuses(person, (category, channel)):
                assert contact[field], f"Salesforce would reach {person} by {category} {channel}"
            elif contact[field] and not self.truth.was_merged(person):
                assert self._nobody_knows("salesforce"), f"Salesforce: {field} of {person} for nothing"
        for flag, channel in CHANNEL_OF.items():
            self._flag(person, flag, channel, contact[flag])

    def _flag(self, person: int, flag: str, channel: str, stands: bool) -> None:
        cells = [
            (category, channel)
            for category, channels in OFFERS.items()
            if channel in channels
            and self.truth.in_use((category, channel))
            and self.truth.may_be_refused((category, channel))
        ]
        refused = [self.truth.refuses(person, cell) for cell in cells]
        if all(refused) and ("salesforce", flag) not in self.life.untold:
            assert stands, f"{flag} of {person} should stand"
        elif planted := self.life.planted.get((person, flag)):
            people = self.truth.ever_one({person})
            offered = (cell for cell in CELLS if cell[1] == channel)
            yes = any(self.truth.said_yes_since(cell, planted, people) for cell in offered)
            assert stands or yes, f"{flag} of {person} was lifted"
        elif stands and not any(refused) and not self.truth.was_merged(person):
            assert self._nobody_knows("salesforce"), f"{flag} of {person} stands for nothing"

    def consents(self, person: int) -> None:
        """FHIR: one Consent a category, by person; of two patients who are one person staff must decide."""
        consents = self.life.world.consents(str(person))
        for category, channels in OFFERS.items():
            cells = [(category, channel) for channel in channels]
            denies = consents.get(category) == "active deny"
            if any(self.truth.refuses(person, cell) for cell in cells):
                assert denies or self._is_ambiguous(person), f"FHIR: {category} of {person}"
            elif denies and not self.truth.was_merged(person):
                assert self._nobody_knows("fhir"), f"FHIR: {category} of {person} is denied for nothing"

    def snapshot(self, person: int) -> None:
        """The webhook's, by person: all that is in use, and why, as the rules say."""
        told: dict[str, Any] = self.life.world.snapshot(mrn=str(person))["preferences"]
        for cell in filter(self.truth.in_use, CELLS):
            heard = told[cell[0]][cell[1] or "*"]
            assert (heard["allowed"], heard["because"]) == self.truth.answer(person, cell), (person, cell)

    def _is_ambiguous(self, person: int) -> bool:
        asks = Propagation.objects.filter(destination__slug="fhir", state="stuck", reason="ambiguous")
        return len(self.truth.one(person)) > 1 and asks.exists()

    def _nobody_knows(self, system: str) -> bool:
        """A denial whose reason has ended stays where a killed worker left nobody sure whose it is."""
        return system in self.life.killed
