"""A visit: the short session that a link was exchanged for, limited to one person's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from portal import selectors
from portal.forms import Filled, Pick
from portal.links import Link
from portal.standing import Standing
from preferences.services import Choice
from preferences.terms import State

VISIT, SAVED, TO_CONFIRM = "portal.visit", "portal.saved", "portal.to_confirm"


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose page is open, and the link that opened it."""

    profile_id: UUID
    category: str
    address_id: UUID | None


def begin(request: HttpRequest, link: Link) -> None:
    """Exchange a link for a session of its own: whoever was logged in here, staff too, is no longer.

    Somebody who opens their own link again stays in the visit, so that a page left open can still be saved.
    """
    open_now = current(request)
    if open_now is None or open_now.profile_id != link.profile_id or SESSION_KEY in request.session:
        request.session.flush()
        rotate_token(request)
    holder = selectors.link_holder(link.profile_id)
    request.session[VISIT] = {
        "profile": str(link.profile_id),
        "epoch": link.epoch,
        "category": link.category,
        "address": str(link.address_id) if link.address_id else None,
        "language": holder.language if holder else "",
    }


def current(request: HttpRequest) -> Visit | None:
    """The visit of this session; None where there is none, or where the links were revoked meanwhile."""
    kept = request.session.get(VISIT)
    if not kept:
        return None
    holder = selectors.link_holder(UUID(kept["profile"]))
    if holder is None or holder.epoch != kept["epoch"]:
        return None
    address = UUID(kept["address"]) if kept["address"] else None
    return Visit(holder.profile_id, kept["category"], address)


def language(request: HttpRequest) -> str:
    """The language of the person whose page is open; empty where we don't know."""
    return str(request.session.get(VISIT, {}).get("language", ""))


def stay(request: HttpRequest) -> None:
    """The person did something: the visit ends fifteen minutes from now (SESSION_COOKIE_AGE)."""
    request.session.modified = True


# --- between one request and the next: what was saved, and what is to be asked twice ---


@dataclass(frozen=True, slots=True)
class Result:
    """The changes of the last save, by their ids, and whether it was *stop everything*."""

    changes: tuple[int, ...]
    stop: bool


def keep_saved(request: HttpRequest, change: int | None, *, stop: bool) -> None:
    request.session[SAVED] = {"changes": [change] if change else [], "stop": stop}


def add_saved(request: HttpRequest, change: int | None) -> None:
    """The second step of the same save."""
    kept = request.session.get(SAVED, {"changes": [], "stop": False})
    if change:
        request.session[SAVED] = {**kept, "changes": [*kept["changes"], change]}


def saved(request: HttpRequest) -> Result | None:
    kept = request.session.get(SAVED)
    return Result(tuple(kept["changes"]), kept["stop"]) if kept else None


def keep_to_confirm(request: HttpRequest, picks: Iterable[Pick], form: str) -> None:
    """Remember what waits for a second step; nothing waits any more where there are no picks."""
    cells = [
        [*pick.cell, pick.shown.state if pick.shown else "", pick.shown.change if pick.shown else 0]
        for pick in picks
    ]
    if cells:
        request.session[TO_CONFIRM] = {"cells": cells, "form": form}
    else:
        request.session.pop(TO_CONFIRM, None)


def to_confirm(request: HttpRequest) -> Filled | None:
    """The opt-ins that wait for a second step, as the form that they came with."""
    kept = request.session.get(TO_CONFIRM)
    if not kept:
        return None
    picks = tuple(
        Pick(Choice(category, channel, State.IN), Standing(State(state), change) if state else None)
        for category, channel, state, change in kept["cells"]
    )
    return Filled(picks, form=kept["form"])
