"""The room of what people want."""

from django.apps import AppConfig


class PreferencesConfig(AppConfig):
    """What a person wants: categories, people, identifiers, choices, restrictions, ledger, decisions."""

    name = "preferences"

    def ready(self) -> None:
        """Register the system check: it needs the models, which stand only now."""
        from preferences import checks  # noqa: F401, PLC0415
