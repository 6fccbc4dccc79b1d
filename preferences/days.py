"""When somebody said something, in words: a day where only a day was told."""

from datetime import datetime, time

from django.utils import timezone
from django.utils.formats import date_format


def said_at(at: datetime) -> str:
    """The day alone where only that was told, which is kept as its first instant; else the time too."""
    here = timezone.localtime(at)
    return date_format(here, "M j, Y" if here.time() == time.min else "M j, Y, g:i a")
