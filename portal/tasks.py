"""What django-q runs for the patients' pages: both may be lost or run twice without harm."""

from importlib import import_module

from django.conf import settings
from django.utils import timezone

from portal import codes, sending


def send_codes() -> int:
    """Send the codes that are due."""
    return sending.send_due()


def sweep() -> None:
    """Once a minute: what a lost task left behind leaves, and what is of no use any more is deleted."""
    sending.send_due()
    codes.forget(timezone.now())
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
