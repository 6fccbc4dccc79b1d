"""A visit: the short session that a link was exchanged for, limited to one person's page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone

from portal.holders import link_holder
from portal.links import Link
from portal.represented import in_words, narrowed, represented
from portal.selectors import Seen
from portal.sharing import Told
from portal.terms import Strength
from preferences import clock
from preferences.errors import NotFound
from preferences.terms import ANY

VISIT = "portal.visit"


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose page is open, by which link or code, and at which address that reached them.

    `proxy_id`: who has it open for them, and `categories`: what they may choose about (R11).
    """

    profile_id: UUID
    category: str = ANY
    address_id: UUID | None = None
    strength: Strength = Strength.LINK
    proxy_id: UUID | None = None
    categories: frozenset[str] = frozenset()

    @property
    def by_code(self) -> bool:
        """May more be done than to opt out and to see masked data?"""
        return self.strength == Strength.CODE

    def within(self, seen: Seen) -> Seen:
        """What of it may be shown here: all of it to the person, to somebody else what their grant covers."""
        return narrowed(seen, self.categories) if self.proxy_id else seen


def begin(request: HttpRequest, link: Link) -> None:
    """Exchange a link for a session of its own: whoever was logged in here, staff too, is no longer.

    Somebody who opens their own link again stays in the visit, so that a page left open can still be saved;
    where a code reached them in it, that says more than the link.
    """
    open_now = own(request)
    if open_now is None or open_now.profile_id != link.profile_id or SESSION_KEY in request.session:
        _leave(request)
    elif request.session[VISIT].get("for"):
        turn_to(request, None)
    if VISIT in request.session and open_now and open_now.by_code:
        request.session[VISIT] = request.session[VISIT] | {"category": link.category}
        return
    visit = Visit(link.profile_id, link.category, link.address_id)
    _open(request, visit, link.epoch, int(link.issued.timestamp()))


def begin_by_code(request: HttpRequest, profile_id: UUID, address_id: UUID) -> None:
    """The same for somebody whom a code reached at that address. Raises NotFound."""
    _begin(request, Visit(profile_id, ANY, address_id, Strength.CODE))


def begin_at_shared(request: HttpRequest, profile_id: UUID, address_id: UUID, told: Told) -> None:
    """The same where others share that address: it may be any of them, so no more than by a link."""
    _begin(request, Visit(profile_id, ANY, address_id))
    request.session[VISIT] = request.session[VISIT] | {"told": [told.kind, told.masked]}


def chosen(request: HttpRequest, visit: Visit) -> Told | None:
    """By what the person was chosen whose page is open; None where nobody chose."""
    kept = request.session[VISIT].get("told")
    return Told(*kept) if kept and visit.proxy_id is None else None


def _begin(request: HttpRequest, visit: Visit) -> None:
    holder = link_holder(visit.profile_id)
    if holder is None:
        raise NotFound("there is no such person")
    _leave(request)
    _open(request, visit, holder.epoch, int(timezone.now().timestamp()))


def strengthen(request: HttpRequest, address_id: UUID) -> None:
    """A code reached the person in this visit, at that address; the session gets a new key."""
    request.session.cycle_key()
    now = {"strength": Strength.CODE.value, "address": str(address_id)}
    request.session[VISIT] = request.session[VISIT] | now


def allow_own_order(request: HttpRequest, change: int) -> None:
    """Who gave an order in this visit goes on in it, though the address that brought them is not in it."""
    request.session[VISIT] = request.session[VISIT] | {"order": change}


def outlast(request: HttpRequest, address_id: UUID) -> None:
    """Who gives up the very address by which they came goes on; whoever else came by it does not."""
    if request.session[VISIT]["address"] == str(address_id):
        request.session[VISIT] = request.session[VISIT] | {"address": None}


def end(request: HttpRequest) -> None:
    """The person closes the page. Pressed twice the second click is no form from elsewhere: no new token.

    Staff who press it in their preview of a language have no page to close, and stay signed in.
    """
    if SESSION_KEY not in request.session or VISIT in request.session:
        request.session.flush()


def _leave(request: HttpRequest) -> None:
    request.session.flush()
    rotate_token(request)


def _open(request: HttpRequest, visit: Visit, epoch: int, since: int) -> None:
    holder = link_holder(visit.profile_id)
    request.session[VISIT] = {
        "profile": str(visit.profile_id),
        "epoch": epoch,
        "category": visit.category,
        "address": str(visit.address_id) if visit.address_id else None,
        "strength": visit.strength.value,
        "since": since,
        "language": holder.language if holder else "",
    }


def turn_to(request: HttpRequest, profile_id: UUID | None) -> None:
    """Open the page of somebody they look after; without one, their own again.

    A page of another person's that is still open can't be sent.
    """
    rotate_token(request)
    other = {"for": str(profile_id) if profile_id else ""}
    request.session[VISIT] = request.session[VISIT] | other


def current(request: HttpRequest) -> Visit | None:
    """The visit of this session, perhaps to somebody they look after. None where there is none any more."""
    visit = own(request)
    other = request.session[VISIT].get("for") if visit else ""
    if visit is None or not other:
        return visit
    found = represented(visit.profile_id, UUID(other), clock.now())
    if found is None:  # never their own page instead: what was filled in was about somebody else
        return None
    return Visit(
        found.profile_id, strength=visit.strength, proxy_id=visit.profile_id, categories=found.categories
    )


def own(request: HttpRequest) -> Visit | None:
    """Whose link or code opened this session; None where there is none, or the links were revoked meanwhile.

    So it is where the address of this visit is theirs no longer, or where an order does not allow it.
    """
    kept = request.session.get(VISIT)
    if not kept:
        return None
    address = UUID(kept["address"]) if kept["address"] else None
    holder = link_holder(UUID(kept["profile"]), address)
    if holder is None or holder.epoch != kept["epoch"]:
        return None
    own_order = holder.order is not None and holder.order.change == kept.get("order")
    if not own_order and not holder.is_reached(datetime.fromtimestamp(kept["since"], UTC)):
        return None
    return Visit(holder.profile_id, kept["category"], address, Strength(kept["strength"]))


def language(request: HttpRequest) -> str:
    """The language of the person whose page is open; empty where we don't know."""
    return str(request.session.get(VISIT, {}).get("language", ""))


def acting_for(visit: Visit) -> str:
    """Whom somebody else has it open for, in words; empty where the page is one's own."""
    found = represented(visit.proxy_id, visit.profile_id, clock.now()) if visit.proxy_id else None
    return in_words([found])[found.profile_id] if found else ""


def turned_to(request: HttpRequest) -> str:
    """Whose page they opened last, by key, of those they look after: they may no longer choose for them.

    Empty where it is their own.
    """
    return str(request.session.get(VISIT, {}).get("for", ""))


def is_open(request: HttpRequest) -> bool:
    """Was somebody's page opened in this browser? It may be over by now."""
    return VISIT in request.session


def stay(request: HttpRequest) -> None:
    """The person did something: the visit ends fifteen minutes from now (SESSION_COOKIE_AGE)."""
    request.session.modified = True
