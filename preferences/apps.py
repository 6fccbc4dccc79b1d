"""The room of what people want."""

from django.apps import AppConfig

from preferences import checks, slots
from preferences.terms import RevisionKind

__all__ = ["PreferencesConfig", "checks"]  # importing the checks registers them


class PreferencesConfig(AppConfig):
    """What a person wants: categories, people, identifiers, choices, restrictions, ledger, decisions."""

    name = "preferences"

    def ready(self) -> None:
        from preferences import services, weighing  # noqa: PLC0415 - models exist only once Django is ready

        slots.fill_checks(
            RevisionKind.CATEGORY,
            check=services.check_category,
            weighs=weighing.weigh_category,
            may="preferences.change_category",
        )
        slots.fill_checks(RevisionKind.NOTICE, check=services.check_notice, may="preferences.add_notice")
