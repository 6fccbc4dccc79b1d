"""The room of what people want."""

from django.apps import AppConfig


class PreferencesConfig(AppConfig):
    """What a person wants: categories, people, identifiers, choices, restrictions, ledger, decisions."""

    name = "preferences"
