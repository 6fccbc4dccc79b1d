"""The words of what may flow."""

from django.db.models import TextChoices


class PropertyClass(TextChoices):
    """What a property says of a person: rules name it."""

    PLAIN = "plain", "Plain"
    IDENTIFIER = "identifier", "Identifier"
    HEALTH = "health", "Health"


class EventClass(TextChoices):
    """What it tells of somebody that an event happened at all."""

    PLAIN = "plain", "Plain"
    HEALTH = "health", "Health"
