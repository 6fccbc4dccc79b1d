"""The room that patients see."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Preference page, links, verification, one-click unsubscribe, website banner."""

    name = "portal"
