"""The room of where it goes."""

from django.apps import AppConfig


class DestinationsConfig(AppConfig):
    """Where it goes: connectors, mappers, propagation, vendors' webhooks, sandboxes."""

    name = "destinations"
