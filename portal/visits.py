"""A visit: the short session that a link was exchanged for, limited to one person's page."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from portal import selectors
from portal.links import Link
from preferences.clock import instant, micros

VISIT, SAVED, TO_CONFIRM = "portal.visit", "portal.saved", "portal.to_confirm"
TOUCH_AFTER = timedelta(minutes=1)  # how stale the sliding end may be: not every look costs a write


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose page is open, and the link that opened it."""

    profile_id: UUID
    category: str
    address_id: UUID | None


def begin(request: HttpRequest, link: Link, now: datetime) -> None:
    """Exchange a link for a session of its own: whoever was logged in here before, staff too, no longer is."""
    request.session.flush()
    request.session[VISIT] = {
        "profile": str(link.profile_id),
        "epoch": link.epoch,
        "category": link.category,
        "address": str(link.address_id) if link.address_id else None,
        "at": micros(now),
    }
    rotate_token(request)


def current(request: HttpRequest) -> Visit | None:
    """The visit of this session; None where there is none, or where the person's links were revoked meanwhile."""
    kept = request.session.get(VISIT)
    if not kept:
        return None
    holder = selectors.link_holder(UUID(kept["profile"]))
    if holder is None or holder.epoch != kept["epoch"]:
        return None
    address = UUID(kept["address"]) if kept["address"] else None
    return Visit(holder.profile_id, kept["category"], address)


def stay(request: HttpRequest, now: datetime) -> None:
    """The person did something: the visit ends fifteen minutes from now (SESSION_COOKIE_AGE)."""
    kept = request.session[VISIT]
    if now - instant(kept["at"]) >= TOUCH_AFTER:
        request.session[VISIT] = {**kept, "at": micros(now)}
