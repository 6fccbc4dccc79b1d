"""The privacy signal that a browser sends (R9): https://www.w3.org/TR/gpc/ (Global Privacy Control)."""

from django.http import HttpRequest

from portal.selectors import Seen
from portal.standing import standing
from preferences.terms import NO_CHANNEL, State

GPC = "gpc"


def signalled(request: HttpRequest) -> bool:
    """Does the browser ask not to have its user's information sold or shared (`Sec-GPC: 1`)?"""
    return request.headers.get("Sec-GPC", "").strip() == "1"


def is_news(seen: Seen) -> bool:
    """Is anything that honours the signal still on? Then it has something to say."""
    return any(
        standing(seen, category, NO_CHANNEL).state != State.OUT
        for category in seen.catalogue
        if category.honours_signal and not category.retired
    )
