"""When a minor comes of age: from then on a parent chooses for them no more (R11)."""

from datetime import date

ADULT = 18  # everywhere but where a state says otherwise:
ADULT_IN = {
    "US-AL": 19,  # Ala. Code § 26-1-1
    "US-MS": 21,  # Miss. Code § 1-3-27
    "US-NE": 19,  # Neb. Rev. Stat. § 43-2101
    "US-PR": 21,  # P.R. Laws tit. 31, § 5591 (2020)
}


def comes_of_age(born: date, jurisdiction: str) -> date:
    """The day on which somebody born then is an adult there. Born on February 29: March 1."""
    year = born.year + ADULT_IN.get(jurisdiction, ADULT)
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
