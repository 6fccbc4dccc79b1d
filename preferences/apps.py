"""The room of what people want."""

from django.apps import AppConfig


class PreferencesConfig(AppConfig):
    """What a person wants: categories, profiles, identifiers, choices, restrictions, the ledger, decisions."""

    name = "preferences"
