"""The systems and purposes that rules may name."""

from destinations.connectors import CONNECTORS
from destinations.models import Destination
from destinations.terms import Purpose
from governance.slots import System
from governance.verdicts import Place

PURPOSES = {each.value: str(each.label) for each in Purpose}


def systems() -> dict[str, System]:
    """Every system, by slug: one query."""
    rows = Destination.objects.order_by("name").only("slug", "name", "purpose", "agreement", "connector")
    return {each.slug: System(each.slug, each.name, each.purpose, may_have_health(each)) for each in rows}


def place_of(destination: Destination) -> Place:
    """A system as rules see it."""
    return Place(destination.slug, destination.purpose, may_have_health(destination))


def may_have_health(destination: Destination) -> bool:
    """By an agreement (BAA); of some kinds of systems none may ever have any, whatever staff entered."""
    connector = CONNECTORS.get(destination.connector)
    return bool(destination.agreement) and connector is not None and connector.health_information
