"""How often a website's visitors may post: anybody can read its key, so each network counts by itself."""

from types import SimpleNamespace

from django.conf import settings
from django.http import HttpRequest

from portal.evidence import network
from preferences import limits
from preferences.api.access import KeyThrottle
from preferences.api.problems import Problem
from preferences.models import ApiKey

WINDOW = 60  # seconds


def check(request: HttpRequest, key: ApiKey) -> None:
    """Raises Problem (429), which says how long to wait. The banner then sends later.

    The network first: what is refused there uses up nothing of the key, which all visitors share.
    """
    if limits.counted(f"banner:{key.pk}:{network(request)}", WINDOW) > settings.HEED_BANNER_RATE:
        wait = limits.ends_in(WINDOW)
        raise Problem("throttled", f"wait {wait} seconds", headers={"Retry-After": str(wait)})
    KeyThrottle().check(request, SimpleNamespace(key=key))
