"""The systems and purposes that rules may name."""

from destinations.models import Destination
from destinations.terms import Purpose
from governance.slots import System
from governance.verdicts import Place

PURPOSES = {each.value: str(each.label) for each in Purpose}


def systems() -> dict[str, System]:
    """Every system, by slug: one query."""
    rows = Destination.objects.order_by("name").values_list("slug", "name", "purpose", "agreement")
    return {slug: System(slug, name, purpose, bool(agreement)) for slug, name, purpose, agreement in rows}


def place_of(destination: Destination) -> Place:
    """A system as rules see it."""
    return Place(destination.slug, destination.purpose, bool(destination.agreement))
