"""The room of what people want."""

from django.apps import AppConfig

from preferences import checks

__all__ = ["PreferencesConfig", "checks"]  # importing the checks registers them


class PreferencesConfig(AppConfig):
    """What a person wants: categories, people, identifiers, choices, restrictions, ledger, decisions."""

    name = "preferences"
