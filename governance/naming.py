"""Which rules and allowed events name a category, before it is retired."""

from collections.abc import Iterator

from django.urls import reverse

from governance import allowed, policy
from governance.rules import Consent
from preferences.slots import Naming


def naming(category: str) -> Iterator[Naming]:
    """Rules that are on, then events that belong to it."""
    for number, rule in enumerate(policy.in_force().policy.rules, 1):
        asked = {each.category for each in rule.when if isinstance(each, Consent)}
        if rule.on and category in asked:
            yield Naming(
                f"Rule {number}, “{rule.name}”",
                "It blocks whatever it says, until it names something else.",
                reverse("admin:policy"),
            )
    for event in allowed.events().values():
        if category in event.categories:
            yield Naming(
                f"The event {event.name}",
                "It goes on belonging to this category, and rules about its own category block it.",
                reverse("admin:governance_allowance_changelist"),
            )
