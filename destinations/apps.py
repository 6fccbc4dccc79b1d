"""The room of where it goes."""

from django.apps import AppConfig

from governance.slots import fill_systems
from preferences import slots
from preferences.terms import RevisionKind


class DestinationsConfig(AppConfig):
    """Where it goes: connectors, mappers, propagation, vendors' webhooks, sandboxes."""

    name = "destinations"

    def ready(self) -> None:
        from django_q.signals import post_spawn  # noqa: PLC0415 - models exist only once Django is ready

        from destinations import governed, mappers, naming, services  # noqa: PLC0415 - likewise

        slots.fill_on_outbox(services.wake)
        post_spawn.connect(services.ask_anew, dispatch_uid="ask_anew")
        slots.fill_checks(
            RevisionKind.MAPPER,
            check=mappers.check_mapper,
            weighs=mappers.weigh_mapper,
            page=mappers.page_of_draft,
        )
        slots.fill_names(naming.naming)
        slots.fill_words(RevisionKind.MAPPER, mappers.lines)
        fill_systems(governed.PURPOSES, governed.systems)
