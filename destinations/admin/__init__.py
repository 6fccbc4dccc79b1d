"""Staff's pages for the systems that are told and that tell us, every call, and by when they must know."""

from destinations.admin import (
    alarms,
    attempts,
    background,
    deadline_rules,
    events,
    forwardings,
    inbound,
    reconciling,
    systems,
    texts,
)

__all__ = [
    "alarms",
    "attempts",
    "background",
    "deadline_rules",
    "events",
    "forwardings",
    "inbound",
    "reconciling",
    "systems",
    "texts",
]
