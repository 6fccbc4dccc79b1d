"""The room of where it goes."""

from django.apps import AppConfig

from preferences import slots


class DestinationsConfig(AppConfig):
    """Where it goes: connectors, mappers, propagation, vendors' webhooks, sandboxes."""

    name = "destinations"

    def ready(self) -> None:
        from destinations.services import wake  # noqa: PLC0415 - models exist only once Django is ready

        slots.fill_on_outbox(wake)
