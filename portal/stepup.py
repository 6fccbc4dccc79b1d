"""Asking for a code before what a link alone may not do, and going on with it afterwards.

A view that does such a thing begins with `if (ask := stepup.needed(request, visit)): return ask`. What was
filled in waits sealed in the session, and once the code was entered the same view is given it again.
"""

import base64
import copy
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import resolve

from destinations import sealing
from portal import forms, keeping
from portal.responses import SeeOther, see_other
from portal.visits import Visit
from preferences.terms import State

WANTED, USE = "portal.wanted", "wanted"
LONGEST = 100_000  # characters: a page of 500 choices has fewer


def needed(request: HttpRequest, visit: Visit) -> HttpResponse | None:
    """None where a code reached the person in this visit; else where to ask for one, and come back from."""
    if visit.by_code:
        return None
    if request.method != "POST" and keeps_a_form(request):
        return see_other("portal:step_up")  # it is not lost for a look at something else
    filled = request.POST.urlencode() if request.method == "POST" else ""
    before = request.session.get(WANTED, {})
    request.session[WANTED] = {
        "path": request.path if request.method == "POST" else request.get_full_path(),
        "form": _sealed(filled) if filled and len(filled) <= LONGEST else "",
        "left_out": before.get("left_out", False) or _loses(before.get("form", ""), request.POST),
    }
    return see_other("portal:step_up")


def keeps_a_form(request: HttpRequest) -> bool:
    """Does something that was filled in wait for a code, and not just a page to look at?"""
    return bool(request.session.get(WANTED, {}).get("form"))


def drop(request: HttpRequest) -> None:
    """The person does not want it any more."""
    request.session.pop(WANTED, None)


def go_on(request: HttpRequest) -> HttpResponse:
    """Give the view what it was to do, as it came."""
    wanted: dict[str, Any] | None = request.session.pop(WANTED, None)
    if wanted is None:
        return see_other("portal:page")
    form = _unsealed(wanted["form"])
    if form is None:
        return SeeOther(wanted["path"])
    again = copy.copy(request)
    again.method, again.path, again.path_info = "POST", wanted["path"], wanted["path"]
    again.POST = form  # type: ignore[assignment]
    view = resolve(wanted["path"])
    answer: HttpResponse = view.func(again, *view.args, **view.kwargs)
    if wanted.get("left_out"):
        keeping.keep_left_out(request)
    return answer


def _loses(waiting: str, filled: QueryDict) -> bool:
    """Did a form wait, of another tab, with something that is not in this one, which takes its place?"""
    earlier = _unsealed(waiting)
    if earlier is None:
        return False
    if "shown" in earlier and "shown" in filled:  # of a page of choices only the yeses wait
        yeses = {pick.cell for pick in forms.read(earlier).picks if pick.choice.state == State.IN}
        return bool(yeses - {pick.cell for pick in forms.read(filled).picks})
    return _said(earlier) != _said(filled)


def _said(form: QueryDict) -> dict[str, list[Any]]:
    return {name: values for name, values in form.lists() if name != "csrfmiddlewaretoken"}


def _sealed(text: str) -> str:
    """Sessions stand in the database, and the form may hold a new address."""
    return base64.b64encode(sealing.seal(text.encode(), USE)).decode()


def _unsealed(text: str) -> QueryDict | None:
    """None where nothing was filled in, or where the key is gone."""
    try:
        return QueryDict(sealing.unseal(base64.b64decode(text), USE)) if text else None
    except sealing.Unreadable:
        return None
