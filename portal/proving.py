"""An address that is to become the person's: a code goes there, and what waits for it is kept till then."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from destinations.services import texting_out
from portal import codes
from portal.codes import Refused
from portal.entering import to_show_again
from portal.evidence import network
from portal.terms import CodeProblem
from portal.visits import Visit
from portal.wording import language
from preferences.addresses import in_full
from preferences.errors import Malformed
from preferences.identity import Named, named
from preferences.terms import IdentifierKind

ASKED = "portal.proving"


class Unreadable(Exception):
    """What was entered can't be sent a code; `problem` says why."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Asked:
    """A code that went to a new address. `old`: what it replaces; `for_order`: an order is to name it."""

    code: int
    old: UUID | None
    for_order: bool


def entered(text: str) -> Named:
    """The address that somebody typed, if a code can go there. Raises Unreadable."""
    try:
        found = named(IdentifierKind.EMAIL if "@" in text else IdentifierKind.PHONE, text)
    except Malformed:
        raise Unreadable("malformed") from None
    if found.kind == IdentifierKind.PHONE and not texting_out.can_send():
        raise Unreadable("no_texts")
    return found


def begin(
    request: HttpRequest, visit: Visit, new: Named, *, old: UUID | None = None, for_order: bool = False
) -> None:
    """Have a code sent there. Raises TooMany."""
    code = codes.ask_to_prove(
        profile_id=visit.profile_id,
        named=new,
        network=network(request),
        language=language(),
        now=timezone.now(),
    )
    request.session[ASKED] = {
        "code": code,
        "old": str(old) if old else "",
        "for_order": for_order,
        "whose": str(visit.profile_id),
    }


def asked(request: HttpRequest, visit: Visit) -> Asked | None:
    """What waits for a code on this person's page."""
    kept = request.session.get(ASKED)
    if not kept or kept["whose"] != str(visit.profile_id):
        return None
    return Asked(kept["code"], UUID(kept["old"]) if kept["old"] else None, kept["for_order"])


def typed(waiting: Asked) -> str:
    """The whole address, for whoever has just typed it: masked, no slip is seen. Empty: it is gone."""
    found = codes.typed(waiting.code)
    return in_full(found.kind, found.value) if found else ""


def given(request: HttpRequest, visit: Visit, problem: str) -> str:
    """What stands in the field where it is typed: what was refused, or whole for whoever comes to mend it."""
    if problem:
        return to_show_again(request.POST.get("address", ""))
    waiting = asked(request, visit) if request.method == "GET" and "change" in request.GET else None
    return typed(waiting) if waiting else ""


def again(request: HttpRequest, waiting: Asked) -> None:
    """A new code to the same address. Raises TooMany, Refused."""
    code = codes.ask_again(
        code_id=waiting.code, network=network(request), language=language(), now=timezone.now()
    )
    request.session[ASKED] = request.session[ASKED] | {"code": code}


def enter(request: HttpRequest, waiting: Asked, given: str, visit: Visit) -> UUID:
    """The address that is shown to be the person's. Raises Refused."""
    reached = codes.enter(code_id=waiting.code, given=given, now=timezone.now())
    drop(request)
    if visit.profile_id not in reached.people:
        raise Refused(CodeProblem.OVER)
    return reached.address_id


def drop(request: HttpRequest) -> None:
    """It is not wanted any more, or done."""
    request.session.pop(ASKED, None)
