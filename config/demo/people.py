"""The invented people of the demo's hospital: households that share phones and mailboxes, as real ones do.

Numbers are 555-01xx, which are never given out; addresses are at example.org (RFC 2606). The same number of
patients leads to the same people, always.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from random import Random

GIVEN = (
    "Maria James Aisha Robert Linh David Fatima John Sofia William Mei Carlos Grace Ahmed Olivia"
    " Daniel Priya Thomas Elena Samuel Hannah Jamal Ruth Diego Nora Peter Amina Victor Lucia George"
    " Yuki Henry Rosa Omar"
).split()
FAMILY = (
    "Santos Smith Nguyen Johnson Rossi Williams Khan Brown Garcia Davis Chen Miller Okafor Wilson"
    " Martinez Moore Patel Taylor Kowalski Anderson Haddad Jackson Silva White Kim Harris Lopez Clark"
    " Ivanova Lewis Reyes Young Cohen Walker Mensah Hall Torres Allen Singh King Dubois Wright Costa"
    " Scott Yamada Green Flores Baker"
).split()
AREAS = (
    "201 202 203 205 206 207 208 209 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240"
    " 248 251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313"
    " 314 315 316 317 318 319 320 321"
).split()
STATES = ("US-NY", "US-NJ", "US-CA", "US-PA", "US-WA", "US-CT", "US-TX", "")


@dataclass(frozen=True, slots=True)
class Patient:
    """One person of the hospital. `kin`: shares phone or mailbox with somebody of the household."""

    number: int
    given: str
    family: str
    email: str
    phone: str
    jurisdiction: str
    language: str
    kin: bool = False

    @property
    def visitor(self) -> str:
        """Their number in the upload of which the advertising audience was made; empty where they are not."""
        return f"V{self.number:05}" if self.number % 12 == 0 else ""

    @property
    def mrn(self) -> str:
        return f"RH{100_000 + self.number}"


SHOWN = Patient(0, "Maria", "Santos", "maria.santos@example.org", "+12025550100", "US-NY", "en")
SON = Patient(
    1, "Diego", "Santos", "maria.santos.family@example.org", "+12025550100", "US-NY", "en", kin=True
)
MOTHER = Patient(
    2, "Rosa", "Santos", "maria.santos.family@example.org", "+12025550101", "US-NY", "es", kin=True
)


def patients(count: int) -> Iterator[Patient]:
    """That many people, the one whom the demo shows first."""
    yield from islice((SHOWN, SON, MOTHER), count)
    chance = Random(20260301)  # noqa: S311 - invented people, no secret
    numbers = (f"+1{area}5550{last}" for area, last in product(AREAS, range(102, 200)))
    number = 3
    while number < count:
        for patient in islice(_household(chance, number, next(numbers)), count - number):
            yield patient
            number += 1


def _household(chance: Random, first: int, phone: str) -> Iterator[Patient]:
    family = chance.choice(FAMILY)
    shared_mailbox = chance.random() < 0.2
    state, language = chance.choice(STATES), "es" if chance.random() < 0.15 else "en"
    for place in range(chance.choices((1, 2, 3, 4), (62, 20, 11, 7))[0]):
        number, given = first + place, chance.choice(GIVEN)
        name = "family" if shared_mailbox else given.lower()
        email = f"{name}.{family.lower()}.{first if shared_mailbox else number}@example.org"
        yield Patient(number, given, family, email, phone, state, language, kin=place > 0)
