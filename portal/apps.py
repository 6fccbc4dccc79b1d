"""The room that patients see."""

from django.apps import AppConfig

from destinations.slots import fill_somebody_waits
from preferences import slots
from preferences.terms import RevisionKind


class PortalConfig(AppConfig):
    """Preference page, links, verification, one-click unsubscribe, website banner."""

    name = "portal"

    def ready(self) -> None:
        from portal.banner import checking, saying, weighing  # noqa: PLC0415 - models exist only once Django is ready
        from portal.sending import codes_are_due  # noqa: PLC0415

        slots.fill_checks(
            RevisionKind.BANNER,
            check=checking.check_banner,
            weighs=weighing.weigh_banner,
            look=saying.preview_page,
            edit=saying.edit_page,
            may="preferences.change_banner",
        )
        slots.fill_names(saying.naming)
        slots.fill_words(RevisionKind.BANNER, saying.says)
        fill_somebody_waits(codes_are_due)
