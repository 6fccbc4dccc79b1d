"""Which mappers name a category, before it is retired."""

from collections.abc import Iterator

from django.urls import reverse

from destinations.connectors import CONNECTORS
from destinations.mapping.published import body_of
from destinations.mapping.sources import CATEGORY, SOURCES
from destinations.models import Destination
from preferences.slots import Naming


def naming(category: str) -> Iterator[Naming]:
    """Those in force, of every system."""
    for system in Destination.objects.filter(connector__in=CONNECTORS).order_by("name"):
        fields = [row["target"] for row in body_of(system)["rows"] if _category_of(row["source"]) == category]
        if fields:
            yield Naming(
                f"What {system.name} is told: {', '.join(fields)}",
                "Every no stays there, and nobody is let in by it any more.",
                reverse("admin:destinations_destination_mapper", args=[system.pk]),
            )


def _category_of(source: str) -> str:
    name, *arguments = source.split(":")
    return arguments[0] if SOURCES[name].arguments[:1] == (CATEGORY,) else ""
