"""The four places of the staff site: the same in the side bar, whatever the role."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One place: where it is, what it is called, what one does there."""

    slug: str
    title: str
    icon: str
    words: str

    @property
    def url_name(self) -> str:
        """How `reverse` finds it."""
        return f"admin:{self.slug}"


PEOPLE = Place(
    "people",
    "People",
    "group",
    "Find a person, see what they decided and why it holds, and record what they ask for.",
)
SYSTEMS = Place(
    "systems",
    "Systems",
    "hub",
    "See whether every system that talks to patients has heard them, and what waits or is stuck.",
)
RULES = Place(
    "rules",
    "Rules",
    "gavel",
    "Decide what may flow to which system. Try a rule before it counts; publish it with a reason.",
)
SETTINGS = Place(
    "settings",
    "Settings",
    "tune",
    "Categories, notices, sources, keys and staff: what people are offered, and who may do what.",
)
PLACES = (PEOPLE, SYSTEMS, RULES, SETTINGS)
